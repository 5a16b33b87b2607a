import { createHash } from 'node:crypto';

/** What stands in `prev` of the very first entry. */
export const genesis = '0'.repeat(64);

/** An entry's number, from 1 on, and its hash: what the next one must follow. */
export interface ChainPlace {
  seq: number;
  hash: string;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const ending = /,"hash":"([0-9a-f]{64})"\}$/;
const endingBytes = ',"hash":""}'.length + 64;

/**
 * An entry as a line of the journal, its newline included: JSON with its number, the hash of the entry before, and last its own
 * hash, which is the SHA-256 of the line's bytes without it.
 */
export function sealed(entry: object, before: ChainPlace | null): { line: string; place: ChainPlace } {
  const seq = (before?.seq ?? 0) + 1;
  const body = JSON.stringify({ seq, prev: before?.hash ?? genesis, ...entry });
  const hash = sha256(body);
  return { line: `${body.slice(0, -1)},"hash":"${hash}"}\n`, place: { seq, hash } };
}

/** `plain`: an entry of a time before the chain. `fits`: its hash is that of its bytes. */
export type JournalLine =
  | { kind: 'chained'; seq: number; prev: string; hash: string; fits: boolean; entry: Record<string, unknown> }
  | { kind: 'plain'; entry: Record<string, unknown> }
  | { kind: 'unreadable' };

function parsed(text: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : null;
  } catch {
    // a cut or altered line: the caller says so
    return null;
  }
}

/** Reads the bytes of one line, without its newline. */
export function readLine(bytes: Buffer): JournalLine {
  const own = ending.exec(bytes.toString('latin1', Math.max(0, bytes.length - endingBytes)));
  const entry = parsed(bytes.toString('utf8'));
  if (entry === null) return { kind: 'unreadable' };
  const { seq, prev, hash } = entry;
  if (seq === undefined && prev === undefined && hash === undefined) return { kind: 'plain', entry };
  if (own === null || typeof seq !== 'number' || !Number.isSafeInteger(seq) || typeof prev !== 'string' || hash !== own[1]) return { kind: 'unreadable' };
  const body = Buffer.concat([bytes.subarray(0, bytes.length - endingBytes), Buffer.from('}')]);
  return { kind: 'chained', seq, prev, hash: own[1] as string, fits: sha256(body) === own[1], entry };
}
