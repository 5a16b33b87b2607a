/** IEEE 754-2008 decimal128 in its binary integer form, little-endian as BSON stores it, as the BSON specification writes it. */
export function decimal128(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const low = view.getBigUint64(0, true);
  const high = view.getBigUint64(8, true);
  const sign = high >> 63n === 1n ? '-' : '';
  const top = Number((high >> 58n) & 31n);
  if (top === 31) return 'NaN';
  if (top === 30) return `${sign}Infinity`;
  // the large form can only hold what is beyond 34 digits, which counts as zero
  const large = top >> 3 === 3;
  const exponent = Number(large ? (high >> 47n) & 0x3fffn : (high >> 49n) & 0x3fffn) - 6176;
  const coefficient = large ? 0n : ((high & 0x1_ffff_ffff_ffffn) << 64n) | low;
  const digits = String(coefficient > 10n ** 34n - 1n ? 0n : coefficient);
  const scientific = exponent + digits.length - 1;
  if (exponent > 0 || scientific < -6) {
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return `${sign}${mantissa}E${scientific >= 0 ? '+' : ''}${scientific}`;
  }
  if (exponent === 0) return sign + digits;
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}
