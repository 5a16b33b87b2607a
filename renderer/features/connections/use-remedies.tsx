import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { TestStep } from '../../../shared/contract/connections.ts';
import type { ErrorDetails, Problem } from '../../../shared/contract/errors.ts';
import { formatDate } from '../../lib/format.ts';
import { useHost } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { FactList } from '../../ui/fact-list.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import { InlineCopy } from '../../ui/inline-copy.tsx';
import { fingerprint } from '../../ui/fingerprint.ts';
import type { DraftForm } from './draft-form.ts';
import type { Side } from './use-connection-test.ts';
import classes from './use-remedies.module.css';

interface HostKey {
  host: string;
  port: number;
  keyType: string;
  sha256: string;
}

function hostKeyOf(details: ErrorDetails): HostKey | null {
  const { host, port, keyType, sha256 } = details;
  if (typeof host !== 'string' || typeof port !== 'number' || typeof keyType !== 'string' || typeof sha256 !== 'string') return null;
  return { host, port, keyType, sha256 };
}

/** SHA-256 of the certificate that a step saw, as hex. */
function leafOf(step: TestStep): string | null {
  const fromDetails = step.problem?.details['sha256'];
  const sha256 = step.tls?.chain[0]?.sha256 ?? (typeof fromDetails === 'string' ? fromDetails : '');
  const hex = sha256.replace(/[^0-9a-f]/gi, '').toLowerCase();
  return hex.length === 64 ? hex : null;
}

/** The certificate that a refused handshake showed, as far as the problem tells. */
function certificateFacts({ subject, issuer, names, validFrom, validTo }: ErrorDetails, leaf: string): [string, ReactNode][] {
  const range = typeof validFrom === 'string' && typeof validTo === 'string' ? `${formatDate(Date.parse(validFrom))} to ${formatDate(Date.parse(validTo))}` : '';
  const told = [['Certificate', subject], ['Issuer', issuer], ['Names', names], ['Valid', range]] as const;
  return [
    ...told.flatMap(([name, value]): [string, ReactNode][] => (typeof value === 'string' && value !== '' ? [[name, value]] : [])),
    ['SHA-256', <code key="sha" className={`${classes['print']} la-mono`}>{fingerprint(leaf)}</code>],
  ];
}

const pinnable: ReadonlySet<Problem['code']> = new Set(['TLS_CERT_SELF_SIGNED', 'TLS_CERT_UNTRUSTED', 'TLS_CERT_EXPIRED', 'TLS_NAME_MISMATCH', 'TLS_PIN_MISMATCH']);

function TrustHostKey({ hostKey, onTrusted }: { hostKey: HostKey; onTrusted: () => void }) {
  const { client } = useHost();
  const [problem, setProblem] = useState<Problem | null>(null);
  const trust = () => {
    setProblem(null);
    client.connections.trustHostKey(hostKey).then(onTrusted, (error: unknown) => setProblem(toProblem(error)));
  };
  return (
    <div className={classes['remedy']}>
      <span>
        {hostKey.host}:{hostKey.port} shows this {hostKey.keyType} key:
      </span>
      <span className={classes['print']}>
        <code className="la-mono">{hostKey.sha256}</code>
        <InlineCopy text={hostKey.sha256} label="Copy the fingerprint" />
      </span>
      {problem !== null && <ProblemView problem={problem} />}
      <Button onClick={trust}>Trust this key and go on</Button>
    </div>
  );
}

/** Offers that follow from a failed step: trust a host key, pin a certificate, switch TLS on or off. Each tests again. */
export function useRemedies(form: DraftForm, change: (form: DraftForm) => void, testAgain: (side: Side, form: DraftForm) => void) {
  const apply = (side: Side, next: DraftForm) => {
    change(next);
    testAgain(side, next);
  };
  const withTls = (tls: Partial<DraftForm['redis']['tls']>): DraftForm => ({ ...form, redis: { ...form.redis, tls: { ...form.redis.tls, ...tls } } });
  return (side: Side) =>
    (step: TestStep): ReactNode => {
      const { problem } = step;
      if (problem === null) return null;
      const hostKey = problem.code === 'SSH_HOST_KEY_UNKNOWN' ? hostKeyOf(problem.details) : null;
      if (hostKey !== null) return <TrustHostKey hostKey={hostKey} onTrusted={() => testAgain(side, form)} />;
      if (side === 'postgres') return null;
      const leaf = pinnable.has(problem.code) ? leafOf(step) : null;
      if (leaf !== null) {
        return (
          <div className={classes['remedy']}>
            <span>The server shows this certificate. Compare its SHA-256 before pinning:</span>
            <FactList facts={certificateFacts(problem.details, leaf)} />
            <Button onClick={() => apply('redis', withTls({ mode: 'pin', pinSha256: leaf }))}>Pin this certificate</Button>
          </div>
        );
      }
      if (problem.code === 'TLS_EXPECTED_BY_SERVER') return <Button onClick={() => apply('redis', withTls({ mode: 'verify' }))}>Turn TLS on and test</Button>;
      if (problem.code === 'TLS_NOT_SPOKEN') return <Button onClick={() => apply('redis', withTls({ mode: 'off' }))}>Turn TLS off and test</Button>;
      if (problem.code === 'REDIS_CLUSTER_MODE_MISMATCH') {
        return <Button onClick={() => apply('redis', { ...form, redis: { ...form.redis, topology: 'auto' } })}>Find out the topology and test</Button>;
      }
      return null;
    };
}
