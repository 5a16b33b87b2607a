import { toWire, type WireBytes } from '../../../../../shared/bytes.ts';

/** Above this only the SHA-1 of what was read crosses to the host, bytes. */
const wholeUpTo = 64 * 1024;

/** What was read, for the host to compare with what is there. */
export async function expectedString(bytes: Uint8Array<ArrayBuffer>): Promise<{ bytes: WireBytes } | { sha1: string; length: number }> {
  if (bytes.length <= wholeUpTo) return { bytes: toWire(bytes) };
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', bytes));
  return { sha1: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''), length: bytes.length };
}
