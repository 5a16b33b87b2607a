import { Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, type ReactNode } from 'react';
import { plural } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { useSetting } from '../../../../lib/settings.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { InlineCopy } from '../../../../ui/inline-copy.tsx';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { WireText } from '../../../../ui/wire-text-view.tsx';
import { TextSearch } from '../text-search.tsx';
import valueClasses from '../value.module.css';
import classes from './decoded.module.css';

/** Characters drawn; the copy has them all. */
const shownText = 400_000;

/** The decoded value as JSON text, with a note of what JSON has no word for. */
export function DecodedText({ decodeId, root, onStale, before }: { decodeId: string; root: number; onStale: () => void; before: ReactNode }) {
  const { orpc } = useHost();
  const box = useRef<HTMLPreElement>(null);
  const [wrap, setWrap] = useSetting('keys.wrap', true);
  const { data, error, refetch } = useQuery(orpc.decode.text.queryOptions({ input: { decodeId, id: root, form: 'json' }, staleTime: Infinity, gcTime: 0 }));
  useEffect(() => {
    if (error && toProblem(error).code === 'NOT_FOUND') onStale();
  }, [error, onStale]);
  if (data === undefined) return error ? <ProblemView fills problem={toProblem(error)} onRetry={() => void refetch()} /> : <LoadingRows rows={6} label="Writing the value as JSON" />;
  const notes = [
    data.marked > 0 ? `${plural(data.marked, 'value')} that JSON has no word for ${data.marked === 1 ? 'stands' : 'stand'} under names with a $` : '',
    data.cut ? 'the text is cut at 4 MiB, or values are missing that are not kept' : '',
    data.text.length > shownText ? 'the end is not drawn; copying takes all of it' : '',
  ].filter((note) => note !== '');
  return (
    <>
      <TextSearch
        target={box}
        before={
          <>
            {before}
            <Switch size="xs" label="Wrap" checked={wrap} onChange={(event) => setWrap(event.currentTarget.checked)} />
          </>
        }
        after={
          <>
            <span className={valueClasses['spring']} />
            <InlineCopy label="Copy JSON" text={data.text} />
          </>
        }
      />
      {notes.length > 0 && <div className={classes['notice']}>{notes.join('; ')}.</div>}
      {/* A scrolling box has to be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre ref={box} className={valueClasses['text']} data-wrap={wrap || undefined} tabIndex={0} data-value-focus aria-label="JSON text">
        <WireText value={data.text} multiline limit={shownText} />
      </pre>
    </>
  );
}
