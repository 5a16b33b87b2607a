import { Button } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { fromWire } from '../../../../shared/bytes.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { formatBytes, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { IconButton } from '../../../ui/icon-button.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { useKeysPlace } from '../keys-context.ts';
import { draftId } from './edit/draft-store.ts';
import { EditDecoded } from './edit/edit-decoded.tsx';
import { offerOf } from './edit/layered.ts';
import { readWhole } from './edit/read-whole.ts';
import { EditString } from './edit/edit-string.tsx';
import { BytesView } from './bytes-view.tsx';
import { DecodedValue } from './decoded/decoded-value.tsx';
import type { ValueProps } from './value-body.tsx';
import classes from './value.module.css';

const windowBytes = 65_536;
/** The contract's largest window. */
const largestWindow = 262_144;
/** Up to here a value can be loaded whole, in windows. */
const maxWhole = 1024 * 1024;

/** A string: a window of it at a time, the whole only when it is small enough and asked for. */
export function StringValue({ facts, round, onGone }: ValueProps) {
  const { orpc, client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const { name } = facts;
  const [from, setFrom] = useState(0);
  const [whole, setWhole] = useState<{ round: number; bytes: Uint8Array } | null>(null);
  const [loading, setLoading] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const page = useQuery(
    orpc.values.page.queryOptions({
      input: { workspaceId, db, name, type: 'string', count: 1, from, bytes: windowBytes },
      staleTime: 0,
      gcTime: 0,
      placeholderData: keepPreviousData,
    }),
  );
  const { refetch, error } = page;
  useEffect(() => {
    if (round > 0) void refetch();
  }, [round, refetch]);
  useEffect(() => {
    const code = error ? toProblem(error).code : null;
    if (code === 'KEY_GONE' || code === 'REDIS_WRONG_TYPE') onGone();
  }, [error, onGone]);

  const data = page.data?.type === 'string' ? page.data : null;
  const bytes = useMemo(() => (data ? fromWire(data.chunk) : null), [data]);
  const loaded = whole?.round === round ? whole.bytes : null;

  const loadWhole = async (total: number) => {
    setLoading(true);
    try {
      const parts: number[] = [];
      let value = new Uint8Array(total);
      for (let at = 0; at < total; at += largestWindow) {
        const part = await client.values.page({ workspaceId, db, name, type: 'string', count: 1, from: at, bytes: largestWindow });
        if (part.type !== 'string') return;
        const chunk = fromWire(part.chunk).subarray(0, total - at);
        value.set(chunk, at);
        parts.push(chunk.length);
      }
      const length = parts.reduce((sum, one) => sum + one, 0);
      value = value.subarray(0, length);
      setWhole({ round, bytes: value });
      setProblem(null);
    } catch (failure) {
      setProblem(toProblem(failure));
    } finally {
      setLoading(false);
    }
  };

  if (data === null || bytes === null) return error ? <ProblemView fills problem={toProblem(error)} onRetry={() => void refetch()} /> : <LoadingRows rows={8} label="Reading the value" />;
  const shown = loaded ?? bytes;
  const start = loaded ? 0 : data.from;
  const isWhole = loaded !== null || (data.from === 0 && bytes.length >= data.total);
  const end = start + shown.length;
  const shownProblem = problem ?? (error ? toProblem(error) : null);
  return (
    <div className={classes['body']}>
      {shownProblem && <ProblemView problem={shownProblem} onRetry={() => void refetch()} />}
      <DecodedValue name={name} type="string" element={null} round={round} actions={(value) => (
          <>
            {value !== null && <EditDecoded id={draftId(name, 'value')} value={value} read={() => readWhole(client, { workspaceId, db, name }, data.total)} />}
            <EditString name={name} bytes={shown} from={start} total={data.total} whole={isWhole} second={value !== null && offerOf(value).kind === 'offered'} />
          </>
        )}
      >
        <BytesView
          bytes={shown}
          from={start}
          total={loaded ? loaded.length : data.total}
          whole={isWhole}
          name="value"
          actions={
            !isWhole && (
              <div className={classes['window']}>
                <IconButton label="Window before" icon={<IconChevronLeft size={14} />} disabled={start === 0} onClick={() => setFrom(Math.max(0, start - windowBytes))} />
                <span className="la-number" role="status" title={`${formatExact(start)} to ${formatExact(end)} of ${formatExact(data.total)} bytes`}>
                  {formatBytes(start)} to {formatBytes(end)} of {formatBytes(data.total)}
                </span>
                <IconButton label="Window after" icon={<IconChevronRight size={14} />} disabled={end >= data.total} onClick={() => setFrom(start + windowBytes)} />
                {data.total <= maxWhole && (
                  <Button variant="default" loading={loading} onClick={() => void loadWhole(data.total)}>
                    Load all
                  </Button>
                )}
              </div>
            )
          }
        />
      </DecodedValue>
    </div>
  );
}
