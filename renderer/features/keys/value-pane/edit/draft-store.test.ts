import { expect, test } from 'vitest';
import { DraftStore, draftId } from './draft-store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('drafts stay until they are dropped, and say whether a key has unsaved changes', () => {
  const store = new DraftStore();
  const id = draftId('user:1', '');
  store.set(id, { base: bytes('a'), bytes: bytes('a') });
  expect(store.changed('user:1')).toBe(false);
  store.set(id, { base: bytes('a'), bytes: bytes('b') });
  store.set(draftId('user:10', 'field'), { base: bytes('x'), bytes: bytes('x') });
  expect(store.changed('user:1')).toBe(true);
  expect(store.changed('user:10')).toBe(false);
  expect(store.changed({ b64: 'dXNlcjox' })).toBe(false);
  expect(store.changed()).toBe(true);
  expect(store.get(id)?.bytes).toEqual(bytes('b'));
  store.set(id, null);
  expect(store.changed()).toBe(false);
});
