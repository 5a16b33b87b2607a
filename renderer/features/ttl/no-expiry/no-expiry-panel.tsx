import { Button } from '@mantine/core';
import { IconInfinity } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { InferContractRouterOutputs } from '@orpc/contract';
import type { Contract } from '../../../../shared/contract/contract.ts';
import { formatBytes, formatExact, formatShare } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useSetting } from '../../../lib/settings.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { TypeBadge } from '../../../ui/badge.tsx';
import { Bytes } from '../../../ui/bytes.tsx';
import { Count } from '../../../ui/count.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import type { WireBytes } from '../../../../shared/bytes.ts';
import { DepthSelect } from '../distribution/distribution-panel.tsx';
import { PanelStates, ShareBar } from '../panel-states.tsx';
import { useTtlPlace } from '../ttl-place.ts';
import { useAnswer } from '../use-answer.ts';
import classes from '../ttl.module.css';

type KeysOut = InferContractRouterOutputs<Contract['keys']>;

interface NoExpiry {
  page: KeysOut['namespaces'];
  top: KeysOut['top'] | null;
}

const rowsShown = 200;
const topShown = 100;

/** Namespaces and keys that stay until someone deletes them, the biggest first. */
export function NoExpiryPanel() {
  const { client } = useHost();
  const { indexId, stamp, hasBytes, workspaceId } = useTtlPlace();
  const [depth, setDepth] = useSetting<number>(`ttl.depth.${workspaceId}`, 1);
  const [viewId, setViewId] = useState<string | null>(null);
  const [round, setRound] = useState(0);

  // The view follows the index by itself; one is enough as long as the panel is open.
  const opening = useAnswer<string>(
    indexId === null
      ? null
      : async () => {
          const opened = await client.keys.openView({ index: indexId, mode: 'list', filter: { pattern: '', mode: 'literal', ttlMs: 'none' }, expanded: [] });
          return opened.viewId;
        },
    [client, indexId, round],
    null,
  );
  const opened = opening.value;
  useEffect(() => {
    setViewId(opened);
    if (opened === null) return undefined;
    return () => {
      // A view that is gone already needs no closing.
      client.keys.closeView({ viewId: opened }).catch(() => undefined);
    };
  }, [client, opened]);

  const answer = useAnswer<NoExpiry>(
    indexId === null || viewId === null
      ? null
      : async (signal) => ({
          page: await client.keys.namespaces({ indexId, viewId, depth, sort: hasBytes ? 'bytes' : 'keys', from: 0, count: rowsShown }, { signal }),
          top: hasBytes ? await client.keys.top({ indexId, viewId, by: 'bytes', count: topShown }, { signal }) : null,
        }),
    [client, indexId, viewId, depth, hasBytes],
    stamp,
  );
  const shown = opening.problem === null ? answer : { ...answer, problem: opening.problem, value: null, retry: () => setRound((before) => before + 1) };
  return (
    <div className={classes['panel']}>
      <div className={classes['bar']} role="group" aria-label="No expiry">
        <DepthSelect depth={depth} onDepth={setDepth} />
        <span className={`${classes['dim']} ${classes['fill']}`}>Keys without an expiry, by what they take in memory. Under a volatile-* policy the server never evicts them.</span>
      </div>
      <PanelStates answer={shown} label="Looking for keys without expiry">
        {({ page, top }) => (page.whole.keys === 0 ? <None /> : <NoExpiryTables page={page} top={top} />)}
      </PanelStates>
    </div>
  );
}

function None() {
  const { whole } = useTtlPlace();
  return (
    <EmptyState icon={<IconInfinity size={28} stroke={1.5} />} title={whole ? 'Every key has an expiry' : 'No key without expiry so far'}>
      {whole ? 'Nothing stays for ever in this database.' : 'Reading goes on; they appear here as they are found.'}
    </EmptyState>
  );
}

function NoExpiryTables({ page, top }: NoExpiry) {
  const { openKeys, openChange } = useTtlPlace();
  const { rows, whole, total, outside, exactness } = page;
  const bytes = whole.bytes?.value ?? 0;
  const keysOf = (pattern: WireBytes) => ({ pattern, mode: 'prefix' as const, ttlMs: 'none' as const });
  return (
    <>
      <p className={classes['note']}>
        <Count value={whole.keys} exactness={exactness} unit={whole.keys === 1 ? 'key has no expiry' : 'keys have no expiry'} />
        {whole.bytes !== null && (
          <>
            {' and take '}
            <Bytes value={whole.bytes.value} exactness={whole.bytes.exactness} />
          </>
        )}
        {outside > 0 && `; ${formatExact(outside)} of them lie above this depth`}
        {total > rows.length && `; the ${formatExact(rows.length)} biggest of ${formatExact(total)} namespaces are listed`}.
      </p>
      <div className={classes['sides']}>
        <div className={`${classes['panel']} ${classes['scroll']}`} tabIndex={0} role="region" aria-label="Namespaces without expiry">
          <table className={classes['table']}>
            <thead>
              <tr>
                <th>Namespace</th>
                <th data-number>Keys without expiry</th>
                <th data-number>Bytes</th>
                <th data-number>Share</th>
                <th aria-label="Actions" />
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => {
                const part = bytes > 0 && row.bytes !== null ? row.bytes.value / bytes : whole.keys === 0 ? 0 : row.keys / whole.keys;
                const name = wireLabel(row.name);
                return (
                  <tr key={name}>
                    <td className={`${classes['name']} la-mono la-cut`} title={name}>
                      <WireText value={row.name} limit={200} />
                    </td>
                    <td data-number>
                      <button type="button" className={classes['link']} onClick={() => openKeys({ title: `Keys of ${name} without expiry`, filter: () => keysOf(row.name) })}>
                        <Count value={row.keys} exactness={exactness} />
                      </button>
                    </td>
                    <td data-number>{row.bytes === null ? '–' : <Bytes value={row.bytes.value} exactness={row.bytes.exactness} />}</td>
                    <td data-number>
                      {formatShare(part)}
                      <ShareBar share={part} />
                    </td>
                    <td>
                      <Button variant="default" h={20} fz={12} aria-label={`Set a TTL for ${name}`} onClick={() => openChange({ filter: keysOf(row.name), kind: 'expire', ttl: '1d', jitter: '1h', condition: 'NX' })}>
                        Set a TTL
                      </Button>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
        {top !== null && (
          <div className={classes['side']}>
            <h2 className={classes['heading']}>
              Biggest keys without expiry
              <span className={`${classes['dim']} ${classes['fill']}`}>{top.known < top.of && `of ${formatExact(top.known)} read so far`}</span>
            </h2>
            <div className={classes['scroll']} tabIndex={0} role="region" aria-label="Biggest keys without expiry">
              <table className={classes['table']}>
                <tbody>
                  {top.keys.map(({ name, facts }) => (
                    <tr key={wireLabel(name)}>
                      <td className={`${classes['name']} la-mono la-cut`} title={wireLabel(name)}>
                        <WireText value={name} limit={160} />
                      </td>
                      <td>{facts.type !== null && <TypeBadge type={facts.type} />}</td>
                      <td data-number>{facts.bytes === null ? '–' : formatBytes(facts.bytes)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </div>
        )}
      </div>
    </>
  );
}
