import { memo, useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Bar, BarChart, CartesianGrid, ReferenceArea, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { ChartBar, ChartSeries } from './series.ts';
import classes from './chart.module.css';

interface BarsChartProps {
  /** Accessible name. */
  label: string;
  xTitle: string;
  yTitle: string;
  series: readonly ChartSeries[];
  hidden: ReadonlySet<string>;
  bars: readonly ChartBar[];
  /** Writes a value with its unit. */
  format: (value: number) => string;
  /** Writes a value on the axis. */
  formatAxis: (value: number) => string;
  /** Enter or a click on a bar. */
  onActivate?: ((at: number) => void) | undefined;
  activateHint?: string;
  /** Bars that a drag reached over, both included. */
  onZoom?: ((from: number, to: number) => void) | undefined;
  /** Double click, or Escape. */
  onReset?: (() => void) | undefined;
}

interface Datum {
  at: number;
  bar: ChartBar;
}

function indexOf(value: unknown): number | null {
  const at = typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  return Number.isInteger(at) ? at : null;
}

/** Largest parts of a bar, those that are hidden or empty left out. */
function parts(bar: ChartBar, series: readonly ChartSeries[], hidden: ReadonlySet<string>) {
  return series.flatMap((one, at) => (hidden.has(one.id) || (bar.values[at] ?? 0) === 0 ? [] : [{ ...one, value: bar.values[at] as number }])).toSorted((a, b) => b.value - a.value);
}

function sumOf(bar: ChartBar, series: readonly ChartSeries[], hidden: ReadonlySet<string>): number {
  return parts(bar, series, hidden).reduce((sum, { value }) => sum + value, 0);
}

function BarCard({ bar, series, hidden, format, hint }: { bar: ChartBar; series: readonly ChartSeries[]; hidden: ReadonlySet<string>; format: (value: number) => string; hint: ReactNode }) {
  const shown = parts(bar, series, hidden);
  return (
    <div className={classes['card']}>
      <div className={classes['cardTitle']}>{bar.title}</div>
      {series.length > 1 &&
        shown.slice(0, 9).map((one) => (
          <div key={one.id} className={classes['cardLine']}>
            <span className={classes['mark']} style={{ background: one.colour }} />
            <span className={`${classes['cardName']} la-mono la-cut`}>{one.name}</span>
            <span className="la-number">{format(one.value)}</span>
          </div>
        ))}
      {bar.gap !== true && <div className={classes['cardLine']}>
        <span className={classes['cardName']}>{series.length > 1 ? 'Together' : (series[0]?.name ?? '')}</span>
        <span className="la-number">{format(sumOf(bar, series, hidden))}</span>
      </div>}
      {bar.note !== undefined && <div className={classes['cardNote']}>{bar.note}</div>}
      {hint !== undefined && <div className={classes['cardNote']}>{hint}</div>}
    </div>
  );
}

/**
 * Stacked bars. By keyboard it is a slider over the bars: arrows, Home and End move, Enter opens the bar, Escape resets the
 * zoom. The drag that zooms begins and ends on bars.
 */
export const BarsChart = memo(function BarsChart(props: BarsChartProps) {
  const { label, xTitle, yTitle, series, hidden, bars, format, formatAxis, onActivate, activateHint, onZoom, onReset } = props;
  const [cursor, setCursor] = useState<number | null>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const dragging = useRef<{ from: number; to: number } | null>(null);
  const wasDragged = useRef(false);
  const data = bars.map<Datum>((bar, at) => ({ at, bar }));
  const last = bars.length - 1;
  const at = cursor === null ? null : Math.min(cursor, last);
  const current = at === null ? undefined : bars[at];

  const follow = (next: { from: number; to: number } | null) => {
    dragging.current = next;
    setDrag(next);
  };
  useEffect(() => {
    // A drag that ends outside of the chart ends nowhere.
    const drop = () => {
      if (dragging.current !== null) follow(null);
    };
    window.addEventListener('mouseup', drop);
    return () => window.removeEventListener('mouseup', drop);
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    if (bars.length === 0) return;
    const next = { ArrowRight: Math.min(last, (at ?? -1) + 1), ArrowLeft: Math.max(0, (at ?? bars.length) - 1), Home: 0, End: last, PageDown: Math.min(last, (at ?? -1) + 10), PageUp: Math.max(0, (at ?? 0) - 10) }[event.key];
    if (next !== undefined) setCursor(next);
    else if (event.key === 'Enter' && at !== null && onActivate) onActivate(at);
    else if (event.key === 'Escape' && onReset) onReset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      className={classes['chart']}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, last)}
      aria-valuenow={at ?? 0}
      aria-valuetext={current === undefined ? 'Arrow keys move over the bars' : current.gap === true ? current.title : `${current.title}: ${format(sumOf(current, series, hidden))}`}
      onKeyDown={onKeyDown}
      onBlur={() => setCursor(null)}
    >
      <ResponsiveContainer width="100%" height="100%" debounce={30}>
        <BarChart
          data={data}
          accessibilityLayer={false}
          margin={{ top: 22, right: 12, bottom: 22, left: 4 }}
          barCategoryGap={bars.length > 60 ? 1 : '12%'}
          onMouseDown={(state) => {
            const index = indexOf(state.activeTooltipIndex);
            wasDragged.current = false;
            if (index !== null && onZoom) follow({ from: index, to: index });
          }}
          onMouseMove={(state) => {
            const index = indexOf(state.activeTooltipIndex);
            if (index === null || dragging.current === null || index === dragging.current.to) return;
            wasDragged.current = true;
            follow({ ...dragging.current, to: index });
          }}
          onMouseUp={() => {
            const span = dragging.current;
            follow(null);
            if (span !== null && wasDragged.current && span.from !== span.to) onZoom?.(Math.min(span.from, span.to), Math.max(span.from, span.to));
            else wasDragged.current = false;
          }}
          onClick={(state) => {
            const index = indexOf(state.activeTooltipIndex);
            if (index !== null && !wasDragged.current) onActivate?.(index);
            wasDragged.current = false;
          }}
          onDoubleClick={() => onReset?.()}
        >
          <CartesianGrid vertical={false} stroke="var(--la-line)" />
          <XAxis
            dataKey="at"
            tickFormatter={(index: number) => bars[index]?.label ?? ''}
            interval="preserveStartEnd"
            minTickGap={10}
            tick={{ fill: 'var(--la-dim)', fontSize: 11 }}
            tickLine={{ stroke: 'var(--la-line-strong)' }}
            axisLine={{ stroke: 'var(--la-line-strong)' }}
            label={{ value: xTitle, position: 'insideBottom', offset: -14, fill: 'var(--la-dim)', fontSize: 11 }}
          />
          <YAxis
            width={58}
            allowDecimals={false}
            tickFormatter={formatAxis}
            tick={{ fill: 'var(--la-dim)', fontSize: 11 }}
            tickLine={false}
            axisLine={false}
            label={{ value: yTitle, position: 'insideTopLeft', offset: 0, dy: -22, dx: 6, textAnchor: 'start', fill: 'var(--la-dim)', fontSize: 11 }}
          />
          {at !== null && <ReferenceArea x1={at} x2={at} fill="var(--la-accent)" fillOpacity={0.22} stroke="var(--la-accent)" />}
          {drag !== null && drag.from !== drag.to && <ReferenceArea x1={Math.min(drag.from, drag.to)} x2={Math.max(drag.from, drag.to)} fill="var(--la-accent)" fillOpacity={0.18} />}
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--la-hover)' }}
            wrapperStyle={{ zIndex: 5, outline: 'none' }}
            content={({ active, label: index }) => {
              const bar = bars[indexOf(index) ?? -1];
              return active && bar !== undefined ? <BarCard bar={bar} series={series} hidden={hidden} format={format} hint={onActivate && sumOf(bar, series, hidden) > 0 ? activateHint : undefined} /> : null;
            }}
          />
          {series.map((one, place) =>
            hidden.has(one.id) ? null : (
              <Bar key={one.id} name={one.name} stackId="all" dataKey={(datum: Datum) => datum.bar.values[place] ?? 0} fill={one.colour} isAnimationActive={false} />
            ),
          )}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
});
