import { Button } from '@mantine/core';
import { IconArrowsDiff, IconCopy, IconEraser, IconHourglass, IconTerminal2, IconX } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { fromWire, wireKey, type WireBytes } from '../../../../shared/bytes.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { useCommands } from '../../../lib/commands.ts';
import { copyText } from '../../../lib/copy.ts';
import { formatExact, plural } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { openInvalidateNames } from '../../../lib/open-invalidate.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { ttlChangeAddress, ttlListAddress } from '../../../lib/ttl-link.ts';
import { IconButton } from '../../../ui/icon-button.tsx';
import { readCommand } from '../cli-commands.ts';
import { ofType } from '../group-filter.ts';
import { useKeysPlace } from '../keys-context.ts';
import { selectedRows, type Selection } from '../selection.ts';
import type { KeyView } from '../use-key-view.ts';
import { useCompare } from '../value-pane/compare/compare-context.ts';
import { countKeys, maxNames, rowReader, selectedNames } from './selected-keys.ts';
import classes from './key-tree.module.css';

interface SelectionBarProps {
  view: KeyView;
  selection: Selection;
  /** Keys of the whole view. */
  total: number;
  onClear: () => void;
  onProblem: (problem: Problem) => void;
}

/** Types are read in batches of this many to write commands. */
const metaBatch = 500;

/** What is selected and what can be done with it. */
export function SelectionBar({ view, selection, total, onClear, onProblem }: SelectionBarProps) {
  const { client } = useHost();
  const { workspaceId, db, meta, index } = useKeysPlace();
  const rowAt = useMemo(() => rowReader(client, view.viewId, view.store), [client, view]);
  const [counted, setCounted] = useState<{ of: Selection; keys: number; complete: boolean } | null>(null);
  const [busy, setBusy] = useState('');
  const rows = selectedRows(selection);

  useEffect(() => {
    if (selection.all) return undefined;
    let left = false;
    countKeys(selection.ranges, rowAt).then(
      (found) => {
        if (!left) setCounted({ of: selection, ...found });
      },
      (error: unknown) => {
        if (!left) onProblem(toProblem(error));
      },
    );
    return () => {
      left = true;
    };
  }, [selection, rowAt, onProblem]);

  const now = selection.all ? { keys: total, complete: true } : counted;
  const words = now === null ? plural(rows, 'row') : `${now.complete ? '' : 'more than '}${plural(now.keys, 'key')} in ${plural(rows, 'row')}`;
  const tooMany = now !== null && now.keys > maxNames;

  const compare = useCompare();
  const compareTwo = async () => {
    try {
      const [left, right] = await selectedNames(client, view.viewId, selection.ranges, rowAt);
      if (left !== undefined && right !== undefined) compare.ask(left, right);
    } catch (error) {
      onProblem(toProblem(error));
    }
  };
  const invalidate = async () => {
    setBusy('invalidate');
    try {
      const names = await selectedNames(client, view.viewId, selection.ranges, rowAt);
      await openInvalidateNames(client, { workspaceId, db }, 'the selected keys', (from) => Promise.resolve(from === 0 ? names : []));
    } catch (error) {
      onProblem(toProblem(error));
    } finally {
      setBusy('');
    }
  };
  const copy = async (what: 'names' | 'commands') => {
    setBusy(what);
    try {
      const names = await selectedNames(client, view.viewId, selection.ranges, rowAt);
      const lines = what === 'names' ? names.map((name) => nameLine(fromWire(name))) : await commandsFor(names);
      await copyText(lines.join('\n'));
    } catch (error) {
      onProblem(toProblem(error));
    } finally {
      setBusy('');
    }
  };
  const changeExpiry = async () => {
    if (selection.all) {
      window.location.assign(ttlChangeAddress(workspaceId, ofType(view.filter, index.where.type)));
      return;
    }
    setBusy('expiry');
    try {
      const names = await selectedNames(client, view.viewId, selection.ranges, rowAt);
      if (names.length === 0) return;
      const { listId, names: count } = await client.bulk.nameList({ names });
      window.location.assign(ttlListAddress(workspaceId, { listId, count, label: 'Selected in the key browser' }));
    } catch (error) {
      onProblem(toProblem(error));
    } finally {
      setBusy('');
    }
  };
  const tooManyToChange = tooMany && !selection.all;
  useCommands([{ id: 'keys.selection.ttl', title: 'Change the expiry of the selected keys', group: 'Keys', keywords: 'ttl expire persist jitter bulk', enabled: !tooManyToChange, run: () => void changeExpiry() }]);
  const commandsFor = async (names: readonly WireBytes[]) => {
    const types = new Map<string, string>();
    for (const name of names) {
      const known = meta.get(name);
      if (known) types.set(wireKey(name), known.type);
    }
    const unknown = names.filter((name) => !types.has(wireKey(name)));
    for (let at = 0; at < unknown.length; at += metaBatch) {
      const found = await client.keys.meta({ workspaceId, db, names: unknown.slice(at, at + metaBatch) });
      for (const { name, type } of found) types.set(wireKey(name), type);
    }
    return names.map((name) => readCommand(name, types.get(wireKey(name)) ?? ''));
  };

  return (
    <div className={classes['selection']} role="region" aria-label="Selection">
      <span className={`${classes['selectionText']} la-cut la-number`} role="status" title={tooMany ? `At most ${formatExact(maxNames)} names are taken at once; export, and invalidating by folder or filter, have no limit` : words}>
        {words} selected
      </span>
      {now?.keys === 2 && now.complete && (
        <Button variant="default" leftSection={<IconArrowsDiff size={14} />} onClick={() => void compareTwo()}>
          Compare
        </Button>
      )}
      <Button variant="default" leftSection={<IconCopy size={14} />} loading={busy === 'names'} disabled={tooMany} onClick={() => void copy('names')}>
        Copy names
      </Button>
      <Button variant="default" leftSection={<IconTerminal2 size={14} />} loading={busy === 'commands'} disabled={tooMany} onClick={() => void copy('commands')}>
        Copy commands
      </Button>
      <IconButton
        label={tooManyToChange ? `The expiry of at most ${formatExact(maxNames)} selected keys is changed at once; a folder or a filter has no limit` : 'Change the expiry of the selected keys…'}
        icon={<IconHourglass size={14} />}
        disabled={tooManyToChange || busy === 'expiry'}
        onClick={() => void changeExpiry()}
      />
      <Button variant="default" leftSection={<IconEraser size={14} />} loading={busy === 'invalidate'} disabled={tooMany} onClick={() => void invalidate()}>
        Invalidate…
      </Button>
      <IconButton label="Clear selection" icon={<IconX size={14} />} onClick={onClear} />
    </div>
  );
}
