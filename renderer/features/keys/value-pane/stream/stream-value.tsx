import { Button, CloseButton, SegmentedControl, Tabs, TextInput } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { wireKey } from '../../../../../shared/bytes.ts';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import type { ValuePage } from '../../../../../shared/contract/values.ts';
import { formatDateTime, plural } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { IconButton } from '../../../../ui/icon-button.tsx';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { WireText } from '../../../../ui/wire-text-view.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import { ExportMenu } from '../collection/export-menu.tsx';
import { AddElement } from '../edit/add-element.tsx';
import { useElements } from '../edit/use-element.ts';
import { ElementDrawer, type OpenElement } from '../element-drawer.tsx';
import { useValuePages } from '../use-value-pages.ts';
import type { ValueProps } from '../value-body.tsx';
import { ValueTable, type Column } from '../value-table.tsx';
import { WithDrawer } from '../with-drawer.tsx';
import { ActionDialog } from './action-dialog.tsx';
import { StreamGroups } from './stream-groups.tsx';
import { parseStart, timeOfId } from './stream-id.ts';
import { useTail, type Entry } from './use-tail.ts';
import classes from './stream.module.css';
import values from '../value.module.css';

const perPage = 100;
/** Fields drawn in a row. */
const shownFields = 8;

function timeOf(id: string): string {
  const ms = timeOfId(id);
  return ms === null ? '–' : formatDateTime(ms);
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
        <span key={at} className={values['streamField']}>
          <span className={values['streamName']}>
            <WireText value={field.data} limit={40} />
          </span>{' '}
          <WireText value={value.data} limit={60} />
        </span>
      ))}
      {left > 0 && <span className={values['size']}>{left} more</span>}
    </>
  );
}

function entriesOf(page: ValuePage): readonly Entry[] {
  return page.type === 'stream' ? page.items : [];
}

/** A stream: its entries, and who reads them. */
export function StreamValue(props: ValueProps) {
  return (
    <Tabs defaultValue="entries" keepMounted={false} className={values['tabs'] ?? ''}>
      <Tabs.List>
        <Tabs.Tab value="entries">Entries</Tabs.Tab>
        <Tabs.Tab value="groups">Groups</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="entries" className={values['tabPanel'] ?? ''}>
        <Entries {...props} />
      </Tabs.Panel>
      <Tabs.Panel value="groups" className={values['tabPanel'] ?? ''}>
        <StreamGroups {...props} />
      </Tabs.Panel>
    </Tabs>
  );
}

type Order = 'new' | 'old' | 'live';

function Entries({ facts, round, onGone }: ValueProps) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const [order, setOrder] = useState<Order>('new');
  const [start, setStart] = useState('');
  const [entry, setEntry] = useState<Entry | null>(null);
  const [trimming, setTrimming] = useState(false);
  const [paused, setPaused] = useState(false);
  const [notice, setNotice] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [changes, setChanges] = useState(0);
  const { name } = facts;
  const where = { workspaceId, db, name };
  const elements = useElements();
  const live = order === 'live';
  const paged = useValuePages<Entry>(
    {
      fetch: (cursor, signal) => client.values.page({ ...where, type: 'stream', cursor, count: perPage, reverse: order === 'new', start }, { signal }),
      read: entriesOf,
      identity: (one) => one.id,
      onGone,
    },
    [client, workspaceId, db, name, order === 'old', start, round, changes],
  );
  const tail = useTail(
    (from, reverse, count, signal) => client.values.page({ ...where, type: 'stream', count, reverse, start: from }, { signal }),
    { on: live, paused, onGone },
    [client, workspaceId, db, name],
  );
  return (
    <WithDrawer name="keys.entry" onClose={() => setEntry(null)} drawer={entry && <EntryDrawer key={entry.id} facts={facts} entry={entry} onClose={() => setEntry(null)} />}>
      <div className={values['bytesBar']}>
        <SegmentedControl
          size="xs"
          aria-label="Order"
          value={order}
          onChange={(value) => {
            setOrder(value);
            setPaused(false);
          }}
          data={[
            { value: 'new', label: 'Newest first' },
            { value: 'old', label: 'Oldest first' },
            { value: 'live', label: 'Live' },
          ]}
        />
        {live ? (
          <span className={classes['live']} role="status">
            <IconButton label={paused ? 'Go on' : 'Pause'} icon={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />} disabled={tail.ended} onClick={() => setPaused(!paused)} />
            {tail.ended ? 'Ended after ten minutes' : paused ? 'Paused' : 'Reading once a second'}, {plural(tail.came, 'new entry', 'new entries')}
            {tail.skipped && ', some left out: they came faster than they are read'}
          </span>
        ) : (
          <StartAt start={start} onStart={setStart} newest={order === 'new'} />
        )}
        <span className={values['spring']} />
        {live && tail.ended && (
          <Button variant="default" onClick={tail.pages.retry}>
            Begin again
          </Button>
        )}
        <Button variant="default" onClick={() => setTrimming(true)}>
          Trim…
        </Button>
        <AddElement name={name} type="stream" unit="entry" />
        <ExportMenu name={name} type="stream" onProblem={setProblem} onNotice={setNotice} />
      </div>
      {problem && <ProblemView problem={problem} onRetry={() => setProblem(null)} retryLabel="Dismiss" />}
      {notice !== '' && (
        <div className={values['noticeLine']} role="status">
          <span>{notice}</span>
          <CloseButton size={18} aria-label="Dismiss" onClick={() => setNotice('')} />
        </div>
      )}
      <ValueTable
        name="stream"
        label="Entries"
        unit="entry"
        units="entries"
        columns={columns}
        pages={live ? tail.pages : paged}
        onOpen={setEntry}
        onRowKey={(key, one) => {
          if (key === 'F2') return setEntry(one);
          void elements.remove({ name, type: 'stream', id: one.id, idBytes: null, score: null }, { data: '', bytes: 0, truncated: false }).then((gone) => gone && setEntry(null));
        }}
        describe={(one) => `${one.id}: ${one.fields.map(({ field, value }) => `${wireLabel(field.data, 40)} ${wireLabel(value.data, 40)}`).join(', ')}`}
      />
      {trimming && (
        <ActionDialog
          where={where}
          asked={{ do: 'trim', to: { by: 'length', keep: 1000 } }}
          onClose={() => setTrimming(false)}
          onDone={(words) => {
            setTrimming(false);
            setNotice(words);
            setChanges((before) => before + 1);
          }}
        />
      )}
    </WithDrawer>
  );
}

/** Where the list begins: an id or a time. */
function StartAt({ start, onStart, newest }: { start: string; onStart: (start: string) => void; newest: boolean }) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const go = () => {
    const parsed = text.trim() === '' ? '' : parseStart(text);
    setWrong(parsed === null);
    if (parsed !== null) onStart(parsed);
  };
  return (
    <>
      <TextInput
        w={190}
        aria-label={newest ? 'Begin at id or time, going back' : 'Begin at id or time, going on'}
        placeholder="Begin at id or time"
        title="1764000000000-0, or 2026-11-24 10:20"
        classNames={{ input: 'la-mono' }}
        value={text}
        error={wrong}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setWrong(false);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go();
        }}
      />
      {start !== '' && (
        <Button
          variant="subtle"
          color="gray"
          onClick={() => {
            setText('');
            onStart('');
          }}
        >
          From the {newest ? 'end' : 'beginning'}
        </Button>
      )}
    </>
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
    <div className={values['entry']}>
      <ul className={values['entryFields']} aria-label="Fields of the entry">
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
