import { describe, expect, it } from 'vitest';
import type { BlastCheck, BlastSnapshot } from '../../../shared/contract/blast-radius.ts';
import { costWords, intervalWords, loadWords, progressWords, spentWords, stopWords } from './blast-words.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

const check: BlastCheck = { methods: [], suggested: null, environment: 'local', masters: 3, commandsPerSecond: 12_345, policy: null, postgres: false };

const cost = {
  commands: 40,
  bytesIn: 2048,
  serverMs: 3.2,
  cpuBefore: 0.1,
  cpuDuring: 0.25,
  commandsPerSecondBefore: 1000,
  commandsPerSecondDuring: null,
  latencyBeforeMs: 0.2,
  latencyDuringMs: 0.3,
};

const snapshot = { method: 'monitor', state: 'measuring', elapsedMs: 700, windowMs: 2000, cost, seen: { commands: 9000, reads: 8000, matched: 1, apart: null, names: 1, namesCut: false, unread: 0 } } as unknown as BlastSnapshot;

describe('words of a blast radius', () => {
  it('say what a method costs before it is begun', () => {
    expect(plain(costWords('monitor', check, 2000))).toMatch(/^3 masters print every command \(12\.3 k commands\/s now\) to Lookaside for 2 s\./u);
    expect(plain(costWords('monitor', { ...check, masters: 1, commandsPerSecond: null }, 500))).toMatch(/^The server prints every command to Lookaside for 500 ms\./u);
    expect(costWords('idle-time', check, 2000)).toContain('at least');
  });

  it('keep what is exact, at least and estimated apart', () => {
    expect(intervalWords({ perSecond: 0, low: 0, high: 0, exactness: 'exact' })).toBe('exact');
    expect(plain(intervalWords({ perSecond: 12, low: 9.44, high: 15.5, exactness: 'estimated' }))).toBe('9.4 to 16 at 95 %');
    expect(intervalWords({ perSecond: 12, low: 9.44, high: null, exactness: 'atLeast' })).toBe('at least 9.4, no upper bound is known');
    expect(intervalWords({ perSecond: 9.42, low: 9.44, high: null, exactness: 'atLeast' })).toBe('no upper bound is known');
  });

  it('tell of progress, of an early end, of the cost and of the load', () => {
    expect(plain(progressWords(snapshot))).toBe('Measuring · 700 ms of 2 s · 1 read of these keys among 9,000 commands');
    expect(stopWords({ reason: 'bytes', message: 'More than 256 MiB were printed' })).toContain('More than 256 MiB were printed. The figures are of the time until then.');
    expect(spentWords(snapshot).map(([name, value]) => `${name}: ${plain(value)}`)).toEqual([
      'Own commands: 40, 3.2 ms of server time',
      'Received: 2 KiB',
      'Processor: 10 % before, 25 % during',
      'PING: 200 µs before, 300 µs during',
    ]);
    expect(plain(loadWords({ perSecond: 2500, low: 1, high: 3, exactness: 'estimated' }))).toBe('2.5 s of execution a second, about 2.5 backends busy all the time');
  });
});
