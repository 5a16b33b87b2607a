import { fromWire, toWire, type WireBytes } from '../../../shared/bytes.ts';
import { redisCliCommand } from '../../../shared/redis/cli-quote.ts';
import { escapeGlob } from '../../../shared/redis/glob.ts';

const encoder = new TextEncoder();

/** What follows the name in the command that reads a value of this type; before it the command's own name. */
const readers: ReadonlyMap<string, readonly [string, ...string[]]> = new Map([
  ['string', ['GET']],
  ['hash', ['HGETALL']],
  ['list', ['LRANGE', '0', '-1']],
  ['set', ['SMEMBERS']],
  ['zset', ['ZRANGE', '0', '-1', 'WITHSCORES']],
  ['stream', ['XRANGE', '-', '+', 'COUNT', '100']],
  ['ReJSON-RL', ['JSON.GET']],
  ['TSDB-TYPE', ['TS.INFO']],
]);

/** The line for redis-cli's prompt that reads a key; for types that this app does not know, the one that names the type. */
export function readCommand(name: WireBytes, type: string): string {
  const [command, ...rest] = readers.get(type) ?? ['TYPE'];
  return redisCliCommand([encoder.encode(command), fromWire(name), ...rest.map((part) => encoder.encode(part))]);
}

/** Pattern that matches everything below a folder and nothing else: glob characters of the prefix are escaped. */
export function prefixPattern(prefix: WireBytes): WireBytes {
  return toWire(Uint8Array.from([...escapeGlob(fromWire(prefix)), 0x2a]));
}

/** `SCAN 0 MATCH … COUNT 1000` for redis-cli's prompt. */
export function scanCommand(prefix: WireBytes): string {
  return redisCliCommand([encoder.encode('SCAN'), encoder.encode('0'), encoder.encode('MATCH'), fromWire(prefixPattern(prefix)), encoder.encode('COUNT'), encoder.encode('1000')]);
}
