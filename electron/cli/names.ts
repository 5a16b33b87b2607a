import { base64FromBytes, fromWire, type WireBytes } from '../../shared/bytes.ts';
import { nameLine, redisCliQuoted } from '../../shared/redis/cli-quote.ts';

/** A name in a JSON document: the text itself; bytes that are no UTF-8 as redis-cli quotes them (`"\xff"`). */
export function nameText(name: WireBytes): string {
  return typeof name === 'string' ? name : redisCliQuoted(fromWire(name));
}

/** The exact bytes, whatever they are. */
export function nameBase64(name: WireBytes): string {
  return typeof name === 'string' ? base64FromBytes(fromWire(name)) : name.b64;
}

/** A name and, only where its text is not the name itself, its bytes: `{ prefix, prefixBase64? }`. */
export function namedField<K extends string>(key: K, name: WireBytes): Record<string, string> {
  return { [key]: nameText(name), ...(typeof name === 'string' ? {} : { [`${key}Base64`]: name.b64 }) };
}

/** A name as one line for a person. */
export function shownName(name: WireBytes): string {
  return nameLine(fromWire(name));
}
