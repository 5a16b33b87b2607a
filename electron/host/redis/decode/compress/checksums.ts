import xxhash, { type XXHashAPI } from 'xxhash-wasm';
import { DecodeFault } from '../fault.ts';

let loading: Promise<XXHashAPI> | null = null;

/** XXH32 and XXH64, which the frames of LZ4 and zstd carry. */
export function xxHashes(): Promise<XXHashAPI> {
  loading ??= xxhash();
  return loading;
}

/** CRC-32C (Castagnoli), reflected. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  return crc;
});

/** CRC-32C in the masked form of the Snappy framing format. */
export function maskedCrc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] as number);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0;
}

/** A checksum that is not the one of what it stands for: the layer is corrupt. `at` is its place. */
export function expectChecksum(stored: number, found: number, what: string, at: number): void {
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  if (stored !== found) throw new DecodeFault(`the checksum of ${what} is wrong: ${hex(stored)} is stored, ${hex(found)} is right`, at);
}
