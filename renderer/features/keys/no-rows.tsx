import { Button } from '@mantine/core';
import { IconDatabaseOff, IconFilterOff } from '@tabler/icons-react';
import type { RedisFacts } from '../../../shared/contract/connections.ts';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import { fieldsOf } from '../../../shared/redis/key-predicate.ts';
import { formatCount, formatExact, plural } from '../../lib/format.ts';
import { navigate } from '../../lib/navigation.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadingRows } from '../../ui/loading-rows.tsx';
import { isFiltered } from './key-filter.ts';
import { useKeysPlace } from './keys-context.ts';
import { useSignal } from './signal.ts';

interface NoRowsProps {
  filter: KeyFilter;
  type: string;
  facts: RedisFacts | null;
  onClearFilter: () => void;
  onAllTypes: () => void;
  onDb: (db: number) => void;
}

/** Databases offered as a way out of an empty one. */
const offered = 4;

/** Why the list is empty, and what to do. */
export function NoRows({ filter, type, facts, onClearFilter, onAllTypes, onDb }: NoRowsProps) {
  const { index, db } = useKeysPlace();
  const state = useSignal(index.feed, (feed) => feed.snapshot?.state ?? 'scanning');
  const keys = useSignal(index.feed, (feed) => feed.snapshot?.keys ?? 0);
  const exactness = useSignal(index.feed, (feed) => feed.snapshot?.exactness ?? 'atLeast');
  const asked = fieldsOf(filter);
  const unread = useSignal(index.feed, (feed) => feed.snapshot === null || feed.snapshot.facts === null || feed.snapshot.facts.completedAt === null || asked.some((field) => !feed.snapshot?.facts?.fields.includes(field)));
  const done = state === 'done';
  if (isFiltered(filter) && keys > 0) {
    return (
      <EmptyState
        icon={<IconFilterOff size={28} stroke={1.5} />}
        title={`0 of ${formatCount(keys, exactness)} keys match`}
        actions={
          <Button variant="default" onClick={onClearFilter}>
            Clear filter
          </Button>
        }
      >
        {asked.length > 0 ? `No key${unread ? ' whose facts are read' : ''} meets all conditions.` : done ? 'No key has a name like this.' : 'No key found so far has a name like this; the scan goes on, and matches appear here.'}
        {asked.length > 0 && unread && ' Others may: they appear here as their facts are read.'}
      </EmptyState>
    );
  }
  if (state === 'scanning' || state === 'backing-off') return <LoadingRows rows={14} label="Scanning" />;
  if (state === 'failed' || state === 'waiting-for-server') return <EmptyState title="No keys read yet">The line above says what keeps the scan from going on.</EmptyState>;
  if (state === 'paused') return <EmptyState title="No keys found so far">The scan is paused. Resume it above.</EmptyState>;
  if (type !== '') {
    return (
      <EmptyState
        icon={<IconDatabaseOff size={28} stroke={1.5} />}
        title={`No keys of this type in db ${db}`}
        actions={
          <Button variant="default" onClick={onAllTypes}>
            Show all types
          </Button>
        }
      />
    );
  }
  const others = facts?.keyspace.filter((one) => one.db !== db && one.keys > 0).slice(0, offered) ?? [];
  return (
    <EmptyState
      icon={<IconDatabaseOff size={28} stroke={1.5} />}
      title={`No keys in db ${db}`}
      actions={
        <>
          {others.map((one) => (
            <Button key={one.db} variant="default" onClick={() => onDb(one.db)}>
              Switch to db {one.db} ({plural(one.keys, 'key')})
            </Button>
          ))}
          <Button variant="default" onClick={index.restart}>
            Scan again
          </Button>
          <Button variant="subtle" onClick={() => navigate({ screen: 'connections', workspaceId: null })}>
            Connections and demo
          </Button>
        </>
      }
    >
      {others.length > 0
        ? `${formatExact(others.length)} other ${others.length === 1 ? 'database holds' : 'databases hold'} keys.`
        : 'Keys appear here when an application writes them. The demo has a keyspace to look at.'}
    </EmptyState>
  );
}
