import { useEffect, useState } from 'react';
import type { RunFailure, RunSnapshot } from '../../../shared/contract/bulk.ts';
import { leftWords } from '../../lib/bulk-words.ts';
import { formatExact } from '../../lib/format.ts';
import { useHost } from '../../lib/host.ts';
import { WireText } from '../wire-text-view.tsx';
import classes from './bulk.module.css';

/** What a run left as it was and what failed, each with its reason and its count. */
export function RunRemainder({ run }: { run: RunSnapshot }) {
  const { client } = useHost();
  const [failures, setFailures] = useState<readonly RunFailure[]>([]);
  const failed = run.failed.reduce((sum, { count }) => sum + count, 0);
  const { runId } = run;
  useEffect(() => {
    if (failed === 0) return undefined;
    let left = false;
    client.bulk.failures({ runId }).then(
      (found) => {
        if (!left) setFailures(found);
      },
      // The counts by reason stand beside; the names of another session's run are not kept.
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [client, runId, failed]);
  const left = run.left.filter(({ count }) => count > 0);
  if (left.length === 0 && failed === 0) return null;
  return (
    <div className={classes['grid']}>
      {left.length > 0 && (
        <div className={classes['block']}>
          <h3 className={classes['blockTitle']}>Left as they are</h3>
          <table className={classes['lines']}>
            <tbody>
              {left.map(({ reason, count }) => (
                <tr key={reason}>
                  <th scope="row">{leftWords[reason]}</th>
                  <td data-number>{formatExact(count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {failed > 0 && (
        <div className={classes['block']}>
          <h3 className={classes['blockTitle']}>Failed</h3>
          <table className={classes['lines']}>
            <tbody>
              {run.failed.map(({ code, message, count }) => (
                <tr key={`${code} ${message}`}>
                  <th scope="row">{message}</th>
                  <td data-number>{formatExact(count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {failures.slice(0, 20).map((failure, at) => (
            <div key={at} className="la-mono la-cut" title={failure.message}>
              <WireText value={failure.name} limit={120} />
            </div>
          ))}
          {failures.length > 20 && <div className={classes['dim']}>and {formatExact(failures.length - 20)} more</div>}
        </div>
      )}
    </div>
  );
}
