import type { KeyFacts } from '../../../../shared/contract/values.ts';
import { CollectionValue } from './collection-value.tsx';
import { JsonDocument } from './json-module/json-document.tsx';
import { OtherValue } from './other-value.tsx';
import { StreamValue } from './stream/stream-value.tsx';
import { StringViews } from './string-views.tsx';
import { VectorValue } from './vector/vector-value.tsx';
import { ZsetViews } from './zset-views.tsx';

export interface ValueProps {
  facts: KeyFacts;
  /** Grows when the key is to be read again. */
  round: number;
  /** The key is gone or of another type: its facts are to be read again. */
  onGone: () => void;
}

/** The value itself, by its type. */
export function ValueBody(props: ValueProps) {
  const { facts } = props;
  switch (facts.type) {
    case 'string':
      return <StringViews {...props} />;
    case 'hash':
    case 'list':
    case 'set':
      return <CollectionValue {...props} type={facts.type} />;
    case 'zset':
      return <ZsetViews {...props} />;
    case 'stream':
      return <StreamValue {...props} />;
    case 'vectorset':
      return <VectorValue {...props} />;
    case 'ReJSON-RL':
      return <JsonDocument {...props} />;
    default:
      return <OtherValue {...props} />;
  }
}
