import { fromWire, toWire, wireKey, type WireBytes } from '../../../../../shared/bytes.ts';
import { codecIds, type CodecId } from '../../../../../shared/decode/codecs.ts';
import { Delimiters, splitKeyName } from '../../../../../shared/redis/key-name.ts';

/** A part of a name that has to be exactly this, or any one part (`null`). */
type Part = WireBytes | null;

/** Names of keys: their folders part by part, then any name below, or a last part. */
export interface NamePattern {
  readonly parts: readonly Part[];
  /** Any further parts may follow. */
  readonly rest: boolean;
}

/** How values under such names are read, when nothing else is chosen. */
export interface NameRule {
  readonly pattern: NamePattern;
  readonly type: string;
  /** Empty: the bytes as they are. */
  readonly layers: readonly CodecId[];
  readonly proto: { readonly id: string; readonly message: string } | null;
}

const idLike = /^(?:\d+|[0-9a-f]{8,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-HJKMNP-TV-Z]{26})$/i;

function partsOf(name: WireBytes, delimiters: readonly string[]): WireBytes[] {
  const bytes = fromWire(name);
  return splitKeyName(bytes, new Delimiters(delimiters)).map(({ from, to }) => toWire(bytes.subarray(from, to)));
}

function isId(part: WireBytes): boolean {
  return typeof part === 'string' ? idLike.test(part) : true;
}

/** Patterns to offer for a name, the narrowest first: ids in it become any part, then whole folders from the inside out. */
export function patternsFor(name: WireBytes, delimiters: readonly string[]): NamePattern[] {
  const parts = partsOf(name, delimiters);
  const template = parts.map((part) => (isId(part) ? null : part));
  const patterns: NamePattern[] = [];
  if (template.some((part) => part === null) && template.some((part) => part !== null)) patterns.push({ parts: template, rest: false });
  for (let length = parts.length - 1; length > 0; length -= 1) {
    const folder = template.slice(0, length);
    if (folder.at(-1) !== null) patterns.push({ parts: folder, rest: true });
  }
  const seen = new Set<string>();
  return patterns.filter((pattern) => {
    const key = patternLabel(pattern, delimiters[0] ?? ':');
    return !seen.has(key) && seen.add(key);
  });
}

/** `user:*` and `user:*:profile`; names that are no text as their Base64. */
export function patternLabel({ parts, rest }: NamePattern, delimiter: string): string {
  const words = parts.map((part) => (part === null ? '*' : typeof part === 'string' ? part : `{${part.b64}}`));
  return [...words, ...(rest ? ['*'] : [])].join(delimiter);
}

function matches({ parts, rest }: NamePattern, name: readonly WireBytes[]): boolean {
  if (rest ? name.length <= parts.length : name.length !== parts.length) return false;
  return parts.every((part, at) => part === null || wireKey(part) === wireKey(name[at] as WireBytes));
}

function samePattern(a: NamePattern, b: NamePattern): boolean {
  const key = ({ parts, rest }: NamePattern) => JSON.stringify([parts, rest]);
  return key(a) === key(b);
}

/** The narrowest rule for a name: most fixed parts first, then the one without a rest. */
export function ruleFor(rules: readonly NameRule[], name: WireBytes, type: string, delimiters: readonly string[]): NameRule | null {
  const parts = partsOf(name, delimiters);
  const weight = ({ pattern }: NameRule) => pattern.parts.length * 4 + pattern.parts.filter((part) => part !== null).length * 2 + (pattern.rest ? 0 : 1);
  const fitting = rules.filter((rule) => rule.type === type && matches(rule.pattern, parts));
  return fitting.toSorted((a, b) => weight(b) - weight(a))[0] ?? null;
}

/** The rules with this one in the place of an earlier one for the same names. */
export function withRule(rules: readonly NameRule[], rule: NameRule): NameRule[] {
  return [...withoutRule(rules, rule), rule].slice(-500);
}

export function withoutRule(rules: readonly NameRule[], { pattern, type }: Pick<NameRule, 'pattern' | 'type'>): NameRule[] {
  return rules.filter((each) => each.type !== type || !samePattern(each.pattern, pattern));
}

const known: ReadonlySet<unknown> = new Set(codecIds);

function isWire(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && typeof (value as { b64?: unknown }).b64 === 'string');
}

/** Whether a stored value is a list of rules that this version understands. */
export function areRules(value: unknown): value is NameRule[] {
  if (!Array.isArray(value)) return false;
  return value.every((one: unknown) => {
    if (typeof one !== 'object' || one === null) return false;
    const { pattern, type, layers, proto } = one as Record<string, unknown>;
    if (typeof type !== 'string' || !Array.isArray(layers) || !layers.every((layer) => known.has(layer))) return false;
    if (typeof pattern !== 'object' || pattern === null) return false;
    const { parts, rest } = pattern as Record<string, unknown>;
    if (typeof rest !== 'boolean' || !Array.isArray(parts) || !parts.every((part) => part === null || isWire(part))) return false;
    return proto === null || (typeof proto === 'object' && proto !== null && typeof (proto as { id?: unknown }).id === 'string' && typeof (proto as { message?: unknown }).message === 'string');
  });
}
