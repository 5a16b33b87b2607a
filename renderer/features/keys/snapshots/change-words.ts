import { formatBytes, formatExact } from '../../../lib/format.ts';

function signed(value: number, text: string): string {
  return value === 0 ? `±${text}` : value > 0 ? `+${text}` : `−${text}`;
}

/** `+1,234 keys`, `−1 key`, `±0 keys`. */
export function keysChange(keys: number): string {
  return `${signed(keys, formatExact(Math.abs(keys)))}\u00a0${Math.abs(keys) === 1 ? 'key' : 'keys'}`;
}

/** `+1.5 MiB`, `−12 B`. */
export function bytesChange(bytes: number): string {
  return signed(Math.round(bytes), formatBytes(Math.abs(bytes)));
}
