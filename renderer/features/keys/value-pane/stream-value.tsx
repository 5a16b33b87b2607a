import { SegmentedControl, Tabs } from '@mantine/core';
import { useState } from 'react';
import { wireKey } from '../../../../shared/bytes.ts';
import type { Cut, ValuePage } from '../../../../shared/contract/values.ts';
import { formatDateTime } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { useKeysPlace } from '../keys-context.ts';
import { ElementDrawer, type OpenElement } from './element-drawer.tsx';
import { StreamGroups } from './stream-groups.tsx';
import { AddElement } from './edit/add-element.tsx';
import { useElements } from './edit/use-element.ts';
import { useValuePages } from './use-value-pages.ts';
import type { ValueProps } from './value-body.tsx';
import { ValueTable, type Column } from './value-table.tsx';
import { WithDrawer } from './with-drawer.tsx';
import classes from './value.module.css';

interface Entry {
  readonly id: string;
  readonly fields: readonly { field: Cut; value: Cut }[];
}

const perPage = 100;
/** Fields drawn in a row. */
const shownFields = 8;

/** The time in an id that the server made: its milliseconds. Ids of the writer's own making have none that means anything. */
function timeOf(id: string): string {
  const ms = Number(id.split('-')[0]);
  return ms > 946_684_800_000 && ms < 4_102_444_800_000 ? formatDateTime(ms) : '–';
}

const columns: readonly Column<Entry>[] = [
  { id: 'id', title: 'Id', width: 170, cell: (entry) => <span className="la-mono la-number">{entry.id}</span> },
  { id: 'time', title: 'Time of the id', width: 172, cell: (entry) => <span className="la-number">{timeOf(entry.id)}</span> },
  { id: 'fields', title: 'Fields', width: 300, cell: (entry) => <Fields fields={entry.fields.slice(0, shownFields)} left={entry.fields.length - shownFields} /> },
];

function Fields({ fields, left }: { fields: Entry['fields']; left: number }) {
  return (
    <>
      {fields.map(({ field, value }, at) => (
        <span key={at} className={classes['streamField']}>
          <span className={classes['streamName']}>
            <WireText value={field.data} limit={40} />
          </span>{' '}
          <WireText value={value.data} limit={60} />
        </span>
      ))}
      {left > 0 && <span className={classes['size']}>{left} more</span>}
    </>
  );
}

function entriesOf(page: ValuePage): readonly Entry[] {
  return page.type === 'stream' ? page.items : [];
}

/** A stream: its entries, and who reads them. */
export function StreamValue(props: ValueProps) {
  return (
    <Tabs defaultValue="entries" keepMounted={false} className={classes['tabs'] ?? ''}>
      <Tabs.List>
        <Tabs.Tab value="entries">Entries</Tabs.Tab>
        <Tabs.Tab value="groups">Groups</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="entries" className={classes['tabPanel'] ?? ''}>
        <Entries {...props} />
      </Tabs.Panel>
      <Tabs.Panel value="groups" className={classes['tabPanel'] ?? ''}>
        <StreamGroups {...props} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Entries({ facts, round, onGone }: ValueProps) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const [reverse, setReverse] = useState(true);
  const [entry, setEntry] = useState<Entry | null>(null);
  const { name } = facts;
  const elements = useElements();
  const pages = useValuePages<Entry>(
    {
      fetch: (cursor, signal) => client.values.page({ workspaceId, db, name, type: 'stream', cursor, count: perPage, reverse }, { signal }),
      read: entriesOf,
      identity: (one) => one.id,
      onGone,
    },
    [client, workspaceId, db, name, reverse, round],
  );
  return (
    <WithDrawer name="keys.entry" onClose={() => setEntry(null)} drawer={entry && <EntryDrawer key={entry.id} facts={facts} entry={entry} onClose={() => setEntry(null)} />}>
      <div className={classes['bytesBar']}>
        <SegmentedControl
          size="xs"
          aria-label="Order"
          value={reverse ? 'new' : 'old'}
          onChange={(value) => setReverse(value === 'new')}
          data={[
            { value: 'new', label: 'Newest first' },
            { value: 'old', label: 'Oldest first' },
          ]}
        />
        <span className={classes['spring']} />
        <AddElement name={name} type="stream" unit="entry" />
      </div>
      <ValueTable
        name="stream"
        label="Entries"
        unit="entry"
        units="entries"
        columns={columns}
        pages={pages}
        onOpen={setEntry}
        onRowKey={(key, one) => {
          if (key === 'F2') return setEntry(one);
          void elements.remove({ name, type: 'stream', id: one.id, idBytes: null, score: null }, { data: '', bytes: 0, truncated: false }).then((gone) => gone && setEntry(null));
        }}
        describe={(one) => `${one.id}: ${one.fields.map(({ field, value }) => `${wireLabel(field.data, 40)} ${wireLabel(value.data, 40)}`).join(', ')}`}
      />
    </WithDrawer>
  );
}

/** One entry: choose a field to read its value. */
function EntryDrawer({ facts, entry, onClose }: { facts: ValueProps['facts']; entry: Entry; onClose: () => void }) {
  const [at, setAt] = useState(0);
  const chosen = entry.fields[at];
  const element: OpenElement | null = chosen
    ? { name: facts.name, type: 'stream', id: `${entry.id}/${at}`, idBytes: null, title: `${entry.id} · ${wireLabel(chosen.field.data, 60)}`, value: chosen.value }
    : null;
  return (
    <div className={classes['entry']}>
      <ul className={classes['entryFields']} aria-label="Fields of the entry">
        {entry.fields.map(({ field }, index) => (
          <li key={`${index} ${wireKey(field.data).slice(0, 40)}`}>
            <button type="button" aria-pressed={index === at} onClick={() => setAt(index)}>
              <WireText value={field.data} limit={60} />
            </button>
          </li>
        ))}
      </ul>
      {element && <ElementDrawer key={at} element={element} onClose={onClose} />}
    </div>
  );
}
