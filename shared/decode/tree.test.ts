import { expect, test } from 'vitest';
import { floatText, TreeBuilder, treeToJson, type DecodedTree, type TreeKind } from './tree.ts';
import { compactText, TreeRows } from './tree-rows.ts';

type Made = [TreeKind, string] | { kind: 'list' | 'map' | 'call' | 'tagged'; text?: string; children: Made[] };

/** A tree from a short description; children of a map alternate between keys and values. */
function treeOf(made: Made): DecodedTree {
  const builder = new TreeBuilder();
  const add = (one: Made): number => {
    if (Array.isArray(one)) return builder.add(one[0], one[1], -1, -1, '', one[0] === 'bytes' ? Buffer.from(one[1], 'hex') : null);
    const id = builder.add(one.kind, one.text ?? '', -1, -1);
    for (const child of one.children) builder.attach(id, add(child));
    return id;
  };
  add(made);
  return builder.tree();
}

const list = (...children: Made[]): Made => ({ kind: 'list', children });
const map = (...children: Made[]): Made => ({ kind: 'map', children });

test('what JSON can say is plain JSON', () => {
  const tree = treeOf(map(['text', 'id'], ['int', '12345678901234567890'], ['text', 'price'], ['float', '9.90'], ['text', 'list'], list(['null', 'None'], ['bool', 'true']), ['text', 'empty'], map()));
  expect(treeToJson(tree)).toEqual({ text: '{\n  "id": 12345678901234567890,\n  "price": 9.90,\n  "list": [\n    null,\n    true\n  ],\n  "empty": {}\n}', marked: 0, cut: false });
});

test.each<[string, Made, unknown]>([
  ['bytes', ['bytes', '00ff'], { $bytes: 'AP8=' }],
  ['no number of JSON', ['float', 'NaN'], { $float: 'NaN' }],
  ['a padded number', ['int', '007'], { $float: '007' }],
  ['repeated keys', map(['text', 'a'], ['int', '1'], ['text', 'a'], ['int', '2']), { $map: [['a', 1], ['a', 2]] }],
  ['keys that are no text', map(['int', '1'], ['text', 'x'], list(['int', '2']), ['text', 'y']), { $map: [[1, 'x'], [[2], 'y']] }],
  ['a tag', { kind: 'tagged', text: 'tag 0', children: [['text', 'now']] }, { $tag: 'tag 0', $value: 'now' }],
  ['a call', { kind: 'call', text: 'os.system', children: [['text', 'arguments'], list(['text', 'x'])] }, { $call: 'os.system', $with: { arguments: ['x'] } }],
  ['a reference', ['ref', 'value 1'], { $ref: 'value 1' }],
])('%s stand marked', (_, made, expected) => {
  const { text, marked } = treeToJson(treeOf(made));
  expect(JSON.parse(text)).toEqual(expected);
  expect(marked).toBe(1);
});

test('a hostile name is a name', () => {
  const tree = treeOf(map(['text', '__proto__'], ['int', '1'], ['text', 'constructor'], ['int', '2'], ['text', ''], ['int', '3']));
  expect(treeToJson(tree).text).toBe('{\n  "__proto__": 1,\n  "constructor": 2,\n  "": 3\n}');
  expect(new TreeRows(tree).rows(0, 0, 9).map(({ step }) => step)).toEqual(['.__proto__', '.constructor', '[""]']);
});

test('a key that holds others has a row of its own, with the key and the value below', () => {
  const tree = treeOf(map(['text', 'plain'], ['int', '1'], list(['int', '2'], ['int', '3']), map(['text', 'deep'], ['text', 'needle'])));
  const rows = new TreeRows(tree);
  const [, entry] = rows.rows(0, 0, 10);
  expect(entry).toMatchObject({ kind: 'entry', text: '[2, 3]', children: 2 });
  const below = rows.rows(entry?.id ?? 0, 0, 10);
  expect(below.map(({ key, kind }) => [key?.text, kind])).toEqual([['key', 'list'], ['value', 'map']]);
  const { ids } = rows.search('NEEDLE', 10);
  expect(ids).toHaveLength(1);
  expect(rows.place(ids[0] ?? 0).map(({ index }) => index)).toEqual([1, 1, 0]);
  expect(rows.place(ids[0] ?? 0)[1]?.parent).toBe(entry?.id);
  expect(rows.search('deep', 10).ids).toEqual(ids);
});

test('halves of a surrogate pair are shown as they would be escaped', () => {
  const tree = treeOf(list(['text', 'a\ud800b'], ['text', '😀']));
  expect(tree.nodes.map(({ text }) => text)).toEqual(['', 'a\\ud800b', '😀']);
});

test('numbers read as the kind that they are', () => {
  expect([1, -0, 1.5, 1e21, NaN, -Infinity].map((value) => floatText(value))).toEqual(['1.0', '-0.0', '1.5', '1e+21', 'NaN', '-Infinity']);
});

test('a line is cut where it is long', () => {
  const tree = treeOf(list(...Array.from({ length: 500 }, (): Made => ['text', 'abcdef'])));
  expect(compactText(tree, 0, 30)).toBe('["abcdef", "abcdef", "abcdef",…');
});
