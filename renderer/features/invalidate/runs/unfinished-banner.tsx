import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { IconPlayerPause } from '@tabler/icons-react';
import { formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { tellProblem } from '../../../ui/tell-problem.ts';
import { useInvalidatePlace } from '../place.ts';
import { Notice } from '../step.tsx';
import { isInvalidation } from '../words.ts';
import classes from '../invalidate.module.css';

/** Runs of this workspace that were stopped before their end by a crash, a failure or the end of the app; nothing goes on by itself. */
export function UnfinishedBanner() {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const { workspaceId, openRun, readOnly } = useInvalidatePlace();
  const { data } = useQuery(orpc.bulk.unfinished.queryOptions({ refetchInterval: 5000 }));
  const open = (data ?? []).filter((run) => run.workspaceId === workspaceId && isInvalidation(run.kind) && (run.state === 'interrupted' || run.state === 'failed'));
  const [first] = open;
  if (first === undefined) return null;
  return (
    <div className={classes['banner']}>
      <Notice
        tone="amber"
        icon={<IconPlayerPause size={15} aria-hidden />}
        title={open.length === 1 ? 'An invalidation stopped before its end' : `${formatExact(open.length)} invalidations stopped before their end`}
        actions={
          <div className={classes['row']}>
            <Button variant="default" size="compact-xs" onClick={() => openRun(first.runId)}>
              Show
            </Button>
            <Button
              size="compact-xs"
              disabled={readOnly || !first.resumable}
              onClick={() => {
                client.bulk.resumeRun({ runId: first.runId }).then(() => {
                  openRun(first.runId);
                  void queryClient.invalidateQueries({ queryKey: orpc.bulk.key() });
                }, tellProblem);
              }}
            >
              Go on with it
            </Button>
          </div>
        }
      >
        {first.title}: {formatExact(first.done)} of {formatExact(first.total)} done. What it may have done is read again, nothing is done twice.
      </Notice>
    </div>
  );
}
