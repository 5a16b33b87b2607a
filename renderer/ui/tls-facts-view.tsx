import type { Certificate, TlsFacts } from '../../shared/contract/connections.ts';
import { formatDate, formatDuration } from '../lib/format.ts';
import { Badge } from './badge.tsx';
import { fingerprint } from './fingerprint.ts';
import { FactList } from './fact-list.tsx';
import { InlineCopy } from './inline-copy.tsx';
import classes from './tls-facts-view.module.css';

const soonMs = 30 * 86_400_000;

const modeWords: Record<TlsFacts['mode'], string> = {
  verify: 'chain and name verified',
  pin: 'pinned certificate',
  skip: 'not verified',
  'encrypt-only': 'encrypted, not verified',
};

function Validity({ certificate }: { certificate: Certificate }) {
  const left = certificate.validTo - Date.now();
  const range = `${formatDate(certificate.validFrom)} to ${formatDate(certificate.validTo)}`;
  if (left < 0) {
    return (
      <span>
        {range} <Badge tone="red">expired {formatDuration(-left)} ago</Badge>
      </span>
    );
  }
  return (
    <span>
      {range} <Badge tone={left < soonMs ? 'amber' : 'plain'}>{formatDuration(left)} left</Badge>
    </span>
  );
}

function CertificateView({ certificate, leaf }: { certificate: Certificate; leaf: boolean }) {
  return (
    <li className={classes['certificate']}>
      <FactList
        facts={[
          [leaf ? 'Certificate' : 'Issued by', certificate.subject],
          ...(leaf ? ([['Issuer', certificate.issuer], ['Names', certificate.names.join(', ') || 'none']] as const) : []),
          ['Valid', <Validity key="valid" certificate={certificate} />],
          [
            'SHA-256',
            <span key="sha" className={classes['fingerprint']}>
              <span className="la-mono">{fingerprint(certificate.sha256)}</span>
              <InlineCopy text={fingerprint(certificate.sha256)} label="Copy the fingerprint" />
            </span>,
          ],
        ]}
      />
    </li>
  );
}

/** What a TLS handshake showed: protocol, how far it was verified, the chain with its expiry. */
export function TlsFactsView({ tls }: { tls: TlsFacts }) {
  return (
    <div>
      <FactList
        facts={[
          ['TLS', `${tls.protocol}, ${tls.cipher}`],
          ['Verification', <Badge key="mode" tone={tls.mode === 'skip' || tls.mode === 'encrypt-only' ? 'amber' : tls.verified ? 'green' : 'red'}>{tls.verified || tls.mode !== 'verify' ? modeWords[tls.mode] : 'failed'}</Badge>],
        ]}
      />
      {tls.chain.length > 0 && (
        <ol className={classes['chain']} aria-label="Certificate chain">
          {tls.chain.map((certificate, at) => (
            <CertificateView key={certificate.sha256} certificate={certificate} leaf={at === 0} />
          ))}
        </ol>
      )}
    </div>
  );
}
