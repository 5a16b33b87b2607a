import { expect, test } from 'vitest';
import type { CodecId } from '../../../../../shared/decode/codecs.ts';
import { offerOf } from './layered.ts';

function offer(codecs: CodecId[], more: { totalBytes?: number; exactness?: 'whole' | 'window' | 'cut'; failed?: CodecId } = {}) {
  const layers = codecs.map((codec) => ({ codec, confidence: 1, reason: '', bytesIn: 1, bytesOut: 1 }));
  const failed = more.failed === undefined ? null : { codec: more.failed, reason: 'broken', atByte: null };
  return offerOf({ layers, failed, exactness: more.exactness ?? 'whole', totalBytes: more.totalBytes ?? 100 });
}

test('plain text, plain JSON and mere readings are edited as they are', () => {
  for (const codecs of [[], ['json'], ['uuid'], ['timestamp']] as CodecId[][]) expect(offer(codecs)).toEqual({ kind: 'none' });
});

test('layers that can be written are offered, the others with the reason', () => {
  expect(offer(['zstd', 'msgpack'])).toEqual({ kind: 'offered', codecs: ['zstd', 'msgpack'] });
  expect(offer(['gzip', 'timestamp'])).toEqual({ kind: 'offered', codecs: ['gzip'] });
  expect(offer(['zlib', 'pickle'])).toEqual({ kind: 'refused', reason: 'Python pickle is only read, not written' });
  expect(offer(['gzip'], { failed: 'json' })).toMatchObject({ kind: 'refused' });
  expect(offer(['gzip'], { exactness: 'window' })).toMatchObject({ kind: 'refused' });
  expect(offer(['gzip'], { totalBytes: 2 * 1024 * 1024 })).toMatchObject({ kind: 'refused' });
});
