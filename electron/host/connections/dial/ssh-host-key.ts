import type { ServerHostKeyAlgorithm } from 'ssh2';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { DialStep } from './dialer.ts';
import { findKnownHost, judgeHostKey, keyFingerprint, keyTypeOf, rememberPresentedKey } from './known-hosts-file.ts';
import { hopText, type SshHop } from './ssh-hops.ts';

export interface HostKeyCheck {
  /** For ssh2: known kinds of key first, so that a server with several presents the known one. */
  algorithms: ServerHostKeyAlgorithm[];
  verify: (key: Buffer) => boolean;
  /** Why the key was refused; `null` while it was not. */
  problem: () => LookasideError | null;
}

const signatures = new Map<string, ServerHostKeyAlgorithm[]>([
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']],
]);

/** Reads what is known about a hop and prepares the decision on the key it will present. Nothing is ever accepted unseen. */
export async function prepareHostKeyCheck(hop: SshHop, knownHostsFile: string, onStep: (step: DialStep) => void): Promise<HostKeyCheck> {
  const known = await findKnownHost([...hop.knownHostsFiles, knownHostsFile], hop.host, hop.port, hop.hostKeyAlias);
  if (known.lines.some((line) => line.marker === 'cert-authority')) {
    onStep({ kind: 'note', text: `known_hosts names a certificate authority for ${hop.host}; host certificates are not supported and the line is ignored` });
  }
  const plain = known.lines.filter((line) => line.marker === 'none');
  const types = [...new Set((plain.length > 0 ? plain : known.bareLines).map((line) => line.keyType))];
  const first = types.flatMap((type) => signatures.get(type) ?? []);
  const algorithms = [...new Set([...first, ...[...signatures.values()].flat()])];
  // an alias stands for host and port in known_hosts, so it is what a person trusts
  const host = hop.hostKeyAlias === '' ? hop.host : hop.hostKeyAlias.toLowerCase();
  const port = hop.hostKeyAlias === '' ? hop.port : 22;
  let refused: LookasideError | null = null;

  return {
    algorithms,
    problem: () => refused,
    verify: (key) => {
      const verdict = judgeHostKey(known, key);
      if (verdict.kind === 'trusted') return true;
      const details = { host, port, keyType: keyTypeOf(key), sha256: keyFingerprint(key), hop: hopText(hop) };
      if (verdict.kind === 'unknown') {
        rememberPresentedKey(host, port, key);
        refused = new LookasideError('SSH_HOST_KEY_UNKNOWN', `The host key of ${host} is not known yet`, {
          hint: 'Compare the fingerprint with one from whoever runs the server, then trust it.',
          details,
        });
        return false;
      }
      const at = `${verdict.line.file}:${verdict.line.lineNumber}`;
      const expected = keyFingerprint(Buffer.from(verdict.line.key, 'base64'));
      const revoked = verdict.kind === 'revoked';
      refused = new LookasideError('SSH_HOST_KEY_CHANGED', revoked ? `The host key of ${host} is marked as revoked` : `The host key of ${host} is not the known one`, {
        hint: revoked
          ? `The key is revoked in ${at}: do not connect.`
          : `Either the server was set up anew or someone is in between. Ask whoever runs it; then remove the old line in ${at}.`,
        details: { ...details, knownKeyType: verdict.line.keyType, knownSha256: expected, knownAt: at, revoked },
      });
      return false;
    },
  };
}
