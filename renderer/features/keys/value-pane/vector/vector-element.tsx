import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconX } from '@tabler/icons-react';
import { wireKey, type WireBytes } from '../../../../../shared/bytes.ts';
import { formatExact } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { IconButton } from '../../../../ui/icon-button.tsx';
import { InlineCopy } from '../../../../ui/inline-copy.tsx';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { WireText } from '../../../../ui/wire-text-view.tsx';
import classes from './vector.module.css';
import values from '../value.module.css';

interface VectorElementProps {
  where: { workspaceId: string; db: number; name: WireBytes };
  element: WireBytes;
  onClose: () => void;
  onOpen: (element: WireBytes) => void;
  onLike: (element: WireBytes) => void;
}

/** One element: its vector as bars, its attributes, and whom it is linked with. */
export function VectorElement({ where, element, onClose, onOpen, onLike }: VectorElementProps) {
  const { orpc } = useHost();
  const read = useQuery(orpc.values.vectorElement.queryOptions({ input: { ...where, element }, staleTime: 0, gcTime: 0 }));
  const { data } = read;
  const title = wireLabel(element, 80);
  return (
    <section className={values['drawer']} aria-label={title}>
      <div className={values['drawerHead']}>
        <h3 className={`${values['drawerTitle']} la-cut`}>{title}</h3>
        {data && <InlineCopy label="Copy vector" text={JSON.stringify(data.values)} />}
        <Button variant="subtle" onClick={() => onLike(element)}>
          Find similar
        </Button>
        <IconButton label="Close" shortcut="escape" icon={<IconX size={14} />} onClick={onClose} />
      </div>
      {read.error && <ProblemView problem={toProblem(read.error)} onRetry={() => void read.refetch()} />}
      {data === undefined && !read.error && <LoadingRows rows={3} label="Reading the element" />}
      {data && (
        <div className={classes['element']}>
          <Bars numbers={data.values} dimensions={data.dimensions} />
          {data.attributes !== null && (
            <p className={classes['line']}>
              <span className={classes['dim']}>Attributes</span> <WireText value={data.attributes.data} limit={2000} />
            </p>
          )}
          {data.layers.map((layer, at) => (
            <p key={at} className={classes['line']}>
              <span className={classes['dim']}>Layer {data.layers.length - 1 - at}</span>{' '}
              {layer.length === 0 && 'no links'}
              {layer.map(({ element: other, score }) => (
                <button key={wireKey(other.data)} type="button" className={classes['link']} title={`Similarity ${score.toFixed(4)}`} onClick={() => onOpen(other.data)}>
                  <WireText value={other.data} limit={40} />
                </button>
              ))}
            </p>
          ))}
        </div>
      )}
    </section>
  );
}

const shownBars = 512;

/** The values of a vector around zero; each tells its number on hover. */
function Bars({ numbers, dimensions }: { numbers: readonly number[]; dimensions: number }) {
  const shown = numbers.slice(0, shownBars);
  const most = Math.max(...shown.map(Math.abs), Number.MIN_VALUE);
  return (
    <div>
      <div className={classes['bars']} role="img" aria-label={`Vector of ${formatExact(dimensions)} values`}>
        {shown.map((value, at) => (
          <span key={at} className={classes['bar']} title={`${at}: ${value}`}>
            <span data-negative={value < 0 || undefined} style={{ height: `${(Math.abs(value) / most) * 50}%` }} />
          </span>
        ))}
      </div>
      <p className={classes['dim']}>
        {dimensions > shown.length ? `The first ${formatExact(shown.length)} of ${formatExact(dimensions)} values` : `${formatExact(dimensions)} values`}, from {formatExact(Math.min(...shown))} to {formatExact(Math.max(...shown))}; as the server keeps them, so quantised ones
        are rounded
      </p>
    </div>
  );
}
