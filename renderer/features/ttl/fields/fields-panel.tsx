import { Button, TextInput } from '@mantine/core';
import { IconListDetails } from '@tabler/icons-react';
import { useState } from 'react';
import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { FieldTtlSnapshot } from '../../../../shared/contract/bulk.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { formatDateTime, formatExact, formatShare } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { nameFromInput } from '../../../lib/name-input.ts';
import { useSnapshotStream } from '../../../lib/streams.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { Count } from '../../../ui/count.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { bucketWords } from '../../../lib/bulk-words.ts';
import { ShareBar } from '../panel-states.tsx';
import { useTtlPlace } from '../ttl-place.ts';
import classes from '../ttl.module.css';

/** The expiries of the fields of one hash, by its name. */
export function FieldsPanel({ name, changedAt, onName }: { name: WireBytes | null; changedAt: number; onName: (name: WireBytes | null) => void }) {
  const asText = name === null ? '' : nameLine(fromWire(name));
  const [text, setText] = useState(asText);
  const [shown, setShown] = useState(asText);
  // a link names another hash while the panel is open
  if (shown !== asText) {
    setShown(asText);
    setText(asText);
  }
  return (
    <div className={classes['panel']}>
      <form
        className={classes['bar']}
        aria-label="Hash fields"
        onSubmit={(event) => {
          event.preventDefault();
          onName(text === '' ? null : nameFromInput(text));
        }}
      >
        <TextInput aria-label="Name of a hash" placeholder='Name of a hash, exactly; in quotes with escapes where it cannot be typed: "\xff"' className={classes['fill'] ?? ''} classNames={{ input: 'la-mono' }} spellCheck={false} autoComplete="off" value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <Button type="submit">Read its fields</Button>
      </form>
      {name === null ? (
        <EmptyState icon={<IconListDetails size={28} stroke={1.5} />} title="Expiry of hash fields">
          Since Redis 7.4 and Valkey 9 each field of a hash may have an expiry of its own. Name a hash to see how they are spread, and to set or persist many at once.
        </EmptyState>
      ) : (
        <Fields key={wireLabel(name)} name={name} changedAt={changedAt} />
      )}
    </div>
  );
}

/** Read anew when a change has ended. */
function Fields({ name, changedAt }: { name: WireBytes; changedAt: number }) {
  const { client } = useHost();
  const { workspaceId, db, openChange } = useTtlPlace();
  const { snapshot, problem, restart, ended } = useSnapshotStream<FieldTtlSnapshot>((signal) => client.bulk.fieldTtls({ workspaceId, db, name }, { signal }), [client, workspaceId, db, name, changedAt]);
  if (problem?.code === 'UNSUPPORTED') {
    return (
      <EmptyState icon={<IconListDetails size={28} stroke={1.5} />} title="This server has no expiry for hash fields">
        {problem.message}. It takes Redis 7.4 or Valkey 9 at least.
      </EmptyState>
    );
  }
  if (snapshot === null) return problem === null ? <LoadingRows rows={6} label="Reading the fields" /> : <ProblemView problem={problem} onRetry={restart} fills />;
  const counted = snapshot.byTtl.reduce((sum, { fields }) => sum + fields, 0);
  return (
    <>
      {problem !== null && <ProblemView problem={problem} onRetry={restart} tone="warning" />}
      <div className={classes['bar']}>
        <span className={classes['fill']}>
          <WireText value={name} limit={120} />: <Count value={snapshot.walked} exactness={snapshot.exactness} /> of {formatExact(snapshot.total)} fields read
          {snapshot.earliestExpiry !== null && snapshot.latestExpiry !== null && (
            <span className={classes['dim']}>
              {' '}
              · first expires {formatDateTime(snapshot.earliestExpiry)}, last {formatDateTime(snapshot.latestExpiry)}
            </span>
          )}
        </span>
        <Button variant="default" disabled={!ended} onClick={restart}>
          Read again
        </Button>
        <Button onClick={() => openChange({ hash: name })}>Change the expiry of fields</Button>
        <Button variant="default" onClick={() => openChange({ hash: name, kind: 'persist' })}>
          Persist fields
        </Button>
      </div>
      <div className={classes['scroll']}>
        <table className={classes['table']} aria-label="Fields by time left">
          <thead>
            <tr>
              <th>Time left</th>
              <th data-number>Fields</th>
              <th data-number>Share</th>
              <th className={classes['name']} aria-label="Share as a bar" />
            </tr>
          </thead>
          <tbody>
            {snapshot.byTtl.map(({ bucket, fields }) => (
              <tr key={bucket} data-quiet={fields === 0 || undefined}>
                <td>{bucketWords[bucket]}</td>
                <td data-number>
                  <Count value={fields} exactness={snapshot.exactness} />
                </td>
                <td data-number>{counted === 0 ? '–' : formatShare(fields / counted)}</td>
                <td className={classes['name']}>
                  <ShareBar share={counted === 0 ? 0 : fields / counted} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
