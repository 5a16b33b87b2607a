import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, fromWire, toWire, wireKey, type WireBytes } from '../../../../shared/bytes.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import type { Row } from '../../../../shared/contract/keys.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { compileGlob } from '../../../../shared/redis/glob.ts';
import { Delimiters, splitKeyName } from '../../../../shared/redis/key-name.ts';
import { KeyspaceIndex } from './keyspace-index.ts';

const everything: KeyFilter = { pattern: '', mode: 'glob' };
const text = (value: string) => new TextEncoder().encode(value);

function put(index: KeyspaceIndex, names: readonly Uint8Array[], mark = 1): void {
  // as they come: many in one buffer
  const framed = Buffer.concat(names.flatMap((name) => [Buffer.from('$'), name]));
  let at = 0;
  for (const name of names) {
    at += 1;
    index.put(framed, at, at + name.length, mark);
    at += name.length;
  }
  index.changed();
}

async function idle(index: KeyspaceIndex, viewId: string): Promise<void> {
  await index.completeView(viewId);
}

function allRows(index: KeyspaceIndex, viewId: string, pageSize = 7): Row[] {
  const rows: Row[] = [];
  for (;;) {
    const page = index.view(viewId).rows(rows.length, pageSize, null, 'exact');
    rows.push(...page.rows);
    if (rows.length >= page.total) return rows;
    expect(page.rows.length).toBe(Math.min(pageSize, page.total - page.from));
  }
}

/** What a view must show, from a plain list of names and nothing cleverer than sorting. */
class Oracle {
  readonly names: Uint8Array[];
  readonly delimiters: Delimiters;

  constructor(names: readonly Uint8Array[], texts: readonly string[], filter: KeyFilter) {
    const unique = new Map(names.map((name) => [wireKey(toWire(name)), name]));
    const pattern = fromWire(filter.pattern);
    const glob = compileGlob(pattern);
    const passes = (name: Uint8Array) => {
      if (pattern.length === 0) return true;
      const hay = Buffer.from(name).toString('latin1');
      const needle = Buffer.from(pattern).toString('latin1');
      if (filter.mode === 'literal') return hay.includes(needle);
      return filter.mode === 'prefix' ? hay.startsWith(needle) : glob.matches(name, 0, name.length);
    };
    this.names = [...unique.values()].filter(passes);
    this.delimiters = new Delimiters(texts);
  }

  /** Lines as `kind depth label prefix-or-name keys open`, from depth-first order. */
  tree(isOpen: (prefix: Uint8Array) => boolean): string[] {
    return this.#below(this.names, 0, 0, isOpen);
  }

  list(): string[] {
    return this.#ordered(this.names, 0, 0).map((name) => JSON.stringify(['key', 0, toWire(name), toWire(name)]));
  }

  #split(names: readonly Uint8Array[], depth: number) {
    const folders = new Map<string, { prefix: Uint8Array; label: Uint8Array; names: Uint8Array[] }>();
    const keys: { name: Uint8Array; label: Uint8Array }[] = [];
    for (const name of names) {
      const segments = splitKeyName(name, this.delimiters);
      const segment = segments[depth] as (typeof segments)[number];
      const label = name.subarray(segment.from, segment.to);
      if (depth === segments.length - 1) {
        keys.push({ name, label });
        continue;
      }
      const prefix = name.subarray(0, segment.end);
      const folder = folders.get(wireKey(toWire(prefix))) ?? { prefix, label, names: [] };
      folder.names.push(name);
      folders.set(wireKey(toWire(prefix)), folder);
    }
    return { folders: [...folders.values()], keys };
  }

  #below(names: readonly Uint8Array[], depth: number, from: number, isOpen: (prefix: Uint8Array) => boolean): string[] {
    const { folders, keys } = this.#split(names, depth);
    folders.sort((a, b) => compareBytes(a.label, b.label) || compareBytes(a.prefix.subarray(from), b.prefix.subarray(from)));
    keys.sort((a, b) => compareBytes(a.label, b.label));
    return [
      ...folders.flatMap((folder) => {
        const open = isOpen(folder.prefix);
        const row = JSON.stringify(['folder', depth, toWire(folder.label), toWire(folder.prefix), folder.names.length, open]);
        return open ? [row, ...this.#below(folder.names, depth + 1, folder.prefix.length, isOpen)] : [row];
      }),
      ...keys.map(({ name, label }) => JSON.stringify(['key', depth, toWire(label), toWire(name)])),
    ];
  }

  /** The list's order: siblings by label and delimiter, keys among folders. */
  #ordered(names: readonly Uint8Array[], depth: number, from: number): Uint8Array[] {
    const { folders, keys } = this.#split(names, depth);
    const items = [
      ...folders.map((folder) => ({ by: folder.prefix.subarray(from), names: () => this.#ordered(folder.names, depth + 1, folder.prefix.length) })),
      ...keys.map(({ name, label }) => ({ by: label, names: () => [name] })),
    ];
    return items.toSorted((a, b) => compareBytes(a.by, b.by)).flatMap((item) => item.names());
  }
}

function line(row: Row): string {
  return row.kind === 'folder'
    ? JSON.stringify(['folder', row.depth, row.label, row.prefix, row.keys, row.open])
    : JSON.stringify(['key', row.depth, row.label, row.name]);
}

const byte = fc.constantFrom(0x3a, 0x3a, 0x2f, 0x61, 0x62, 0x00, 0xff, 0x2d);
const name = fc.uint8Array({ maxLength: 9 }).chain((any) => fc.oneof(fc.constant(any), fc.array(byte, { maxLength: 9 }).map((bytes) => Uint8Array.from(bytes))));
const names = fc.array(name, { maxLength: 60 });
const delimiters = fc.constantFrom([':'], [':', '/'], [':', '::'], [':/', ':'], ['::', '-', '/'], []);
const filter: fc.Arbitrary<KeyFilter> = fc.oneof(
  fc.constant(everything),
  fc.record({ pattern: fc.constantFrom<WireBytes>(':', 'a', 'a:', '*a*', '[^a]*', { b64: '/w==' }), mode: fc.constantFrom('glob' as const, 'literal' as const, 'prefix' as const) }),
);

describe('rows', () => {
  it('are those of a naive tree, whatever the names, delimiters, arrival and filter', async () => {
    await fc.assert(
      fc.asyncProperty(names, names, delimiters, filter, fc.array(fc.nat(), { maxLength: 12 }), async (first, second, texts, wanted, toggles) => {
        const index = new KeyspaceIndex(texts, () => undefined);
        put(index, first);
        await index.openView('v', { mode: 'tree', filter: wanted, expanded: [] });
        const open = new Set<string>();
        for (const [turn, toggle] of toggles.entries()) {
          // half of the toggles happen before the second half of the names arrives
          if (turn === Math.ceil(toggles.length / 2)) {
            put(index, second);
            await idle(index, 'v');
          }
          const folders = allRows(index, 'v').filter((row) => row.kind === 'folder');
          const folder = folders[toggle % Math.max(1, folders.length)];
          if (folder === undefined) continue;
          index.view('v').toggle(folder.id, !folder.open, false);
          if (folder.open) open.delete(wireKey(folder.prefix));
          else open.add(wireKey(folder.prefix));
        }
        put(index, second);
        await idle(index, 'v');
        const oracle = new Oracle([...first, ...second], texts, wanted);
        const rows = allRows(index, 'v');
        expect(rows.map(line)).toEqual(oracle.tree((prefix) => open.has(wireKey(toWire(prefix)))));
        expect(index.view('v').totals().keys).toBe(oracle.names.length);
        expect(index.keys).toBe(new Set([...first, ...second].map((each) => wireKey(toWire(each)))).size);
        for (const [at, row] of rows.entries()) {
          expect(index.view('v').rows(0, 1, { kind: row.kind, id: row.id }, 'exact').anchorAt).toBe(at);
          const found = index.view('v').reveal(fromWire(row.kind === 'folder' ? row.prefix : row.name), row.kind === 'folder');
          expect(found).toBe(at);
        }
        index.close();
      }),
      { numRuns: 200 },
    );
  });

  it('of the list are the keys in bytewise order, with anchors', async () => {
    await fc.assert(
      fc.asyncProperty(names, delimiters, filter, async (all, texts, wanted) => {
        const index = new KeyspaceIndex(texts, () => undefined);
        await index.openView('v', { mode: 'list', filter: wanted, expanded: [] });
        put(index, all.slice(0, all.length >> 1));
        allRows(index, 'v');
        put(index, all.slice(all.length >> 1));
        await idle(index, 'v');
        const oracle = new Oracle(all, texts, wanted);
        const rows = allRows(index, 'v');
        expect(rows.map(line)).toEqual(oracle.list());
        const overlapping = texts.some((a) => texts.some((b) => a !== b && b.startsWith(a)));
        if (!overlapping) expect(rows.map((row) => wireKey(row.label))).toEqual(oracle.names.toSorted(compareBytes).map((each) => wireKey(toWire(each))));
        for (const [at, row] of rows.entries()) {
          expect(index.view('v').rows(at, 1, { kind: row.kind, id: row.id }, 'exact').anchorAt).toBe(at);
        }
        index.close();
      }),
      { numRuns: 200 },
    );
  });

  it('follow keys that leave and come back at the end of a pass', async () => {
    await fc.assert(
      fc.asyncProperty(names, names, names, delimiters, filter, fc.constantFrom('tree' as const, 'list' as const), async (one, two, three, texts, wanted, mode) => {
        const index = new KeyspaceIndex(texts, () => undefined);
        put(index, one, 1);
        await index.openView('v', { mode, filter: wanted, expanded: [] });
        const openAll = () => {
          for (const row of allRows(index, 'v')) if (row.kind === 'folder') index.view('v').toggle(row.id, true, true);
        };
        let mark = 1;
        for (const pass of [two, three]) {
          openAll();
          mark += 1;
          put(index, pass, mark);
          await idle(index, 'v');
          index.endPass(new Set([mark]));
          await idle(index, 'v');
          openAll();
          const oracle = new Oracle(pass, texts, wanted);
          expect(allRows(index, 'v').map(line)).toEqual(mode === 'list' ? oracle.list() : oracle.tree(() => true));
          expect(index.keys).toBe(new Set(pass.map((each) => wireKey(toWire(each)))).size);
        }
        index.close();
      }),
      { numRuns: 150 },
    );
  });

  it('are split anew for other delimiters, with the names that come meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(names, names, delimiters, delimiters, async (first, second, before, after) => {
        const index = new KeyspaceIndex(before, () => undefined);
        put(index, first);
        await index.openView('v', { mode: 'tree', filter: everything, expanded: ['a:', 'b/'] });
        index.setDelimiters(after);
        put(index, second);
        const oracle = new Oracle([...first, ...second], after, everything);
        const expected = oracle.tree((prefix) => ['a:', 'b/'].some((opened) => opened === toWire(prefix)));
        const deadline = Date.now() + 5000;
        while (Date.now() < deadline && JSON.stringify(allRows(index, 'v').map(line)) !== JSON.stringify(expected)) {
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
        }
        expect(allRows(index, 'v').map(line)).toEqual(expected);
        index.close();
      }),
      { numRuns: 100 },
    );
  });
});

describe('names', () => {
  it('may be longer than the memory is packed in, with others before and after', () => {
    const index = new KeyspaceIndex([':'], () => undefined);
    const all = ['before', 'x'.repeat(4 << 20), 'between', 'y'.repeat((4 << 20) + 1), 'z'.repeat(5 << 20), '', 'after'].map(text);
    put(index, all);
    put(index, all);
    expect(index.keys).toBe(all.length);
    put(index, [text('one more')]);
    expect(index.keys).toBe(all.length + 1);
  });
});

describe('batches', () => {
  it('keep names of every length byte for byte, new or known, wherever they lie', () => {
    const index = new KeyspaceIndex([':'], () => undefined);
    const all = Array.from({ length: 140 }, (_, size) => Uint8Array.from({ length: size }, (_unused, i) => (i * 37 + size) % 256));
    // one that differs in its last byte only, for each
    const others = all.slice(1).map((each) => each.with(each.length - 1, (each.at(-1) ?? 0) ^ 1));
    const before = new Set([...all, ...others].map((each) => wireKey(toWire(each)))).size;
    put(index, [...all, ...others]);
    put(index, [...others, ...all], 2);
    expect(index.keys).toBe(before);
    expect(index.holdsOthers(new Set([2]))).toBe(false);
  });

  it('hold more folders than there was room for', async () => {
    const index = new KeyspaceIndex([':', '::'], () => undefined);
    const all = Array.from({ length: 600 }, (_, i) => `${'x:'.repeat(i % 130)}${i % 7 === 0 ? '::' : ''}${i}`).map(text);
    put(index, all);
    index.expect(10);
    put(index, all.map((each) => Uint8Array.of(...each, 0x7a)));
    await index.openView('v', { mode: 'tree', filter: everything, expanded: [] });
    for (const row of allRows(index, 'v')) if (row.kind === 'folder') index.view('v').toggle(row.id, true, true);
    const oracle = new Oracle([...all, ...all.map((each) => Uint8Array.of(...each, 0x7a))], [':', '::'], everything);
    const opened = new Set(allRows(index, 'v').flatMap((row) => (row.kind === 'folder' && row.open ? [wireKey(row.prefix)] : [])));
    expect(opened.size).toBeGreaterThan(120);
    expect(allRows(index, 'v', 500).map(line)).toEqual(oracle.tree((prefix) => opened.has(wireKey(toWire(prefix)))));
  });
});

describe('views', () => {
  async function open(all: readonly string[], mode: 'tree' | 'list' = 'tree', expanded: string[] = []) {
    const index = new KeyspaceIndex([':'], () => undefined);
    put(index, all.map(text));
    await index.openView('v', { mode, filter: everything, expanded });
    return { index, view: () => index.view('v') };
  }
  const labels = (rows: readonly Row[]) => rows.map((row) => row.label);

  it('holds hostile names as ordinary ones', async () => {
    const hostile = ['__proto__', 'constructor', '', ':', '::', 'a[1]*', '*', '\\', 'x'.repeat(65_536), 'a:'.repeat(32_768), '\u0000', 'é:ü', '__proto__:x', 'hasOwnProperty:y'];
    const { index, view } = await open(hostile, 'list');
    put(index, [Uint8Array.of(0xff, 0xfe), Uint8Array.of(0xff, 0xfe)]);
    const rows = view().rows(0, 500, null, 'exact').rows;
    expect(rows).toHaveLength(hostile.length + 1);
    const found = rows.map((row) => (row.kind === 'key' ? wireKey(row.name) : ''));
    expect(new Set(found)).toEqual(new Set([...hostile.map((each) => wireKey(each)), wireKey({ b64: '//4=' })]));
    for (const each of hostile) expect(view().reveal(text(each), false)).not.toBeNull();
  });

  it('opens folders that are expected before they come, and tells what is open', async () => {
    const { index, view } = await open(['a:1'], 'tree', ['b:', 'b:c:', 'never:']);
    put(index, ['b:c:1', 'b:2'].map(text));
    expect(labels(view().rows(0, 10, null, 'exact').rows)).toEqual(['a', 'b', 'c', '1', '2']);
    expect(view().expanded()).toEqual(expect.arrayContaining(['b:', 'b:c:', 'never:']));
  });

  it('keeps what is open inside a closed folder, unless it is closed deeply', async () => {
    const { view } = await open(['a:b:1', 'a:b:2'], 'tree', ['a:', 'a:b:']);
    const folder = view().rows(0, 1, null, 'exact').rows[0] as Row;
    view().toggle(folder.id, false, false);
    expect(view().totals().total).toBe(1);
    view().toggle(folder.id, true, false);
    expect(view().totals().total).toBe(4);
    view().toggle(folder.id, false, true);
    view().toggle(folder.id, true, false);
    expect(view().totals().total).toBe(2);
    expect(() => view().toggle(99, true, false)).toThrow(LookasideError);
    expect(() => view().toggle(-1, true, false)).toThrow(LookasideError);
  });

  it('reveals by opening what is above, and null for what is not held or filtered out', async () => {
    const { index, view } = await open(['a:b:1', 'z']);
    expect(view().reveal(text('a:b:1'), false)).toBe(2);
    expect(view().reveal(text('a:b:'), true)).toBe(1);
    expect(view().reveal(text('a:b'), true)).toBeNull();
    expect(view().reveal(text('a:b:9'), false)).toBeNull();
    expect(view().reveal(text(''), true)).toBeNull();
    await index.openView('f', { mode: 'tree', filter: { pattern: 'z', mode: 'literal' }, expanded: [] });
    expect(index.view('f').reveal(text('a:b:1'), false)).toBeNull();
    expect(index.view('f').reveal(text('a:'), true)).toBeNull();
    expect(index.view('f').rows(0, 10, { kind: 'key', id: 0 }, 'exact')).toMatchObject({ total: 1, keys: 1, anchorAt: null });
  });

  it('gives the names of ranges, a closed folder with all below it, each once, up to a limit', async () => {
    const { view } = await open(['a:1', 'a:2', 'b:3', 'b:c:4', 'k'], 'tree', ['b:']);
    // rows: a:, b: (open), c:, 3, k
    expect(view().names([{ from: 0, to: 1 }], 10)).toEqual(['a:1', 'a:2']);
    expect(view().names([{ from: 1, to: 2 }], 10)).toEqual([]);
    expect(view().names([{ from: 1, to: 99 }, { from: 3, to: 4 }], 10)).toEqual(['b:c:4', 'b:3', 'k']);
    expect(() => view().names([{ from: 0, to: 5 }], 4)).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
  });

  it('is NOT_FOUND when it is closed', async () => {
    const { index } = await open(['a']);
    index.closeView('v');
    expect(() => index.view('v')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('opens a folder of 300,000 keys quickly and answers at once afterwards', async () => {
    const index = new KeyspaceIndex([':'], () => undefined);
    put(index, Array.from({ length: 300_000 }, (_, i) => text(`big:${((i * 7_919) % 300_000).toString().padStart(8, '0')}`)));
    await index.openView('v', { mode: 'tree', filter: everything, expanded: ['big:'] });
    const begun = performance.now();
    expect(labels(index.view('v').rows(150_001, 2, null, 'exact').rows)).toEqual(['00150000', '00150001']);
    expect(performance.now() - begun).toBeLessThan(5000);
    put(index, Array.from({ length: 1000 }, (_, i) => text(`big:${(i * 211).toString().padStart(8, '0')}x`)));
    const again = performance.now();
    expect(index.view('v').rows(301_000, 2, null, 'exact')).toMatchObject({ total: 301_001, rows: [{ label: '00299999' }] });
    expect(performance.now() - again).toBeLessThan(5000);
    index.close();
  });
});
