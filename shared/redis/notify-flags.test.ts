import fc from 'fast-check';
import { expect, test } from 'vitest';
import { liveEventKinds } from '../contract/live-events.ts';
import { channelsOf, formatFlags, kindOfEvent, parseFlags, sameFlags, tellsOf, withKinds } from './notify-flags.ts';

const setting = fc.array(fc.constantFrom(...Array.from('KEg$lshzxetdmnA'))).map((letters) => letters.join(''));
const kinds = fc.uniqueArray(fc.constantFrom(...liveEventKinds), { minLength: 1 });

test('adding kinds takes nothing away and is enough', () => {
  fc.assert(
    fc.property(setting, kinds, (before, wanted) => {
      const after = withKinds(before, wanted);
      expect(tellsOf(after, wanted)).toBe(true);
      for (const flag of parseFlags(before)) expect(parseFlags(after)).toContain(flag);
      expect(withKinds(after, wanted)).toBe(after);
      expect(sameFlags(before, formatFlags(parseFlags(before)))).toBe(true);
    }),
  );
});

test('known settings', () => {
  expect(withKinds('', ['expired'])).toBe('xE');
  expect(withKinds('AKE', ['expired', 'miss'])).toBe('AmKE');
  expect(withKinds('Kx', ['evicted'])).toBe('xeKE');
  expect(tellsOf('Kx', ['expired'])).toBe(false);
  expect(tellsOf('AE', ['miss'])).toBe(false);
  expect(sameFlags('g$lshzxetdKE', 'AKE')).toBe(true);
  expect(sameFlags('xE', 'Ex')).toBe(true);
});

test('channels and kinds', () => {
  expect(channelsOf(['expired', 'evicted'], 3)).toEqual(['__keyevent@3__:expired', '__keyevent@3__:evicted']);
  expect(channelsOf(['expired', 'hash'], 0)).toBe(null);
  expect(kindOfEvent('keymiss')).toBe('miss');
  expect(kindOfEvent('hset')).toBe('hash');
  expect(kindOfEvent('something-new')).toBe('generic');
});
