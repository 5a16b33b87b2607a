import { fromWire, toWire, type WireBytes } from '../../../shared/bytes.ts';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import { escapeGlob } from '../../../shared/redis/glob.ts';
import type { Opened } from './keys-context.ts';

type Group = Exclude<Opened, { kind: 'key' }>;

const open = 0x7b;
const close = 0x7d;
const star = 0x2a;

/** The glob of a template: `{id}` and its like match any run, everything else only itself. */
export function templateGlob(template: WireBytes): WireBytes {
  const bytes = fromWire(template);
  const glob: number[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] !== open) continue;
    let end = at + 1;
    while (end < bytes.length && (bytes[end] as number) >= 0x61 && (bytes[end] as number) <= 0x7a) end += 1;
    if (end === at + 1 || bytes[end] !== close) continue;
    glob.push(...escapeGlob(bytes.subarray(from, at)), star);
    at = end;
    from = end + 1;
  }
  return toWire(Uint8Array.from([...glob, ...escapeGlob(bytes.subarray(from))]));
}

/** The filter that the keys of a group pass: those below a prefix, or those of a template (at most too many, never too few). */
export function groupFilter(group: Group): KeyFilter {
  return group.kind === 'folder' ? { pattern: group.prefix, mode: 'prefix' } : { pattern: templateGlob(group.template), mode: 'glob' };
}

export function groupName(group: Group): WireBytes {
  return group.kind === 'folder' ? group.prefix : group.template;
}

/** The same filter of an index that holds one type only: elsewhere it would take the others too. */
export function ofType(filter: KeyFilter, type: string | null): KeyFilter {
  return type === null ? filter : { ...filter, types: filter.types === undefined ? [type] : filter.types.filter((one) => one === type) };
}
