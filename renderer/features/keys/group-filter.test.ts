import { expect, test } from 'vitest';
import { fromWire } from '../../../shared/bytes.ts';
import { compileGlob } from '../../../shared/redis/glob.ts';
import { groupFilter, templateGlob } from './group-filter.ts';

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
