import { useEffect, useState } from 'react';
import { Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, YAxis } from 'recharts';
import type { RunSnapshot } from '../../../../shared/contract/bulk.ts';
import { formatShare } from '../../../lib/format.ts';
import classes from '../invalidate.module.css';

interface Point {
  at: number;
  rate: number;
}

/** Points kept: four minutes of a snapshot each second. */
const kept = 240;

function rateOf(run: RunSnapshot): number | null {
  if (run.holding?.because === 'hit-rate') return run.holding.value;
  return run.stage?.hitRateNow ?? null;
}

/** The hit rate of the others as the run tells it, since this panel looks. */
function useHitRates(run: RunSnapshot): readonly Point[] {
  const [points, setPoints] = useState<readonly Point[]>([]);
  const rate = rateOf(run);
  const { runId, done } = run;
  useEffect(() => setPoints([]), [runId]);
  useEffect(() => {
    if (rate === null) return;
    setPoints((before) => {
      const at = Date.now();
      const last = before.at(-1);
      return last !== undefined && at - last.at < 1000 && last.rate === rate ? before : [...before.slice(1 - kept), { at, rate }];
    });
  }, [rate, done]);
  return points;
}

/** Hit rate before and now; nothing where nobody reads enough to tell. */
export function HitRateChart({ run }: { run: RunSnapshot }) {
  const points = useHitRates(run);
  const before = run.stage?.hitRateBefore ?? null;
  const now = rateOf(run);
  const floor = run.pace.hitRateFloor;
  if (before === null && now === null) return null;
  const rates = [...points.map(({ rate }) => rate), ...(before === null ? [] : [before]), ...(floor === null ? [] : [floor])];
  const low = Math.max(0, Math.min(...rates) - 0.05);
  const high = Math.min(1, Math.max(...rates) + 0.05);
  return (
    <section aria-label="Hit rate of the others">
      <div className={classes['row']}>
        <h3 className={classes['splitTitle']}>Hit rate of the others</h3>
        <span className={classes['spring']} />
        <span className="la-number">
          {before !== null && `${formatShare(before)} before, `}
          {now === null ? 'not known now' : `${formatShare(now)} now`}
        </span>
      </div>
      {points.length > 1 && (
        <div className={classes['spark']} aria-hidden>
          <ResponsiveContainer width="100%" height="100%" debounce={30}>
            <LineChart data={[...points]} accessibilityLayer={false} margin={{ top: 6, right: 6, bottom: 4, left: 0 }}>
              <YAxis width={44} domain={[low, high]} tickCount={3} tickFormatter={(value: number) => formatShare(value)} tick={{ fill: 'var(--la-dim)', fontSize: 11 }} tickLine={false} axisLine={false} />
              {before !== null && <ReferenceLine y={before} stroke="var(--la-dim)" strokeDasharray="3 3" />}
              {floor !== null && <ReferenceLine y={floor} stroke="var(--la-red-line)" />}
              <Tooltip isAnimationActive={false} formatter={(value) => [formatShare(Number(value)), 'Hit rate']} labelFormatter={() => ''} contentStyle={{ background: 'var(--la-raised)', border: '1px solid var(--la-line-strong)', fontSize: 12 }} />
              <Line dataKey="rate" type="linear" dot={false} stroke="var(--la-series-1)" isAnimationActive={false} />
            </LineChart>
          </ResponsiveContainer>
        </div>
      )}
    </section>
  );
}
