import type { KeyFacts } from '../../../../shared/contract/values.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { CollectionValue } from './collection-value.tsx';
import { StreamValue } from './stream-value.tsx';
import { StringValue } from './string-value.tsx';

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
      return <StringValue {...props} />;
    case 'hash':
    case 'list':
    case 'set':
    case 'zset':
      return <CollectionValue {...props} type={facts.type} />;
    case 'stream':
      return <StreamValue {...props} />;
    default:
      return (
        <EmptyState title={`Values of type ${facts.type} are not opened here`}>
          The type belongs to a module of the server. Its name, expiry and memory are known and shown above; the value stays untouched, and the commands of the module read it.
        </EmptyState>
      );
  }
}
