import { Button } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useHostLink } from '../lib/host.ts';
import { useNow } from '../lib/now.ts';
import classes from './shell.module.css';

/** Shorter breaks are mended before anybody could read of them. */
const patienceMs = 400;

/** Says that the page has lost its host. What is on screen stays as it was. */
export function HostBanner() {
  const { state, reconnect } = useHostLink();
  const lost = state.kind !== 'connected';
  const [shown, setShown] = useState(false);
  const now = useNow(lost ? 250 : null);
  useEffect(() => {
    if (!lost) {
      setShown(false);
      return undefined;
    }
    const timer = setTimeout(() => setShown(true), patienceMs);
    return () => clearTimeout(timer);
  }, [lost]);
  if (!lost || !shown) return null;
  const seconds = state.kind === 'reconnecting' ? Math.max(0, Math.ceil((state.nextAttemptAt - now) / 1000)) : 0;
  return (
    <div className={classes['banner']} role="status">
      <IconPlugConnectedX size={16} aria-hidden />
      {state.kind === 'session-ended' ? (
        <span>This address is no longer valid. Open the address that the running Lookaside printed; what is on this page stays until then.</span>
      ) : (
        <>
          <span>
            The Lookaside process does not answer. {seconds > 0 ? `Next attempt in ${seconds} s.` : 'Reconnecting.'} What is on screen may be out of date.
          </span>
          <Button variant="default" onClick={reconnect}>
            Reconnect now
          </Button>
        </>
      )}
    </div>
  );
}
