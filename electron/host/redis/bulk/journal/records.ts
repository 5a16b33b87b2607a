import * as v from 'valibot';
import { wireBytes } from '../../../../../shared/bytes.ts';
import { keyFilter } from '../../../../../shared/contract/key-filter.ts';
import { ttlAction } from '../../../../../shared/contract/ttl-action.ts';
import { ByteReader, ByteWriter } from './byte-writer.ts';

/** Grows when records of an earlier version can no longer be read as they are. */
export const journalVersion = 1;

/** What a run is about; the first record of its journal. */
export const runHeader = v.object({
  version: v.literal(journalVersion),
  runId: v.string(),
  kind: v.picklist(['ttl', 'field-ttl']),
  unit: v.picklist(['keys', 'fields']),
  title: v.string(),
  workspaceId: v.string(),
  workspaceName: v.string(),
  db: v.number(),
  /** The hash whose fields are changed. */
  hash: v.nullable(wireBytes),
  action: ttlAction,
  /** Of the jitter. */
  seed: v.number(),
  /** What must still hold of a key before it is changed. */
  filter: v.nullable(keyFilter),
  exclude: v.array(keyFilter),
  total: v.number(),
  startedAt: v.number(),
  /** `run_id` of each server at the start; empty when it may not be asked. */
  servers: v.array(v.object({ node: v.string(), runId: v.string() })),
});
export type RunHeader = v.InferOutput<typeof runHeader>;

/** One change that is about to be made. */
export interface Intent {
  name: Buffer;
  /** Unix ms before, -1 = none. */
  earlier: number;
  /** Unix ms after, -1 = none. */
  target: number;
}

/** What became of an intent. `unknown`: the connection broke before the answer. */
export const outcomes = ['changed', 'not-changed', 'failed', 'unknown'] as const;
export type IntentOutcome = (typeof outcomes)[number];

export type JournalRecord =
  | { kind: 'header'; header: RunHeader }
  /** On disk before the change is sent. */
  | { kind: 'intents'; page: number; attempt: number; intents: Intent[] }
  /** In the order of the intents of the same page and attempt. */
  | { kind: 'outcomes'; page: number; attempt: number; outcomes: IntentOutcome[] }
  /** Nothing of this page is left to do. `tally`: JSON of its counts. */
  | { kind: 'page-done'; page: number; tally: string }
  /** Of a later version of this program, or of another kind of run: kept, not understood. */
  | { kind: 'other'; tag: number };

const tags = { header: 1, intents: 2, outcomes: 3, 'page-done': 4 } as const;

export function encodeRecord(record: Exclude<JournalRecord, { kind: 'other' }>): Buffer {
  const writer = new ByteWriter().u8(tags[record.kind]);
  switch (record.kind) {
    case 'header':
      return writer.bytes(Buffer.from(JSON.stringify(record.header))).done();
    case 'intents':
      writer.u32(record.page).u32(record.attempt).u32(record.intents.length);
      for (const { name, earlier, target } of record.intents) writer.bytes(name).whole(earlier).whole(target);
      return writer.done();
    case 'outcomes':
      writer.u32(record.page).u32(record.attempt);
      return writer.bytes(Uint8Array.from(record.outcomes, (outcome) => outcomes.indexOf(outcome))).done();
    case 'page-done':
      return writer.u32(record.page).bytes(Buffer.from(record.tally)).done();
  }
}

/** Throws for a payload that its checksum vouches for and that yet makes no sense. */
export function decodeRecord(payload: Buffer): JournalRecord {
  const reader = new ByteReader(payload);
  const tag = reader.u8();
  switch (tag) {
    case tags.header:
      return { kind: 'header', header: v.parse(runHeader, JSON.parse(reader.bytes().toString('utf8'))) };
    case tags.intents: {
      const [page, attempt, count] = [reader.u32(), reader.u32(), reader.u32()];
      const intents = Array.from({ length: count }, () => ({ name: reader.bytes(), earlier: reader.whole(), target: reader.whole() }));
      return { kind: 'intents', page, attempt, intents };
    }
    case tags.outcomes: {
      const [page, attempt] = [reader.u32(), reader.u32()];
      return { kind: 'outcomes', page, attempt, outcomes: Array.from(reader.bytes(), (code) => outcomes[code] ?? 'unknown') };
    }
    case tags['page-done']:
      return { kind: 'page-done', page: reader.u32(), tally: reader.bytes().toString('utf8') };
    default:
      return { kind: 'other', tag };
  }
}
