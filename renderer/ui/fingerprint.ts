/** A fingerprint in pairs of hexadecimal digits, as other tools print it. */
export function fingerprint(sha256: string): string {
  return sha256
    .toUpperCase()
    .replace(/[^0-9A-F]/g, '')
    .replace(/(..)(?=.)/g, '$1:');
}
