import { floatText, TreeBuilder, type TreeKind } from '../../../../../shared/decode/tree.ts';
import { ByteReader, latin1 } from '../byte-reader.ts';
import type { Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';
import { isoOfMs } from './times.ts';

const year2000 = 946_684_800_000n;
const year2100 = 4_102_444_800_000n;
const units = [
  { name: 'seconds', ms: (value: bigint) => value * 1000n },
  { name: 'milliseconds', ms: (value: bigint) => value },
  { name: 'microseconds', ms: (value: bigint) => value / 1000n },
  { name: 'nanoseconds', ms: (value: bigint) => value / 1_000_000n },
] as const;

/** One line per way to read some bytes. */
function readings(lines: readonly (readonly [string, TreeKind, string])[], bytes: number) {
  const tree = new TreeBuilder();
  const root = tree.add('map', '', 0, bytes, 'readings');
  for (const [name, kind, text] of lines) {
    tree.attach(root, tree.add('text', name, -1, -1));
    tree.attach(root, tree.add(kind, text, 0, bytes));
  }
  return tree.tree();
}

function timeLines(value: bigint): { unit: string; iso: string }[] {
  return units.flatMap(({ name, ms }) => {
    const at = ms(value);
    return at >= year2000 && at < year2100 ? [{ unit: name, iso: isoOfMs(at) ?? '' }] : [];
  });
}

/** Decimal text, or 8 bytes in either order, that is a time between 2000 and 2100 in one of four units. */
export const timestamp: Codec = {
  id: 'timestamp',
  proof: 'open',
  mayBe: (bytes, facts) => bytes.length === 8 || (bytes.length >= 9 && bytes.length <= 20 && facts.text !== null && /^\d+$/.test(facts.text)),
  decode: (bytes) => {
    const text = latin1(bytes);
    const reader = new ByteReader(bytes);
    const candidates: [string, bigint][] = /^\d{9,20}$/.test(text) ? [['', BigInt(text)]] : [];
    if (candidates.length === 0 && bytes.length === 8) {
      candidates.push(['little-endian ', reader.u64(true)]);
      reader.at = 0;
      candidates.push(['big-endian ', reader.u64()]);
    }
    const found = candidates.flatMap(([order, value]) => timeLines(value).map(({ unit, iso }) => ({ order, value, unit, iso })));
    const [first] = found;
    if (first === undefined) throw new DecodeFault('it is no time between 2000 and 2100 in seconds, ms, µs or ns');
    const tree = readings(found.map(({ order, unit, iso }) => [`${order}${unit} since 1970`, 'text', iso] as const), bytes.length);
    return { confidence: first.order === '' ? 0.6 : 0.5, reason: `read as ${first.order}${first.unit} since 1970 it is ${first.iso}`, tree };
  },
};

const versions: ReadonlyMap<number, string> = new Map([
  [1, 'time and node'],
  [3, 'MD5 of a name'],
  [4, 'random'],
  [5, 'SHA-1 of a name'],
  [6, 'time, sortable'],
  [7, 'time of day, sortable'],
]);

export const uuid: Codec = {
  id: 'uuid',
  proof: 'open',
  mayBe: (bytes, facts) => bytes.length === 16 && !facts.readable,
  decode: (bytes, { forced }) => {
    if (bytes.length !== 16) throw new DecodeFault('a UUID is 16 bytes long');
    const hex = Buffer.from(bytes).toString('hex');
    const text = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    const version = (bytes[6] as number) >> 4;
    const words = versions.get(version);
    const known = words !== undefined && (bytes[8] as number) >> 6 === 2;
    if (!known && !forced) throw new DecodeFault('the version and variant are not those of a UUID', 6);
    const lines: [string, TreeKind, string][] = [['UUID', 'text', text]];
    if (known) lines.push(['version', 'text', `${version} (${words})`]);
    if (known && version === 7) lines.push(['made', 'text', isoOfMs(BigInt(`0x${hex.slice(0, 12)}`)) ?? '']);
    return { confidence: version === 4 || version === 7 ? 0.8 : 0.6, reason: `16 bytes with the variant and version ${version} of a UUID`, tree: readings(lines, 16) };
  },
};

/** Integers and floating point of either byte order: 1, 2, 4 and 8 bytes. */
export const numbers: Codec = {
  id: 'numbers',
  proof: 'open',
  mayBe: (bytes, facts) => [1, 2, 4, 8].includes(bytes.length) && !facts.readable,
  decode: (bytes) => {
    const lines: [string, TreeKind, string][] = [];
    const read = (name: string, kind: TreeKind, text: (reader: ByteReader) => unknown) => lines.push([name, kind, String(text(new ByteReader(bytes)))]);
    for (const little of [true, false]) {
      const order = bytes.length === 1 ? '' : little ? ' little-endian' : ' big-endian';
      const bits = bytes.length * 8;
      if (bytes.length === 1 && !little) break;
      if (bits === 8) {
        read('int8', 'int', (reader) => reader.i8());
        read('uint8', 'int', (reader) => reader.u8());
      } else if (bits === 16) {
        read(`int16${order}`, 'int', (reader) => reader.i16(little));
        read(`uint16${order}`, 'int', (reader) => reader.u16(little));
      } else if (bits === 32) {
        read(`int32${order}`, 'int', (reader) => reader.i32(little));
        read(`uint32${order}`, 'int', (reader) => reader.u32(little));
        read(`float32${order}`, 'float', (reader) => floatText(reader.f32(little)));
      } else if (bits === 64) {
        read(`int64${order}`, 'int', (reader) => reader.i64(little));
        read(`uint64${order}`, 'int', (reader) => reader.u64(little));
        read(`float64${order}`, 'float', (reader) => floatText(reader.f64(little)));
      } else throw new DecodeFault('numbers are 1, 2, 4 or 8 bytes long');
    }
    return { confidence: 0.3, reason: `${bytes.length} bytes can be a number in either byte order`, tree: readings(lines, bytes.length) };
  },
};
