/**
 * Part of a hash table that SCAN, HSCAN, SSCAN or ZSCAN has walked when it gives this cursor, 0 to 1. The cursor counts
 * buckets in reversed binary (dict.c, hashtable.c of Valkey), so its lowest bit is worth a half, whatever the size of
 * the table. `0` ends a scan and gives 1.
 */
export function scanShare(cursor: string): number {
  let bits = BigInt(cursor);
  if (bits === 0n) return 1;
  let share = 0;
  for (let worth = 0.5; bits > 0n; worth /= 2) {
    if ((bits & 1n) === 1n) share += worth;
    bits >>= 1n;
  }
  return share;
}
