import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { indentedJson, jsonPath, openAtFirst, readJson, visibleNodes, type JsonTree } from './json-tree.ts';

const read = (source: string): JsonTree => {
  const tree = readJson(source);
  if (tree === null) throw new Error(`not JSON: ${source}`);
  return tree;
};
const textOf = (tree: JsonTree, at: number) => tree.source.slice(tree.nodes[at]?.start, tree.nodes[at]?.end);

test('any JSON, however spaced, gives back the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, 4, '\t\r\n'), (value, space) => {
      const source = JSON.stringify(value, null, space);
      const tree = read(source);
      expect(JSON.parse(indentedJson(tree))).toEqual(JSON.parse(source));
      expect(indentedJson(tree)).toBe(JSON.stringify(JSON.parse(source), null, 2));
      expect(JSON.parse(textOf(tree, 0))).toEqual(JSON.parse(source));
      for (const node of tree.nodes) expect(() => JSON.parse(tree.source.slice(node.start, node.end)) as unknown).not.toThrow();
      expect(visibleNodes(tree, () => true)).toHaveLength(tree.nodes.length);
      expect(visibleNodes(tree, () => false)).toEqual([0]);
    }),
  );
});

test('numbers keep every digit', () => {
  const tree = read('{"id":12345678901234567890,"price":1.10,"e":1E400,"z":-0}');
  expect(tree.nodes.slice(1).map((_, at) => textOf(tree, at + 1))).toEqual(['12345678901234567890', '1.10', '1E400', '-0']);
  expect(indentedJson(tree)).toContain('"price": 1.10');
});

test('repeated and hostile member names stay, in their order', () => {
  const tree = read('{"b":1,"__proto__":{"x":2},"b":3,"1":4,"constructor":null,"":5}');
  expect(tree.nodes.filter((node) => node.depth === 1).map((node) => node.name)).toEqual(['"b"', '"__proto__"', '"b"', '"1"', '"constructor"', '""']);
  expect(tree.nodes[0]?.children).toBe(6);
});

test.each(['', ' ', '{', "{'a':1}", '[1,]', '{"a":1} x', 'NaN', '01', '{"a":1,}', '// c\n1', '"\u0001"'])('%j is not JSON', (source) => {
  expect(readJson(source)).toBeNull();
});

test('text that is written like structure inside strings is not structure', () => {
  const tree = read(String.raw`{"a\"]}{":"},{[\\","c":[" , ","\\"]}`);
  expect(tree.nodes.map((node) => node.kind)).toEqual(['object', 'string', 'array', 'string', 'string']);
  expect(textOf(tree, 4)).toBe(String.raw`"\\"`);
});

test('deep nesting does not overflow', () => {
  const depth = 50_000;
  const tree = read('['.repeat(depth) + ']'.repeat(depth));
  expect(tree.nodes).toHaveLength(depth);
  expect(visibleNodes(tree, (index) => index < 3)).toHaveLength(4);
});

test('paths are those of JSONPath', () => {
  const tree = read('{"user":{"first name":[true,{"$id":1}]}}');
  expect(tree.nodes.map((_, at) => jsonPath(tree, at))).toEqual([
    '$',
    '$.user',
    '$.user["first name"]',
    '$.user["first name"][0]',
    '$.user["first name"][1]',
    '$.user["first name"][1].$id',
  ]);
});

test('at first as much is open as fits', () => {
  const tree = read(JSON.stringify({ small: [1, 2], big: Array.from({ length: 500 }, (_, at) => at), last: { a: 1 } }));
  const open = openAtFirst(tree, 20);
  const names = [...open].map((index) => tree.nodes[index]?.name);
  expect(names).toEqual([null, '"small"', '"last"']);
});
