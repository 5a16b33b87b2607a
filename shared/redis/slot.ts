/** Slots of a Redis Cluster (cluster specification, "Key distribution model"). */
export const slotCount = 16_384;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x8000 ? (value << 1) ^ 0x1021 : value << 1;
  return value & 0xffff;
});

/** CRC-16/XMODEM, polynomial 0x1021, initial value 0, as appendix A of the cluster specification defines it. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) ^ (table[(crc >> 8) ^ byte] as number)) & 0xffff;
  return crc;
}

const open = 0x7b;
const close = 0x7d;

/** Slot of a key, 0 to 16383. Only the first `{…}` counts, and only when something stands in it ("Hash tags"). */
export function keySlot(name: Uint8Array): number {
  const from = name.indexOf(open);
  const to = from === -1 ? -1 : name.indexOf(close, from + 1);
  const hashed = to > from + 1 ? name.subarray(from + 1, to) : name;
  return crc16(hashed) % slotCount;
}
