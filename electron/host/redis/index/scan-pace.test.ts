import { describe, expect, it } from 'vitest';
import { ScanPace } from './scan-pace.ts';

/** Share of time that pages of `pageMs` take when the naps are kept. */
function usedShare(pace: ScanPace, pageMs: number, pages = 200): number {
  let napped = 0;
  for (let i = 0; i < pages; i += 1) napped += pace.page(pageMs);
  return (pages * pageMs) / (pages * pageMs + napped);
}

function probes(pace: ScanPace, ms: number, count: number): void {
  for (let i = 0; i < count; i += 1) pace.probe(ms);
}

describe('ScanPace', () => {
  it('goes at full speed while nobody else uses the server', () => {
    const pace = new ScanPace(null);
    pace.begin(0.1);
    pace.others(10);
    expect(usedShare(pace, 1)).toBe(1);
    expect(pace.backingOff).toBe(false);
  });

  it('leaves half to others who use it, and to servers that may not be asked', () => {
    for (const ops of [5000, null]) {
      const pace = new ScanPace(null);
      pace.begin(0.01);
      pace.others(ops);
      expect(usedShare(pace, 1)).toBeCloseTo(0.5, 1);
      expect(pace.backingOff).toBe(false);
    }
  });

  it('never takes more than its budget', () => {
    for (const budget of [0.01, 0.1, 0.5]) {
      const pace = new ScanPace(budget);
      pace.begin(0.01);
      expect(usedShare(pace, 1)).toBeLessThanOrEqual(budget * 1.05);
      expect(usedShare(pace, 1)).toBeGreaterThan(budget * 0.8);
    }
  });

  it('backs off while even the fastest of several probes is slow, and recovers', () => {
    const pace = new ScanPace(null);
    pace.begin(0.2);
    usedShare(pace, 1);
    probes(pace, 3, 20);
    expect(pace.backingOff).toBe(false);
    // single slow ones are jitter
    for (let i = 0; i < 20; i += 1) pace.probe(i % 3 === 0 ? 1 : 60);
    expect(pace.backingOff).toBe(false);
    probes(pace, 20, 12);
    expect(pace.backingOff).toBe(true);
    expect(usedShare(pace, 1)).toBeLessThan(0.4);
    probes(pace, 20, 100);
    expect(pace.share).toBeGreaterThanOrEqual(0.05);
    probes(pace, 1, 60);
    expect(pace.backingOff).toBe(false);
    expect(pace.share).toBe(1);
  });

  it('takes a slow network for what it is', () => {
    const pace = new ScanPace(null);
    pace.begin(80);
    pace.others(5000);
    // 81 ms round trip, 1 ms of it the server's: far below half without any nap
    expect(pace.page(81)).toBe(0);
    probes(pace, 82, 20);
    expect(pace.backingOff).toBe(false);
  });
});
