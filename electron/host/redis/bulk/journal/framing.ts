import { crc32 } from 'node:zlib';

/**
 * Records in a file that only grows: length and checksum (unsigned 32 bits each, little-endian), then the payload. A reader
 * stops at the first record that is cut or altered; all before it is whole.
 */
const headBytes = 8;
/** Longer ones are not written, so a length beyond it is damage and no reason to allocate. */
export const maxPayloadBytes = 64 * 1024 * 1024;

/** Framed bytes of a payload, ready to append. */
export function frame(payload: Buffer): Buffer {
  if (payload.length > maxPayloadBytes) throw new RangeError('The record is too long');
  const framed = Buffer.allocUnsafe(headBytes + payload.length);
  framed.writeUInt32LE(payload.length, 0);
  framed.writeUInt32LE(crc32(payload), 4);
  payload.copy(framed, headBytes);
  return framed;
}

/** Takes a file's bytes in pieces of any size and gives whole records. */
export class Unframer {
  #rest: Buffer = Buffer.alloc(0);
  #damaged = false;
  readonly #onAltered: ((payload: Buffer, at: number) => void) | null;
  /** Bytes of the records given so far: where the readable part of the file ends. */
  wholeBytes = 0;

  /** With `onAltered` a record whose checksum is wrong is told and passed over, as long as its length leads to the next one. */
  constructor(onAltered: ((payload: Buffer, at: number) => void) | null = null) {
    this.#onAltered = onAltered;
  }

  /** Whether bytes stand after the last whole record. */
  get cut(): boolean {
    return this.#damaged || this.#rest.length > 0;
  }

  /** Whether the bytes that follow can be of use. */
  get readable(): boolean {
    return !this.#damaged;
  }

  *push(piece: Buffer): Generator<Buffer, void, void> {
    if (this.#damaged) return;
    let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    this.#rest = bytes;
    while (bytes.length >= headBytes) {
      const length = bytes.readUInt32LE(0);
      if (length > maxPayloadBytes) {
        this.#damaged = true;
        return;
      }
      if (bytes.length < headBytes + length) break;
      const payload = bytes.subarray(headBytes, headBytes + length);
      const whole = crc32(payload) === bytes.readUInt32LE(4);
      if (!whole && this.#onAltered === null) {
        this.#damaged = true;
        return;
      }
      bytes = bytes.subarray(headBytes + length);
      this.#rest = bytes;
      const at = this.wholeBytes;
      this.wholeBytes += headBytes + length;
      if (whole) yield payload;
      else this.#onAltered?.(payload, at);
    }
  }
}
