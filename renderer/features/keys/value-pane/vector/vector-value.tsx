import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconArrowsShuffle } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { wireKey, type WireBytes } from '../../../../../shared/bytes.ts';
import type { VectorItem } from '../../../../../shared/contract/values-special.ts';
import { formatExact, plural } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { VirtualRows } from '../../../../ui/virtual-rows.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import { CutText } from '../cut-text.tsx';
import type { ValueProps } from '../value-body.tsx';
import { WithDrawer } from '../with-drawer.tsx';
import { VectorElement } from './vector-element.tsx';
import classes from './vector.module.css';
import values from '../value.module.css';

const sampleSize = 100;
const similarSize = 50;

/** A vector set: a sample of its elements, or those most like one of them. */
export function VectorValue({ facts, round, onGone }: ValueProps) {
  const { orpc } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const where = { workspaceId, db, name: facts.name };
  const [like, setLike] = useState<WireBytes | null>(null);
  const [text, setText] = useState('');
  const [draw, setDraw] = useState(0);
  const [opened, setOpened] = useState<WireBytes | null>(null);
  const [active, setActive] = useState(0);
  const info = useQuery({ ...orpc.values.vectorInfo.queryOptions({ input: where }), queryKey: [...orpc.values.vectorInfo.queryKey({ input: where }), round], staleTime: 0, gcTime: 0 });
  const sampleInput = { ...where, count: sampleSize };
  const sample = useQuery({ ...orpc.values.vectorSample.queryOptions({ input: sampleInput, enabled: like === null }), queryKey: [...orpc.values.vectorSample.queryKey({ input: sampleInput }), round, draw], staleTime: Number.POSITIVE_INFINITY });
  const similarInput = { ...where, element: like ?? '', count: similarSize };
  const similar = useQuery({ ...orpc.values.vectorSimilar.queryOptions({ input: similarInput, enabled: like !== null }), queryKey: [...orpc.values.vectorSimilar.queryKey({ input: similarInput }), round], staleTime: 0 });
  const shown = like === null ? sample : similar;
  const failed = info.error ?? shown.error;
  const problem = failed ? toProblem(failed) : null;
  useEffect(() => {
    if (problem?.code === 'KEY_GONE' || problem?.code === 'REDIS_WRONG_TYPE') onGone();
  }, [problem?.code, onGone]);
  const items: readonly VectorItem[] = shown.data?.items ?? [];
  const total = info.data?.total ?? facts.length ?? 0;
  const findLike = (element: WireBytes) => {
    setLike(element);
    setText(typeof element === 'string' ? element : '');
    setActive(0);
  };
  return (
    <WithDrawer
      name="keys.vector"
      onClose={() => setOpened(null)}
      drawer={opened !== null && <VectorElement key={wireKey(opened)} where={where} element={opened} onClose={() => setOpened(null)} onOpen={setOpened} onLike={findLike} />}
    >
      <div className={values['bytesBar']} role="group" aria-label="Vector set">
        <TextInput
          w={220}
          aria-label="Find elements like"
          placeholder="Find elements like…"
          classNames={{ input: 'la-mono' }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && text !== '') findLike(text);
          }}
        />
        {like !== null && (
          <Button
            variant="subtle"
            color="gray"
            onClick={() => {
              setLike(null);
              setText('');
            }}
          >
            Back to the sample
          </Button>
        )}
        <span className={values['spring']} />
        {like === null && total > sampleSize && (
          <Button variant="default" leftSection={<IconArrowsShuffle size={14} />} onClick={() => setDraw((before) => before + 1)}>
            Another sample
          </Button>
        )}
      </div>
      {info.data && (
        <dl className={classes['facts']}>
          <dt>Dimensions</dt>
          <dd className="la-number">{formatExact(info.data.dimensions)}</dd>
          {info.data.facts
            .filter(({ name }) => ['quant-type', 'hnsw-m', 'max-level', 'projection-input-dim', 'attributes-count'].includes(name))
            .map(({ name, value }) => [<dt key={`${name}.`}>{factNames.get(name) ?? name}</dt>, <dd key={name}>{value}</dd>])}
        </dl>
      )}
      {problem && <ProblemView problem={problem} onRetry={() => void shown.refetch()} />}
      <div className={values['tableHead']} style={{ gridTemplateColumns: columns(like !== null) }}>
        {like !== null && <div className={values['headCell']} data-number>Score</div>}
        <div className={values['headCell']}>Element</div>
        <div className={values['headCell']}>Attributes</div>
      </div>
      {shown.isPending && !problem ? (
        <LoadingRows rows={6} label="Reading the elements" />
      ) : (
        <div className={values['tableRows']} data-value-focus>
          <VirtualRows
            label="Elements"
            role="grid"
            count={items.length}
            active={Math.min(active, items.length - 1)}
            rowAria={(at) => ({ 'aria-label': items[at] === undefined ? '' : wireLabel(items[at].element.data, 80) })}
            onMove={(at, { by }) => {
              setActive(at);
              if (by === 'pointer' && items[at]) setOpened(items[at].element.data);
            }}
            onActivate={(at) => items[at] && setOpened(items[at].element.data)}
            renderRow={(at) => {
              const item = items[at];
              return (
                item && (
                  <div className={values['tableRow']} style={{ gridTemplateColumns: columns(like !== null) }} role="presentation">
                    {like !== null && (
                      <div role="gridcell" className={values['cell']} data-number>
                        <span className="la-number">{item.score?.toFixed(4)}</span>
                      </div>
                    )}
                    <div role="gridcell" className={`${values['cell']} la-cut`}>
                      <CutText cut={item.element} />
                    </div>
                    <div role="gridcell" className={`${values['cell']} la-cut`}>
                      {item.attributes === null ? '–' : <CutText cut={item.attributes} />}
                    </div>
                  </div>
                )
              );
            }}
          />
        </div>
      )}
      <div className={values['tableFoot']} role="status">
        <span className="la-number">{footWords(items.length, total, like)}</span>
      </div>
    </WithDrawer>
  );
}

const factNames: ReadonlyMap<string, string> = new Map([
  ['quant-type', 'Quantisation'],
  ['hnsw-m', 'Links per node'],
  ['max-level', 'Highest level'],
  ['projection-input-dim', 'Projected from'],
  ['attributes-count', 'With attributes'],
]);

function columns(scored: boolean): string {
  return `${scored ? '90px ' : ''}minmax(120px, 1fr) minmax(120px, 1.4fr)`;
}

function footWords(shown: number, total: number, like: WireBytes | null): string {
  if (like !== null) return `the ${plural(shown, 'element')} most like ${wireLabel(like, 40)}, of ${formatExact(total)}; found by the set's own index, so about the nearest`;
  return shown >= total ? `all ${plural(total, 'element')}` : `${plural(shown, 'element')} at random of ${formatExact(total)}: this server gives no order to page through`;
}
