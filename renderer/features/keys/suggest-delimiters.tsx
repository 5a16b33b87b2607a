import { Button, CloseButton } from '@mantine/core';
import { useKeysPlace } from './keys-context.ts';
import { useSignal } from './signal.ts';
import type { KeyIndex } from './use-key-index.ts';
import { usePlaceState } from './use-place-state.ts';
import classes from './keys.module.css';

const none: readonly string[] = [];

/** Offers what the names seem to be split by and the settings do not have, until it is taken or waved off. */
export function SuggestDelimiters({ index, delimiters, onDelimiters }: { index: KeyIndex; delimiters: readonly string[]; onDelimiters: (delimiters: string[]) => void }) {
  const text = useSignal(index.feed, (feed) => JSON.stringify(feed.snapshot?.suggestedDelimiters ?? []));
  const { workspaceId, db } = useKeysPlace();
  const [refused, setRefused] = usePlaceState<readonly string[]>(`${workspaceId} ${db}`, none);
  const offered = (JSON.parse(text) as string[]).find((one) => !delimiters.includes(one) && !refused.includes(one));
  if (offered === undefined) return null;
  return (
    <div className={classes['notice']} role="status">
      <span>
        Names look split by <span className={`${classes['delimiter']} la-mono`}>{offered}</span> too.
      </span>
      <Button variant="light" size="compact-xs" onClick={() => onDelimiters([...delimiters, offered].slice(0, 8))}>
        Use it
      </Button>
      <CloseButton size={18} aria-label="Dismiss" onClick={() => setRefused([...refused, offered])} />
    </div>
  );
}
