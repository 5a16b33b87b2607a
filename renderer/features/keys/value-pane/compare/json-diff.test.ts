import { expect, test } from 'vitest';
import { diffJson } from './json-diff.ts';

test('order and spaces do not matter, values and digits do', () => {
  expect(diffJson('{"a":1,"b":[1,2]}', '{ "b": [1, 2], "a": 1 }')).toEqual([]);
  expect(diffJson('{"a":1.0,"__proto__":1,"gone":null}', '{"a":1,"__proto__":2,"new":[]}')).toEqual([
    { path: '$.a', left: '1.0', right: '1' },
    { path: '$.__proto__', left: '1', right: '2' },
    { path: '$.gone', left: 'null', right: null },
    { path: '$.new', left: null, right: '[]' },
  ]);
});

test('what is no JSON has no such difference; members that are there twice are compared each', () => {
  expect(diffJson('{', '{}')).toBeNull();
  expect(diffJson('{"a":1,"a":2}', '{"a":1,"a":3}')).toEqual([{ path: '$.a (2)', left: '2', right: '3' }]);
});
