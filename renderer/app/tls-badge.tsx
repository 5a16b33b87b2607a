import { IconShieldOff } from '@tabler/icons-react';
import type { ConnectionSnapshot } from '../../shared/contract/connections.ts';
import { TlsFactsView } from '../ui/tls-facts-view.tsx';
import { StatusItem } from './status-item.tsx';
import classes from './status-bar.module.css';

/** Stands in the bar as long as a connection accepts any certificate. */
export function TlsBadge({ snapshot }: { snapshot: ConnectionSnapshot }) {
  const skipped = ([['Redis', snapshot.redis?.tls], ['Postgres', snapshot.postgres?.tls]] as const).filter(
    ([, tls]) => tls?.mode === 'skip' || tls?.mode === 'encrypt-only',
  );
  if (skipped.length === 0) return null;
  return (
    <StatusItem
      label="TLS is not verified"
      tone="amber"
      panel={() =>
        skipped.map(([name, tls]) => (
          <div key={name}>
            <h2 className={classes['heading']}>{name}: the certificate is not verified</h2>
            <p className={classes['note']}>The connection is encrypted, but anyone in between could stand for the server. Give the CA file, or pin the certificate.</p>
            {tls && <TlsFactsView tls={tls} />}
          </div>
        ))
      }
    >
      <IconShieldOff size={13} aria-hidden />
      TLS not verified
    </StatusItem>
  );
}
