import { Button } from '@mantine/core';
import { IconGhost } from '@tabler/icons-react';
import { EmptyState } from '../../../ui/empty-state.tsx';

/** The key that is open is not there any more. */
export function MissingKey({ expired, removed, onRetry }: { expired: boolean; removed: boolean; onRetry: () => void }) {
  return (
    <EmptyState
      icon={<IconGhost size={28} stroke={1.5} />}
      title={removed ? 'This key was deleted here' : expired ? 'This key has expired' : 'This key does not exist any more'}
      actions={
        <Button variant="default" onClick={onRetry}>
          Look again
        </Button>
      }
    >
      {removed
        ? 'It can be brought back: by Undo just after, or later from the list of recent edits in the command palette.'
        : expired
        ? 'Its time to live ran out after it was read here, or it was deleted before that. Its name stays in the list until the next scan.'
        : 'It was deleted, evicted or has expired since the scan. Its name stays in the list until the next scan.'}
    </EmptyState>
  );
}
