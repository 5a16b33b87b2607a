import { IconGauge } from '@tabler/icons-react';
import type { RedisStatus } from '../../shared/contract/connections.ts';
import { formatBytes, formatDateTime, formatDuration, formatExact, formatShare } from '../lib/format.ts';
import { FactList } from '../ui/fact-list.tsx';
import { StatusItem } from './status-item.tsx';
import classes from './status-bar.module.css';

/** Above this share of a core other clients begin to feel it. */
const noticeable = 0.1;

/** Server time that this app has used, always an estimate. */
export function ImpactMeter({ impact, since }: { impact: RedisStatus['impact']; since: number }) {
  const time = impact.usec === null ? null : `~${formatDuration(impact.usec / 1000)}`;
  const share = impact.recentShare === null ? null : formatShare(impact.recentShare).replace(/^(?=\d)/, '~');
  const high = (impact.recentShare ?? 0) > noticeable;
  const unknown = 'not known: this user may not read commandstats';
  return (
    <StatusItem
      label={`Server impact: ${time === null ? `${formatExact(impact.commands)} commands` : `about ${formatDuration((impact.usec ?? 0) / 1000)} of server time`}`}
      tone={high ? 'amber' : undefined}
      panel={() => (
        <>
          <h2 className={classes['heading']}>Server impact (estimated)</h2>
          <FactList
            facts={[
              ['Server time', time ?? unknown],
              ['Last 10 s', share === null ? unknown : `${share} of one core${high ? ', other clients may feel it' : ''}`],
              ['Commands', formatExact(impact.commands)],
              ['Received', formatBytes(impact.bytesIn)],
              ['Sent', formatBytes(impact.bytesOut)],
              ['Since', formatDateTime(since)],
            ]}
          />
          <p className={classes['note']}>
            An estimate: the commands that this app has sent, times the mean duration of each command as the server itself counts it (INFO commandstats). Time in the
            network and in the server’s queue is not part of it.
          </p>
        </>
      )}
    >
      <IconGauge size={13} aria-hidden />
      <span className="la-number">{time === null ? `${formatExact(impact.commands)} commands` : `${time} server time`}</span>
      {share !== null && <span className="la-number">{share} of a core</span>}
    </StatusItem>
  );
}
