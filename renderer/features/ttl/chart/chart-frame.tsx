import { useRef, type ReactNode } from 'react';
import { IconFileTypeCsv, IconPhotoDown } from '@tabler/icons-react';
import { downloadText } from '../../../lib/copy.ts';
import { IconButton } from '../../../ui/icon-button.tsx';
import { tellProblem } from '../../../ui/tell-problem.ts';
import { downloadPng } from './chart-png.ts';
import { toCsv, type ChartSeries } from './series.ts';
import classes from './chart.module.css';

interface ChartFrameProps {
  /** Also the files' name. */
  title: string;
  series: readonly ChartSeries[];
  hidden: ReadonlySet<string>;
  onHidden: (next: ReadonlySet<string>) => void;
  /** What stands beside a series' name in the legend. */
  noteOf?: (at: number) => string;
  /** Rows of the CSV file, header first. */
  csv: () => readonly (readonly (string | number)[])[];
  /** Right of the legend. */
  actions?: ReactNode;
  children: ReactNode;
}

function fileName(title: string, ending: string): string {
  return `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}.${ending}`;
}

/** A chart with its legend, whose entries hide and show series, and its exports. */
export function ChartFrame({ title, series, hidden, onHidden, noteOf, csv, actions, children }: ChartFrameProps) {
  const box = useRef<HTMLDivElement>(null);
  const toggle = (id: string) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    onHidden(next);
  };
  const png = () => {
    const svg = box.current?.querySelector('svg');
    if (!svg) return;
    const tokens = window.getComputedStyle(document.documentElement);
    // a canvas knows no variables of a style sheet
    const plain = (colour: string) => colour.replace(/^var\((--[\w-]+)\)$/, (_, name: string) => tokens.getPropertyValue(name).trim());
    const legend = series.filter(({ id }) => !hidden.has(id)).map(({ name, colour }) => ({ name, colour: plain(colour) }));
    downloadPng(svg, fileName(title, 'png'), { title, legend }).catch(tellProblem);
  };
  return (
    <section className={classes['frame']} aria-label={title}>
      <div className={classes['legend']}>
        <div className={classes['entries']} role="group" aria-label="Series">
          {series.length > 1 &&
            series.map((one, at) => (
              <button key={one.id} type="button" className={classes['entry']} aria-pressed={!hidden.has(one.id)} title={`${hidden.has(one.id) ? 'Show' : 'Hide'} ${one.name}`} onClick={() => toggle(one.id)}>
                <span className={classes['mark']} style={{ background: one.colour }} aria-hidden />
                <span className="la-mono la-cut">{one.name}</span>
                {noteOf && <span className={`${classes['note']} la-number`}>{noteOf(at)}</span>}
              </button>
            ))}
        </div>
        {actions}
        <IconButton label="Save the chart as PNG" icon={<IconPhotoDown size={15} />} onClick={png} />
        <IconButton label="Save the figures as CSV" icon={<IconFileTypeCsv size={15} />} onClick={() => downloadText(fileName(title, 'csv'), toCsv(csv()), 'text/csv')} />
      </div>
      <div ref={box} className={classes['body']}>
        {children}
      </div>
    </section>
  );
}
