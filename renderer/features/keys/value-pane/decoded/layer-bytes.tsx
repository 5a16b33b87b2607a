import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { fromWire } from '../../../../../shared/bytes.ts';
import { formatBytes, formatExact } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { IconButton } from '../../../../ui/icon-button.tsx';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { BytesView } from '../bytes-view.tsx';
import valueClasses from '../value.module.css';

/** Up to here a layer is shown whole, above in windows of this size. */
const windowBytes = 1024 * 1024;

interface LayerBytesProps {
  decodeId: string;
  stage: number;
  /** The decoded value is not kept any more. */
  onStale: () => void;
}

/** The bytes that a layer gives, as text, JSON or hexadecimal. */
export function LayerBytes({ decodeId, stage, onStale }: LayerBytesProps) {
  const { orpc } = useHost();
  const [from, setFrom] = useState(0);
  const page = useQuery(orpc.decode.bytes.queryOptions({ input: { decodeId, stage, from, bytes: windowBytes }, staleTime: Infinity, gcTime: 0, placeholderData: keepPreviousData }));
  const { data, error, refetch } = page;
  const bytes = useMemo(() => (data ? fromWire(data.chunk) : null), [data]);
  useEffect(() => {
    if (error && toProblem(error).code === 'NOT_FOUND') onStale();
  }, [error, onStale]);
  if (!data || bytes === null) return error ? <ProblemView fills problem={toProblem(error)} onRetry={() => void refetch()} /> : <LoadingRows rows={6} label="Reading the layer" />;
  const whole = bytes.length >= data.total;
  const end = from + bytes.length;
  return (
    <BytesView
      bytes={bytes}
      from={from}
      total={data.total}
      whole={whole}
      name="layer"
      actions={
        !whole && (
          <div className={valueClasses['window']}>
            <IconButton label="Window before" icon={<IconChevronLeft size={14} />} disabled={from === 0} onClick={() => setFrom(Math.max(0, from - windowBytes))} />
            <span className="la-number" role="status" title={`${formatExact(from)} to ${formatExact(end)} of ${formatExact(data.total)} bytes`}>
              {formatBytes(from)} to {formatBytes(end)} of {formatBytes(data.total)}
            </span>
            <IconButton label="Window after" icon={<IconChevronRight size={14} />} disabled={end >= data.total} onClick={() => setFrom(from + windowBytes)} />
          </div>
        )
      }
    />
  );
}
