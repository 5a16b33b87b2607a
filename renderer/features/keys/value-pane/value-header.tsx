import { Select } from '@mantine/core';
import { IconArrowsDiff, IconRefresh, IconTerminal2 } from '@tabler/icons-react';
import { useEffect, useState, type ReactNode } from 'react';
import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { KeyFacts } from '../../../../shared/contract/values.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { useCommands } from '../../../lib/commands.ts';
import { copyText } from '../../../lib/copy.ts';
import { formatDateTime, formatDuration, formatExact } from '../../../lib/format.ts';
import { fieldTtlsAddress, ttlNamesAddress } from '../../../lib/ttl-link.ts';
import { TypeBadge } from '../../../ui/badge.tsx';
import { Bytes } from '../../../ui/bytes.tsx';
import { Count } from '../../../ui/count.tsx';
import { Duration } from '../../../ui/duration.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { InlineCopy } from '../../../ui/inline-copy.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { readCommand } from '../cli-commands.ts';
import { useNow } from '../use-now.ts';
import { useKeysPlace } from '../keys-context.ts';
import { useCompare } from './compare/compare-context.ts';
import { KeyActions } from './edit/key-actions.tsx';
import { refreshChoices } from './refresh-choices.ts';
import classes from './value.module.css';

interface ValueHeaderProps {
  facts: KeyFacts;
  reading: boolean;
  /** Seconds between readings, 0 = by hand. */
  every: number;
  onEvery: (seconds: number) => void;
  onRefresh: () => void;
}

/** Characters of a name shown before "show all". */
const shortName = 300;

const lengthWords: ReadonlyMap<string, string> = new Map([
  ['string', 'Length'],
  ['hash', 'Fields'],
  ['list', 'Elements'],
  ['set', 'Members'],
  ['zset', 'Members'],
  ['stream', 'Entries'],
]);

/** The key's name and everything known about it but its value. */
export function ValueHeader({ facts, reading, every, onEvery, onRefresh }: ValueHeaderProps) {
  const compare = useCompare();
  const { workspaceId } = useKeysPlace();
  useCommands([
    { id: 'keys.compare', title: 'Compare the open key with another', group: 'Keys', keywords: 'diff difference', run: () => compare.ask(facts.name, null) },
    { id: 'keys.ttl', title: 'Change the expiry of the open key with preview', group: 'Keys', keywords: 'ttl expire persist jitter', enabled: facts.type !== 'none', run: () => window.location.assign(ttlNamesAddress(workspaceId, [facts.name])) },
    { id: 'keys.field-ttls', title: 'Show the expiry of the open hash’s fields', group: 'Keys', keywords: 'ttl hexpire hash', enabled: facts.type === 'hash', run: () => window.location.assign(fieldTtlsAddress(workspaceId, facts.name)) },
  ]);
  return (
    <header className={classes['header']}>
      <div className={classes['nameLine']}>
        <KeyName name={facts.name} />
        <InlineCopy label="Copy name" text={() => nameLine(fromWire(facts.name))} />
        <IconButton label="Copy as redis-cli command" icon={<IconTerminal2 size={14} />} onClick={() => void copyText(readCommand(facts.name, facts.type))} />
        <IconButton label="Compare with another key" icon={<IconArrowsDiff size={14} />} onClick={() => compare.ask(facts.name, null)} />
        <KeyActions facts={facts} />
        <IconButton label={reading ? 'Reading' : 'Read again'} shortcut="mod+shift+r" icon={<IconRefresh size={14} />} onClick={onRefresh} />
        <Select
          aria-label="Read again by itself"
          w={92}
          value={String(every)}
          data={refreshChoices.map((seconds) => ({ value: String(seconds), label: seconds === 0 ? 'by hand' : `every ${seconds} s` }))}
          allowDeselect={false}
          comboboxProps={{ width: 120, position: 'bottom-end' }}
          onChange={(value) => onEvery(Number(value ?? 0))}
        />
      </div>
      {facts.type !== 'none' && <Facts facts={facts} onExpired={onRefresh} />}
    </header>
  );
}

function KeyName({ name }: { name: WireBytes }) {
  const [whole, setWhole] = useState(false);
  const bytes = fromWire(name).length;
  return (
    <h2 className={classes['name']} data-whole={whole || undefined}>
      <WireText value={name} limit={whole ? 70_000 : shortName} empty="(empty name)" />
      {bytes > shortName && (
        <button type="button" className={classes['link']} onClick={() => setWhole(!whole)}>
          {whole ? 'show less' : `show all ${formatExact(bytes)} bytes`}
        </button>
      )}
    </h2>
  );
}

function Facts({ facts, onExpired }: { facts: KeyFacts; onExpired: () => void }) {
  return (
    <dl className={classes['facts']}>
      <Fact name="Type">
        <TypeBadge type={facts.type} />
      </Fact>
      {facts.encoding !== null && <Fact name="Encoding">{facts.encoding}</Fact>}
      <Fact name="TTL">
        <Ttl facts={facts} onExpired={onExpired} />
      </Fact>
      {facts.length !== null && (
        <Fact name={lengthWords.get(facts.type) ?? 'Length'}>{facts.type === 'string' ? <Bytes value={facts.length} /> : <Count value={facts.length} />}</Fact>
      )}
      {facts.memoryBytes !== null && (
        <Fact name="Memory">
          <Bytes value={facts.memoryBytes} exactness={facts.memoryExactness} />
        </Fact>
      )}
      {facts.idleSeconds !== null && (
        <Fact name="Idle" title="Time since the last access">
          <Duration ms={facts.idleSeconds * 1000} />
        </Fact>
      )}
      {facts.frequency !== null && (
        <Fact name="Frequency" title="Logarithmic access counter of the LFU policy, 0 to 255">
          <span className="la-number">{facts.frequency}</span>
        </Fact>
      )}
      {facts.slot !== null && (
        <Fact name="Slot">
          <span className="la-number">{facts.slot}</span>
        </Fact>
      )}
      {facts.node !== null && <Fact name="Node">{facts.node}</Fact>}
    </dl>
  );
}

function Fact({ name, title, children }: { name: string; title?: string; children: ReactNode }) {
  return (
    <div className={classes['fact']} title={title}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Counts down by itself; reads the key again once when the time is over. */
function Ttl({ facts, onExpired }: { facts: KeyFacts; onExpired: () => void }) {
  const now = useNow();
  const left = facts.ttlMs === null ? null : facts.readAt + facts.ttlMs - now;
  const over = left !== null && left <= 0;
  useEffect(() => {
    // The server removes it within moments; asking in the same millisecond would still find it.
    if (!over) return undefined;
    const timer = setTimeout(onExpired, 150);
    return () => clearTimeout(timer);
  }, [over, onExpired]);
  if (left === null) return <>no expiry</>;
  if (over) return <>expired</>;
  const shown = left < 3_600_000 ? Math.ceil(left / 1000) * 1000 : left;
  return (
    <span className="la-number" title={`Expires ${formatDateTime(now + left)}; ${formatExact(facts.ttlMs ?? 0)} ms left when read`}>
      {formatDuration(shown)}
    </span>
  );
}
