import type { DecodedValue } from '../../../../../shared/contract/decode.ts';
import { codecWords, type CodecId } from '../../../../../shared/decode/codecs.ts';

export function chainWords(codecs: readonly CodecId[]): string {
  return codecs.map((codec) => codecWords[codec].label).join(' › ');
}

/** `98 %`; never 100 for what is not certain. */
export function shareWords(confidence: number): string {
  const percent = confidence >= 1 ? 100 : Math.min(99, Math.max(1, Math.round(confidence * 100)));
  return `${percent} %`;
}

/** A chain is as sure as its least sure layer. */
export function chainConfidence({ layers }: Pick<DecodedValue, 'layers'>): number {
  return Math.min(1, ...layers.map(({ confidence }) => confidence));
}

/** What bytes are that nothing was recognised in. */
export function plainWords({ view, totalBytes }: Pick<DecodedValue, 'view' | 'totalBytes'>): string {
  if (totalBytes === 0) return 'empty';
  return view.kind === 'text' ? 'plain text' : 'bytes';
}
