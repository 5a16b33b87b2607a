import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { fromWire } from '../../../../../shared/bytes.ts';
import { hllMaxBytes, hllRegisters, hllStandardError, readHyperLogLog, type HyperLogLog } from '../../../../../shared/redis/hyperloglog.ts';
import { formatExact, formatShare } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { EmptyState } from '../../../../ui/empty-state.tsx';
import { FactList } from '../../../../ui/fact-list.tsx';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import type { ValueProps } from '../value-body.tsx';
import classes from './hll.module.css';

/** A HyperLogLog: its count computed here from its registers, since PFCOUNT would write to it. */
export function HyperLogLogView({ facts, round, onGone }: ValueProps) {
  const { orpc } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const input = { workspaceId, db, name: facts.name, type: 'string', count: 1, from: 0, bytes: hllMaxBytes };
  const page = useQuery({ ...orpc.values.page.queryOptions({ input, staleTime: 0, gcTime: 0 }), queryKey: [...orpc.values.page.queryKey({ input }), 'hll', round] });
  const problem = page.error ? toProblem(page.error) : null;
  useEffect(() => {
    if (problem?.code === 'KEY_GONE' || problem?.code === 'REDIS_WRONG_TYPE') onGone();
  }, [problem?.code, onGone]);
  const data = page.data?.type === 'string' ? page.data : null;
  const read = useMemo(() => (data === null ? null : readHyperLogLog(fromWire(data.chunk))), [data]);
  if (problem) return <ProblemView fills problem={problem} onRetry={() => void page.refetch()} />;
  if (data === null) return <LoadingRows rows={8} label="Reading the registers" />;
  if (read === null) {
    return (
      <EmptyState title="The registers cannot be read">
        The value begins as a HyperLogLog does, but what follows is not one: it is corrupt, or another string that begins with HYLL. The view All bytes shows it as it is.
      </EmptyState>
    );
  }
  return <Registers read={read} bytes={data.total} />;
}

function Registers({ read, bytes }: { read: HyperLogLog; bytes: number }) {
  const spread = read.estimate * hllStandardError;
  const most = Math.max(...read.histogram.slice(1), 1);
  const last = read.histogram.findLastIndex((registers) => registers > 0);
  return (
    <div className={classes['view']}>
      <FactList
        facts={[
          [
            'Distinct elements',
            <span key="count" className="la-number">
              ~{formatExact(read.estimate)} <span className={classes['dim']}>(standard error {formatShare(hllStandardError)}: two of three such counts are within ±{formatExact(Math.round(spread))})</span>
            </span>,
          ],
          ['Cached by the server', read.cached === null ? 'stale: the next PFCOUNT computes it anew' : formatExact(read.cached)],
          ['Encoding', `${read.encoding}, ${formatExact(bytes)} bytes`],
          ['Registers', `${formatExact(hllRegisters)}, of which ${formatExact(read.histogram[0] ?? 0)} are still zero`],
        ]}
      />
      <h3 className={classes['title']}>Registers by their value</h3>
      <table className={classes['table']} aria-label="Registers by their value">
        <thead>
          <tr>
            <th scope="col">Value</th>
            <th scope="col">Registers</th>
            <th scope="col">Share</th>
            <th scope="col" aria-label="Bar" />
          </tr>
        </thead>
        <tbody>
          {read.histogram.slice(0, last + 1).map((registers, value) => (
            <tr key={value}>
              <td className="la-number">{value}</td>
              <td className="la-number">{formatExact(registers)}</td>
              <td className="la-number">{formatShare(registers / hllRegisters)}</td>
              <td className={classes['barCell']}>
                <span className={classes['bar']} data-zero={value === 0 || undefined} style={{ width: `${Math.min(100, (registers / (value === 0 ? hllRegisters : most)) * 100)}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={classes['dim']}>A register holds the longest run of zero bits seen among its elements, plus one. The bar of value 0 is drawn against all registers, the others against the largest of them.</p>
    </div>
  );
}
