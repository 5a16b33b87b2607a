import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectDelimiters } from './detect-delimiters.ts';
import { Delimiters } from './key-name.ts';
import { placeholderOf, templateOf } from './name-template.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => Buffer.from(value).toString('latin1');
const fold = (value: string) => placeholderOf(bytes(value), 0, bytes(value).length);

describe('a segment', () => {
  test.each([
    ['42', '{id}'],
    ['0', '{id}'],
    ['12-34', '{id}'],
    ['2026-11-24', '{date}'],
    ['20261124', '{date}'],
    ['2026-11', '{date}'],
    ['2026-11-24T10:30:00Z', '{date}'],
    ['20261399', '{id}'],
    ['550e8400-e29b-41d4-a716-446655440000', '{uuid}'],
    ['550E8400-E29B-41D4-A716-446655440000', '{uuid}'],
    ['deadbeef1', '{hex}'],
    ['5f4dcc3b5aa765d61d8327deb882cf99', '{hex}'],
    ['01ARZ3NDEKTSV4RRFFQ69G5FAV', '{ulid}'],
    ['10.0.0.255', '{ip}'],
    ['dGhpcyBpcyBhIHRva2VuIDEyMzQ1', '{token}'],
    ['V1StGXR8_Z5jdHi6B-myT', '{token}'],
  ])('%s is %s', (value, placeholder) => {
    expect(fold(value)).toBe(placeholder);
  });

  test.each(['', 'user', 'profile', 'v2', 'deadbeef', 'cafe', 'user-profile', 'session_store', 'userProfileSettingsVersion2Cache', 'feature-flags-2024-rollout', '{id}', 'x'.repeat(600)])(
    '%s is a word',
    (value) => {
      expect(fold(value)).toBeNull();
    },
  );

  test('of anything is judged without a fault, and every number, UUID and date is found', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 700 }), (value) => placeholderOf(value, 0, value.length) !== undefined));
    fc.assert(fc.property(fc.uuid(), (uuid) => fold(uuid) === '{uuid}'));
    fc.assert(fc.property(fc.nat(), (value) => ['{id}', '{date}'].includes(fold(String(value)) ?? '')));
    fc.assert(fc.property(fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true }), (day) => fold(day.toISOString().slice(0, 10)) === '{date}'));
  });
});

describe('a template', () => {
  const colon = new Delimiters([':']);

  test.each([
    ['user:123:profile', 'user:{id}:profile'],
    ['{user:1000}:cart', '{user:{id}}:cart'],
    ['a::b', 'a::b'],
    ['plain', 'plain'],
    ['', ''],
    ['report:2026-11-24:7', 'report:{date}:{id}'],
  ])('of %s is %s', (name, template) => {
    expect(text(templateOf(bytes(name), colon))).toBe(template);
  });

  test('cut at a depth is the beginning of the whole one', () => {
    expect(text(templateOf(bytes('user:123:profile:7'), colon, 2))).toBe('user:{id}:');
    const name = fc.array(fc.oneof(fc.constantFrom(0x3a, 0x31, 0x61, 0xff, 0x2d), fc.integer({ min: 0, max: 255 })), { maxLength: 40 }).map((all) => Uint8Array.from(all));
    fc.assert(
      fc.property(name, fc.constantFrom([':'], [':', '::'], ['/', '-'], []), fc.integer({ min: 1, max: 6 }), (value, delimiters, depth) => {
        const whole = templateOf(value, new Delimiters(delimiters));
        const cut = templateOf(value, new Delimiters(delimiters), depth);
        expect(text(whole).startsWith(text(cut))).toBe(true);
        // folding what is folded changes nothing
        if (delimiters.length === 1) expect(text(templateOf(whole, new Delimiters(delimiters)))).toBe(text(whole));
      }),
    );
  });

  test('is one for names that differ in ids alone', () => {
    fc.assert(fc.property(fc.nat(), fc.uuid(), fc.nat(), fc.uuid(), (a, b, c, d) => {
      const of = (id: number, uuid: string) => text(templateOf(bytes(`order:${id + 300_000_000}:line:${uuid}`), colon));
      expect(of(a % 1000, b)).toBe(of(c % 1000, d));
    }));
  });
});

describe('delimiters', () => {
  const numbered = (count: number, name: (i: number) => string) => Array.from({ length: count }, (_, i) => bytes(name(i)));

  test.each<[string, (i: number) => string, string[]]>([
    ['colons', (i) => `user:${i}:profile`, [':']],
    ['slashes', (i) => `app/cache/${i}`, ['/']],
    ['double colons', (i) => `App::Model::${i}`, ['::']],
    ['underscores without anything else', (i) => `session_${i}`, ['_']],
    ['colons with words joined by underscores', (i) => `user_profile:${i}`, [':']],
    ['colons with UUIDs', (i) => `order:550e8400-e29b-41d4-a716-4466554400${10 + (i % 90)}`, [':']],
    ['UUIDs alone', (i) => `550e8400-e29b-41d4-a716-4466554400${10 + (i % 90)}`, []],
    ['words alone', (i) => `word${String.fromCharCode(97 + (i % 26))}`, []],
    ['two families', (i) => (i % 2 === 0 ? `user:${i}` : `views/page/${i}`), [':', '/']],
  ])('are found in %s', (_, name, expected) => {
    expect(detectDelimiters(numbered(200, name))).toEqual(expected);
  });

  test('are never a fault, and none of too few names', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 60 }), (names) => Array.isArray(detectDelimiters(names))));
    expect(detectDelimiters([bytes('a:1')])).toEqual([]);
  });
});
