import { LookasideError } from '../../../../../shared/contract/errors.ts';
import type { JsonChild, jsonKinds } from '../../../../../shared/contract/values-special.ts';
import type { Cut } from '../../../../../shared/contract/value-base.ts';
import type { Command, RedisReply } from '../../session.ts';
import { cutAt } from '../cut-bytes.ts';
import { readTyped, type KeyAt } from '../key-read.ts';
import { bytesOf, listOf, numberOrNull, replyOf, replyOrNull, textOf, type Outcome } from '../replies.ts';

type JsonKind = (typeof jsonKinds)[number];

const type = 'ReJSON-RL';
/** OBJKEYS gives all names at once. */
const maxMembers = 10_000;
/** Strings up to here come with their text; longer ones are asked for by their own path. */
const shortText = 2048;
const maxText = 1024 * 1024;

export interface JsonNodeRequest {
  path: string;
  from: number;
  count: number;
}

/** A reply to a path that begins with `$` is a list with one entry per match. */
function only(reply: RedisReply | undefined): RedisReply {
  return Array.isArray(reply) ? (reply[0] ?? null) : (reply ?? null);
}

function kindOf(outcome: Outcome | undefined): JsonKind | null {
  const reply = only(replyOf(outcome));
  return reply === null ? null : (textOf(reply) as JsonKind);
}

/** JSONPath of a member, in brackets so that any name is only a name. */
function memberPath(path: string, name: string): string {
  return `${path}[${JSON.stringify(name)}]`;
}

const lengthCommands: ReadonlyMap<JsonKind, string> = new Map([
  ['object', 'JSON.OBJLEN'],
  ['array', 'JSON.ARRLEN'],
  ['string', 'JSON.STRLEN'],
]);

/** JSON.GET with a `$` path gives an array of the one match; its brackets are not part of the value. */
function textOfGet(outcome: Outcome | undefined): Cut | null {
  const reply = replyOrNull(outcome);
  if (reply === null) return null;
  const bytes = bytesOf(reply);
  const inner = bytes[0] === 0x5b && bytes.at(-1) === 0x5d ? bytes.subarray(1, -1) : bytes;
  return cutAt(inner, maxText);
}

async function lengthAt(key: KeyAt, path: string, kind: JsonKind): Promise<number | null> {
  const command = lengthCommands.get(kind);
  if (command === undefined) return null;
  const [outcome] = await readTyped(key, type, [[command, key.name, path]]);
  return numberOrNull(only(replyOf(outcome)));
}

async function children(key: KeyAt, parts: readonly { name: string | null; index: number; path: string }[]): Promise<JsonChild[]> {
  if (parts.length === 0) return [];
  const kinds = (await readTyped(key, type, parts.map(({ path }): Command => ['JSON.TYPE', key.name, path]))).map((outcome) => kindOf(outcome));
  const sized = parts.map(({ path }, at) => ({ path, at, command: lengthCommands.get(kinds[at] ?? 'null') })).filter(({ command }) => command !== undefined);
  const sizes = sized.length === 0 ? [] : await readTyped(key, type, sized.map(({ command, path }): Command => [command as string, key.name, path]));
  const lengths = new Map(sized.map(({ at }, index) => [at, numberOrNull(only(replyOrNull(sizes[index])))]));
  const isScalar = (at: number) => {
    const kind = kinds[at];
    return kind !== 'object' && kind !== 'array' && (kind !== 'string' || (lengths.get(at) ?? 0) <= shortText);
  };
  const short = parts.map((part, at) => ({ ...part, at })).filter(({ at }) => kinds[at] !== null && isScalar(at));
  const texts = short.length === 0 ? [] : await readTyped(key, type, short.map(({ path }): Command => ['JSON.GET', key.name, path]));
  const textAt = new Map(short.map(({ at }, index) => [at, textOfGet(texts[index])]));
  return parts.flatMap((part, at) => {
    const kind = kinds[at];
    // Removed since its parent was read.
    return kind === null || kind === undefined ? [] : [{ ...part, kind, length: lengths.get(at) ?? null, text: textAt.get(at) ?? null }];
  });
}

/**
 * One node of a RedisJSON document with a page of its children. Written against the documented commands of RedisJSON 2
 * (paths beginning with `$`).
 * @throws NOT_FOUND when the path matches nothing, LIMIT_EXCEEDED for an object of too many members, KEY_GONE, REDIS_WRONG_TYPE
 */
export async function jsonNode(key: KeyAt, { path, from, count }: JsonNodeRequest) {
  const [outcome] = await readTyped(key, type, [['JSON.TYPE', key.name, path]]);
  const kind = kindOf(outcome);
  if (kind === null) throw new LookasideError('NOT_FOUND', 'Nothing stands at this path any more', { details: { path: path.slice(0, 200) } });
  const length = await lengthAt(key, path, kind);
  if (kind === 'object') {
    if ((length ?? 0) > maxMembers) {
      throw new LookasideError('LIMIT_EXCEEDED', 'The object has more members than can be listed', { details: { members: length, limit: maxMembers } });
    }
    const [names] = await readTyped(key, type, [['JSON.OBJKEYS', key.name, path]]);
    const page = listOf(only(replyOf(names))).slice(from, from + count);
    const parts = page.map((reply, at) => {
      const name = bytesOf(reply).toString('utf8');
      return { name, index: from + at, path: memberPath(path, name) };
    });
    return { kind, length, text: null, items: await children(key, parts) };
  }
  if (kind === 'array') {
    const end = Math.min(length ?? 0, from + count);
    const parts = Array.from({ length: Math.max(0, end - from) }, (_, at) => ({ name: null, index: from + at, path: `${path}[${from + at}]` }));
    return { kind, length, text: null, items: await children(key, parts) };
  }
  if (kind === 'string' && (length ?? 0) > maxText) {
    throw new LookasideError('LIMIT_EXCEEDED', 'The string is larger than 1 MiB', { details: { characters: length } });
  }
  const [text] = await readTyped(key, type, [['JSON.GET', key.name, path]]);
  return { kind, length, text: textOfGet(text), items: [] };
}
