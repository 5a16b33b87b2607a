/** The time in an id that the server made, Unix ms; `null` for ids of the writer's own making. */
export function timeOfId(id: string): number | null {
  const ms = Number(id.split('-')[0]);
  return ms > 946_684_800_000 && ms < 4_102_444_800_000 ? ms : null;
}

/** An id to begin at, from an id as it stands or a local date and time; `null` when it is neither. */
export function parseStart(text: string): string | null {
  const plain = text.trim();
  if (/^\d{1,20}(-\d{1,20})?$/.test(plain) && !/^\d{4}-\d{2}$/.test(plain)) return plain;
  if (!/^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?$/.test(plain)) return null;
  // A date alone would be taken for UTC.
  const at = Date.parse(plain.length === 10 ? `${plain}T00:00:00` : plain.replace(' ', 'T'));
  return Number.isNaN(at) || at < 0 ? null : String(at);
}

/** A length of time as people write it, in ms: `90`, `90 s`, `5 min`, `2 h`, `500 ms`. `null` when it is none. */
export function parseIdle(text: string): number | null {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)?$/.exec(text.trim().toLowerCase()) ?? [];
  if (number === undefined) return null;
  const factor = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }[unit] ?? 1000;
  return Math.round(Number(number) * factor);
}
