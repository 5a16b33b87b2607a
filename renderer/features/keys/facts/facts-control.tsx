import { Button, Checkbox, Popover } from '@mantine/core';
import { IconListSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { keyFactFields, type KeyFactField } from '../../../../shared/contract/key-filter.ts';
import type { IndexSnapshot } from '../../../../shared/contract/keys.ts';
import { useCommands } from '../../../lib/commands.ts';
import { useSetting } from '../../../lib/settings.ts';
import type { KeyIndex } from '../use-key-index.ts';
import { factWords, fieldList, wayWords } from './fact-words.ts';
import classes from './facts.module.css';

function isFields(value: unknown): value is KeyFactField[] {
  return Array.isArray(value) && value.every((one) => (keyFactFields as readonly unknown[]).includes(one));
}

const usual: KeyFactField[] = ['type', 'ttl', 'bytes'];

/** Chooses what to read of every key, says what that costs, and begins. */
export function FactsControl({ index, snapshot }: { index: KeyIndex; snapshot: IndexSnapshot | null }) {
  const [opened, setOpened] = useState(false);
  const [wanted, setWanted] = useSetting<readonly KeyFactField[]>('keys.facts', usual, isFields);
  const facts = snapshot?.facts ?? null;
  const read = facts?.fields ?? [];
  const all = keyFactFields.filter((field) => wanted.includes(field));
  const nothingNew = all.every((field) => read.includes(field));
  const begin = (refresh: boolean) => {
    index.enrich(all, refresh);
    setOpened(false);
  };
  useCommands([
    { id: 'keys.read-facts', title: 'Read facts of every key', group: 'Keys', keywords: 'type ttl size memory idle encoding enrich', enabled: snapshot !== null, run: () => setOpened(true) },
    { id: 'keys.forget-facts', title: 'Forget the facts of keys', group: 'Keys', enabled: facts !== null, run: () => index.enrich([], false) },
  ]);
  const way = facts === null ? '' : wayWords(facts);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={340} withRoles={false} trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" size="compact-xs" leftSection={<IconListSearch size={13} />} disabled={snapshot === null} aria-expanded={opened} aria-haspopup="dialog" onClick={() => setOpened(!opened)}>
          {facts === null ? 'Read facts' : 'Facts'}
        </Button>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label="Read facts">
        <div className={classes['choices']}>
          <p className={classes['note']}>Reads these of every key, in one pass over the keyspace and within the scan’s share of server time. It can be paused, and goes on where it stopped.</p>
          {keyFactFields.map((field) => (
            <Checkbox
              key={field}
              label={read.includes(field) ? `${factWords[field].label} (read)` : factWords[field].label}
              description={factWords[field].cost}
              checked={wanted.includes(field)}
              onChange={(event) => {
                const { checked } = event.currentTarget;
                setWanted((before) => (checked ? [...before, field] : before.filter((one) => one !== field)));
              }}
            />
          ))}
          <p className={classes['note']}>{way === '' ? 'One read-only script a page where the server allows it, else single reads in a pipeline. Which way shows here once the pass has begun.' : `Read by ${way}.`}</p>
          {facts?.disturbsIdle === true && wanted.includes('elements') && <p className={classes['warning']}>This server has no CLIENT NO-TOUCH: reading element counts resets the idle time of each key.</p>}
        </div>
        <div className={classes['actions']}>
          <Button disabled={all.length === 0} onClick={() => begin(nothingNew)}>
            {nothingNew && facts !== null ? 'Read again' : `Read ${fieldList(all)}`}
          </Button>
          {facts !== null && (
            <Button
              variant="default"
              onClick={() => {
                index.enrich([], false);
                setOpened(false);
              }}
            >
              Forget facts
            </Button>
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
