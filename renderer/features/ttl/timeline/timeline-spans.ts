const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export interface Span {
  id: string;
  label: string;
  lengthMs: number;
  bars: number;
  /** A bar in words. */
  barWords: string;
}

const hourSpan: Span = { id: 'hour', label: 'Hour', lengthMs: hour, bars: 60, barWords: 'each minute' };

/** What expires in the next …, and in how many bars. */
export const spans: readonly Span[] = [
  { id: 'minute', label: 'Minute', lengthMs: minute, bars: 60, barWords: 'each second' },
  hourSpan,
  { id: 'day', label: 'Day', lengthMs: day, bars: 96, barWords: 'each quarter of an hour' },
  { id: 'week', label: 'Week', lengthMs: 7 * day, bars: 84, barWords: 'each two hours' },
  { id: 'month', label: '30 days', lengthMs: 30 * day, bars: 60, barWords: 'each half day' },
];

export function spanOf(id: string): Span {
  return spans.find((span) => span.id === id) ?? hourSpan;
}

/** Bars of a zoomed stretch: as many as make sense, none shorter than this. */
export const leastBarMs = 100;
export const zoomedBars = 60;

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** A moment as short as its bars allow: seconds below a minute, days above a day. */
export function momentLabel(at: number, lengthMs: number, barMs: number): string {
  const date = new Date(at);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (barMs < second) return `${clock}:${two(date.getSeconds())}.${Math.floor(date.getMilliseconds() / 100)}`;
  if (barMs < minute) return `${clock}:${two(date.getSeconds())}`;
  if (lengthMs <= day) return clock;
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}
