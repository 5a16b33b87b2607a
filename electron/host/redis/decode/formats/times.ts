/** ISO 8601 in UTC with up to nanoseconds, or `null` outside of the years that JavaScript can name. */
export function isoTime(seconds: bigint, nanos = 0): string | null {
  const ms = Number(seconds) * 1000;
  if (Math.abs(ms) > 8.64e15) return null;
  const [whole] = new Date(ms).toISOString().split('.') as [string];
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0{3}(?:0{3})?$/, '')}`;
  return `${whole}${fraction}Z`;
}

export function isoOfMs(ms: bigint): string | null {
  const part = ((ms % 1000n) + 1000n) % 1000n;
  return isoTime((ms - part) / 1000n, Number(part) * 1_000_000);
}
