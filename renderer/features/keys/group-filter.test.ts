import { expect, test } from 'vitest';
import { fromWire } from '../../../shared/bytes.ts';
import { compileGlob } from '../../../shared/redis/glob.ts';
import { groupFilter, ofType, templateGlob } from './group-filter.ts';

test('a template becomes a glob that finds its keys and takes everything else as it is', () => {
  expect(templateGlob('user:{id}:profile')).toBe('user:*:profile');
  expect(templateGlob('a*[{uuid}')).toBe('a\\*\\[*');
  expect(templateGlob('{}:{ID}:{a b}')).toBe('{}:{ID}:{a b}');
  expect(templateGlob('')).toBe('');
});

test('bytes that are no text stay bytes', () => {
  const glob = compileGlob(fromWire(templateGlob({ b64: btoa('\u00ff:{id}') })));
  const name = Uint8Array.from([0xff, 0x3a, 0x31]);
  expect(glob.matches(name, 0, name.length)).toBe(true);
});

test('a folder is its prefix', () => expect(groupFilter({ kind: 'folder', prefix: 'user:' })).toEqual({ pattern: 'user:', mode: 'prefix' }));

test('a filter of an index of one type asks for that type elsewhere too', () => {
  expect(ofType({ pattern: 'a:', mode: 'prefix' }, null)).toEqual({ pattern: 'a:', mode: 'prefix' });
  expect(ofType({ pattern: 'a:', mode: 'prefix' }, 'hash')).toEqual({ pattern: 'a:', mode: 'prefix', types: ['hash'] });
});
