import { useDebouncedValue } from '@mantine/hooks';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { formatExact } from '../../../lib/format.ts';
import { useShortcuts } from '../../../lib/keyboard.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { FilterInput } from '../../../ui/filter-input.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import classes from './value.module.css';

interface TreeSearchProps<T> {
  label?: string;
  placeholder?: string;
  /** Before and after the search, on its line. */
  before?: ReactNode;
  after?: ReactNode;
  search: (text: string) => Promise<{ hits: readonly T[]; more: boolean }>;
  onHit: (hit: T) => void;
  /** The field is empty again. */
  onClear?: () => void;
}

interface Found<T> {
  text: string;
  hits: readonly T[];
  more: boolean;
  at: number;
}

/** Finds names and values in a tree; Enter goes to the next one, Shift and Enter to the one before. */
export function TreeSearch<T>({ label = 'Search in the tree', placeholder = 'Search names and values', before, after, search, onHit, onClear }: TreeSearchProps<T>) {
  const [text, setText] = useState('');
  const [settled] = useDebouncedValue(text, 200);
  const [found, setFound] = useState<Found<T> | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const show = useEffectEvent((next: Found<T>) => {
    setFound(next);
    const hit = next.hits[next.at];
    if (hit !== undefined) onHit(hit);
  });
  const find = useEffectEvent(search);
  const clear = useEffectEvent(() => onClear?.());
  useEffect(() => {
    if (settled === '') {
      clear();
      return undefined;
    }
    let left = false;
    find(settled).then(
      (answer) => {
        if (left) return;
        setProblem(null);
        show({ ...answer, text: settled, at: 0 });
      },
      (error: unknown) => {
        if (!left) setProblem(toProblem(error));
      },
    );
    return () => {
      left = true;
    };
  }, [settled]);
  const step = (by: number) => {
    if (found === null || found.hits.length === 0) return;
    const next = { ...found, at: (found.at + by + found.hits.length) % found.hits.length };
    setFound(next);
    onHit(next.hits[next.at] as T);
  };
  useShortcuts([{ keys: 'mod+f', label, group: 'Value', run: () => input.current?.focus() }]);
  const current = found !== null && text !== '' && found.text === text ? found : null;
  const words =
    current === null ? '' : current.hits.length === 0 ? 'Not found' : `${formatExact(current.at + 1)} of ${formatExact(current.hits.length)}${current.more ? ' or more' : ''}`;
  return (
    <>
      <div className={classes['treeSearch']} role="search">
        {before}
        <FilterInput
          ref={input}
          slash={false}
          label={label}
          placeholder={placeholder}
          width={200}
          value={text}
          onChange={setText}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            step(event.shiftKey ? -1 : 1);
          }}
        />
        <IconButton label="Match before" icon={<IconChevronUp size={14} />} disabled={current === null || current.hits.length < 2} onClick={() => step(-1)} />
        <IconButton label="Next match" icon={<IconChevronDown size={14} />} disabled={current === null || current.hits.length < 2} onClick={() => step(1)} />
        <span className="la-number" role="status">
          {words}
        </span>
        {after}
      </div>
      {problem && <ProblemView problem={problem} />}
    </>
  );
}
