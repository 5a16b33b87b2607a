/** Bytes as a person types or pastes them: hexadecimal digits, with blanks, commas, `0x` and `\x` between them; `null` when it is anything else. */
export function bytesOfHex(text: string): Uint8Array<ArrayBuffer> | null {
  const digits = text.replaceAll(/0x|\\x|[\s,]/gi, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return null;
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16));
}

/** Bytes as lines of sixteen, which `bytesOfHex` reads. */
export function hexOfBytes(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) lines.push(Array.from(bytes.subarray(at, at + 16), (byte) => byte.toString(16).padStart(2, '0')).join(' '));
  return lines.join('\n');
}
