import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import { neverExpires, notTold, PageFacts } from './page-facts.ts';

/** How to ask for the number of elements, by type. Types of modules have no common one. */
export const lengthCommands: ReadonlyMap<string, string> = new Map([
  ['string', 'STRLEN'],
  ['list', 'LLEN'],
  ['set', 'SCARD'],
  ['zset', 'ZCARD'],
  ['hash', 'HLEN'],
  ['stream', 'XLEN'],
]);

/** Server time of SCAN and of each read in a script, for 1,000 keys, and what a page may take; about, ms. */
const scanCost = 0.6;
const costs: Record<KeyFactField, number> = { type: 1.2, ttl: 0.8, bytes: 0.8, elements: 1.2, recency: 0.8, encoding: 0.8 };
const pageCost = 1.6;

/** Keys to a page of a script, so that others wait no longer for it than for a page of names alone, or not much. */
export function scriptPageSize(fields: ReadonlySet<KeyFactField>): number {
  let cost = scanCost;
  for (const field of fields) cost += costs[field];
  return Math.min(1000, Math.round((1000 * pageCost) / cost));
}

/**
 * A page of SCAN with facts, as one read-only script: `EVAL_RO script 0 cursor count [type]`. The reply has the shape of
 * SCAN's; what comes first among the names are the facts, packed, then the keys that are there. A fact that the user may
 * not read is left out, the page goes on. Elements are counted last: where the server cannot be told otherwise (no CLIENT
 * NO-TOUCH) that resets the idle time that was read before.
 */
export function factScript(fields: ReadonlySet<KeyFactField>, recency: 'idle' | 'frequency'): string {
  const has = (field: KeyFactField) => fields.has(field);
  const lengths = [...lengthCommands].map(([type, command]) => `${type}='${command}'`).join(',');
  const format: string[] = [];
  const values: string[] = [];
  const body: string[] = [];
  const read = (code: string, packed: string, value: string) => {
    body.push(code);
    format.push(packed);
    values.push(value);
  };
  if (has('type') || has('elements')) {
    body.push(`local t = call('TYPE', key)`, `local name = t.ok`, `if not name then name = false elseif name == 'none' then gone = true end`);
    format.push('B');
    values.push('codes[name] or code(name)');
  }
  if (has('ttl')) {
    read(
      `local e = call('PEXPIRETIME', key)
if e == -1 then e = ${neverExpires} elseif e == -2 then gone = true elseif type(e) ~= 'number' then e = ${notTold} end`,
      'd',
      'e',
    );
  }
  if (has('encoding')) read(`local enc = call('OBJECT', 'ENCODING', key)\nif type(enc) ~= 'string' then enc = false end`, 'B', 'codes[enc] or code(enc)');
  if (has('recency')) read(`local r = number(call('OBJECT', '${recency === 'idle' ? 'IDLETIME' : 'FREQ'}', key))`, 'd', 'r');
  if (has('bytes')) read(`local b = call('MEMORY', 'USAGE', key)\nif b == false then gone = true end\nb = number(b)`, 'd', 'b');
  if (has('elements')) read(`local n = ${notTold}\nif lengths[name] then n = number(call(lengths[name], key)) end`, 'd', 'n');
  return `#!lua flags=no-writes
local call, pack = redis.pcall, struct.pack
local page
if ARGV[3] then page = redis.call('SCAN', ARGV[1], 'COUNT', ARGV[2], 'TYPE', ARGV[3]) else page = redis.call('SCAN', ARGV[1], 'COUNT', ARGV[2]) end
local lengths = {${lengths}}
local names, facts, words, codes = {''}, {''}, {}, {}
local function code(word)
  if not word then return 0 end
  local known = codes[word]
  if known then return known end
  if #words == 255 then return 0 end
  words[#words + 1] = word
  codes[word] = #words
  return #words
end
local function number(value)
  if type(value) == 'number' then return value end
  return ${notTold}
end
local kept = 1
local keys = page[2]
for i = 1, #keys do
  local key = keys[i]
  local gone = false
  ${body.join('\n  ')}
  if not gone then
    kept = kept + 1
    names[kept] = key
    facts[kept] = pack('<${format.join('')}'${values.map((value) => `, ${value}`).join('')})
  end
end
local head = {pack('B', #words)}
for _, word in ipairs(words) do head[#head + 1] = pack('B', #word) .. word end
facts[1] = table.concat(head)
names[1] = table.concat(facts)
return {page[1], names}`;
}

/** Reads what the script has packed. `names` of the page follow in the order of the records. */
export function readPacked(packed: Uint8Array, fields: ReadonlySet<KeyFactField>): PageFacts {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const words: string[] = [];
  let at = 1;
  for (let left = view.getUint8(0); left > 0; left -= 1) {
    const length = view.getUint8(at);
    words.push(Buffer.from(packed.subarray(at + 1, at + 1 + length)).toString('utf8'));
    at += 1 + length;
  }
  const has = (field: KeyFactField) => fields.has(field);
  const [type, ttl, encoding, recency, bytes, elements] = [has('type') || has('elements'), has('ttl'), has('encoding'), has('recency'), has('bytes'), has('elements')];
  const size = Number(type) + Number(encoding) + 8 * (Number(ttl) + Number(recency) + Number(bytes) + Number(elements));
  const facts = new PageFacts(size === 0 ? 0 : Math.floor((packed.length - at) / size), words);
  for (let i = 0; i < facts.count; i += 1) {
    if (type) {
      facts.type[i] = view.getUint8(at);
      at += 1;
    }
    const float = (): number => {
      at += 8;
      return view.getFloat64(at - 8, true);
    };
    if (ttl) facts.expires[i] = float();
    if (encoding) {
      facts.encoding[i] = view.getUint8(at);
      at += 1;
    }
    if (recency) facts.recency[i] = float();
    if (bytes) facts.bytes[i] = float();
    if (elements) facts.elements[i] = float();
  }
  return facts;
}
