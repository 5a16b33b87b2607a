import { fromWire, type WireBytes } from '../../../../../shared/bytes.ts';
import type { HostClient } from '../../../../../shared/contract/contract.ts';

/** The contract's largest window, bytes. */
const largestWindow = 262_144;

/** A whole string of `total` bytes, window by window. Should it change on the way, the save finds that it is not what was read. */
export async function readWhole(client: HostClient, where: { workspaceId: string; db: number; name: WireBytes }, total: number): Promise<Uint8Array> {
  const value = new Uint8Array(total);
  let length = 0;
  while (length < total) {
    const part = await client.values.page({ ...where, type: 'string', count: 1, from: length, bytes: largestWindow });
    const chunk = part.type === 'string' ? fromWire(part.chunk).subarray(0, total - length) : new Uint8Array();
    if (chunk.length === 0) break;
    value.set(chunk, length);
    length += chunk.length;
  }
  return value.subarray(0, length);
}
