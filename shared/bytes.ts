import * as v from 'valibot';

/**
 * Bytes as they cross the contract, losslessly: the text itself where the bytes are well-formed UTF-8,
 * otherwise `{ b64 }`. `Uint8Array` does not survive the transports. One byte string has exactly one wire form,
 * so two wire forms are equal exactly when the bytes are.
 */
export type WireBytes = string | { b64: string };

export const wireBytes = v.union([
  v.pipe(v.string(), v.check((text) => text.isWellFormed(), 'Text must be well-formed Unicode')),
  v.strictObject({ b64: v.pipe(v.string(), v.base64()) }),
]);

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Text of well-formed UTF-8 bytes, or `null`. */
export function utf8OrNull(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null;
  }
}

export function toWire(bytes: Uint8Array): WireBytes {
  return utf8OrNull(bytes) ?? { b64: base64FromBytes(bytes) };
}

export function fromWire(wire: WireBytes): Uint8Array {
  return typeof wire === 'string' ? encoder.encode(wire) : bytesFromBase64(wire.b64);
}

/** A stable identity for maps and React keys; text and binary never collide. */
export function wireKey(wire: WireBytes): string {
  return typeof wire === 'string' ? `t${wire}` : `b${wire.b64}`;
}

export function wireEquals(a: WireBytes, b: WireBytes): boolean {
  return wireKey(a) === wireKey(b);
}

export function base64FromBytes(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(binary);
}

export function bytesFromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Bytewise order, the order Redis itself uses for names. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i += 1) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
