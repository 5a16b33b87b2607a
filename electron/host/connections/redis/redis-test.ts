import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { TestSnapshot, TlsFacts } from '../../../../shared/contract/connections.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { RedisProfile, SecretChanges } from '../../../../shared/contract/workspaces.ts';
import { snapshotStream } from '../../snapshots.ts';
import { translateNetworkError, type NetworkTarget } from '../dial/network-errors.ts';
import { createAccess, type RedisAccess } from './access.ts';
import { checkProfile, firstTargets, modeMismatch, sameEverywhere } from './connect.ts';
import { createImpactMeter } from './impact-meter.ts';
import type { Link } from './link.ts';
import { nodeId } from './node-links.ts';
import { findPermissions, probeCapabilities } from './probe.ts';
import { askSentinel, type SentinelAnswer } from './sentinel.ts';
import { createRecorder, type StepId, type TestRecorder } from './test-recorder.ts';
import { testNodes } from './test-nodes.ts';
import { loadingError, serverMode } from './topology.ts';

export interface RedisTestInput {
  profile: RedisProfile;
  secrets: SecretChanges;
  environment: NodeJS.ProcessEnv;
  knownHostsFile: string;
}

const warnDays = 30;
const dayMs = 86_400_000;

/** Walks the steps of a connection and says what each one found. Returns the last snapshot; ends early when the signal aborts. */
export async function* testRedis(input: RedisTestInput, signal: AbortSignal): AsyncGenerator<TestSnapshot, TestSnapshot, void> {
  const recorder = createRecorder('redis');
  const left = new AbortController();
  const within = AbortSignal.any([signal, left.signal]);
  const walking = walk(input, recorder, within);
  // a fault of this program is thrown below, when the stream has ended
  walking.catch(() => undefined);
  try {
    yield* snapshotStream({ read: () => recorder.snapshot(), subscribe: (listener) => recorder.subscribe(listener), signal, minIntervalMs: 100 });
    await walking;
    return recorder.snapshot();
  } finally {
    left.abort();
  }
}

class StepFailed extends Error {}

async function walk(input: RedisTestInput, recorder: TestRecorder, signal: AbortSignal): Promise<void> {
  const access = createAccess({ ...input, onBytes: () => undefined });
  const links: Link[] = [];

  /** Runs one step; what fails in it ends the test. */
  async function step<T>(id: StepId, body: () => Promise<T>): Promise<T> {
    recorder.begin(id);
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof LookasideError)) throw error;
      recorder.fail(id, error);
      throw new StepFailed();
    }
  }

  try {
    await step('read', () => readStep(access, recorder));
    await step('resolve', () => resolveStep(input.profile, recorder, signal));
    if (input.profile.ssh === null) recorder.skip('ssh', 'No SSH tunnel');
    else {
      await step('ssh', async () => {
        await access.dialer.openSsh({ signal });
        recorder.pass('ssh', { detail: `Through ${access.dialer.sshPath.join(', then ')}` });
      });
    }
    const { link, sentinel } = await reach(access, recorder, signal, links);
    await step('server', () => serverStep(access, recorder, link, sentinel));
    await step('permissions', () => permissionsStep(access, recorder, link, signal));
    await step('nodes', () => testNodes(access, recorder, link, sentinel, signal));
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  } finally {
    for (const link of links) link.close();
    recorder.end();
    await access.close();
  }
}

async function readStep(access: RedisAccess, recorder: TestRecorder): Promise<void> {
  const { profile } = access;
  checkProfile(profile);
  const targets = firstTargets(profile);
  for (const target of targets) await access.tlsFor(target);
  const files = [profile.tls.caFile, profile.tls.certFile, profile.tls.keyFile].filter((file) => profile.tls.mode !== 'off' && file !== '');
  const read = files.length === 0 ? '' : `; certificate files are readable`;
  recorder.pass('read', { detail: `${targets.map(nodeId).join(', ')}, database ${profile.db}${read}` });
}

async function resolveStep(profile: RedisProfile, recorder: TestRecorder, signal: AbortSignal): Promise<void> {
  if (profile.socketPath !== '') return recorder.skip('resolve', 'A unix socket needs no name');
  if (profile.ssh !== null) return recorder.skip('resolve', 'Names are resolved at the far end of the tunnel');
  const names = profile.nodes.filter((node) => isIP(node.host) === 0);
  if (names.length === 0) return recorder.skip('resolve', 'Given as an address');
  const results = await Promise.allSettled(names.map(async (node) => ({ node, addresses: await lookup(node.host, { all: true }) })));
  if (signal.aborted) throw new LookasideError('CANCELLED', 'Cancelled');
  const found = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.flatMap((result, at) => (result.status === 'rejected' ? [translateNetworkError(result.reason, names[at] as { host: string; port: number })] : []));
  if (found.length === 0 && names.length === profile.nodes.length && failed[0] !== undefined) throw failed[0];
  const detail = found.map(({ node, addresses }) => `${node.host} is ${addresses.map((each) => each.address).join(', ')}`).join('; ');
  recorder.pass('resolve', { detail: detail === '' ? 'No name resolves' : detail, warning: failed[0] ?? null });
}

function tlsWarning(facts: TlsFacts): LookasideError | null {
  const soonest = facts.chain.toSorted((a, b) => a.validTo - b.validTo)[0];
  if (facts.mode === 'skip') {
    return new LookasideError('TLS_CERT_UNTRUSTED', 'The certificate is not checked', {
      hint: 'Anyone between could pretend to be the server. Give the CA file, or pin this certificate.',
    });
  }
  if (soonest === undefined || soonest.validTo - Date.now() > warnDays * dayMs) return null;
  const days = Math.max(0, Math.floor((soonest.validTo - Date.now()) / dayMs));
  return new LookasideError('TLS_CERT_EXPIRED', `The certificate of ${soonest.subject} expires in ${days} days`, {
    hint: 'Renew it in time.',
    details: { validTo: new Date(soonest.validTo).toISOString() },
  });
}

/** Steps tcp, tls and auth at the first address that can be reached; for Sentinel then also at the master. */
async function reach(access: RedisAccess, recorder: TestRecorder, signal: AbortSignal, links: Link[]): Promise<{ link: Link; sentinel: SentinelAnswer | null }> {
  const { profile } = access;
  const viaSentinel = profile.topology === 'sentinel';

  async function openAt(target: NetworkTarget, sentinel: boolean): Promise<Link> {
    let running: StepId = 'tcp';
    const next = (id: StepId): void => {
      running = id;
      recorder.begin(id);
    };
    next('tcp');
    try {
      const link = await access.open(target, {
        signal,
        sentinel,
        onStage: (stage, facts) => {
          if (stage === 'tcp') {
            recorder.pass('tcp', { detail: `${nodeId(target)} accepts connections` });
            if (profile.tls.mode === 'off') {
              recorder.skip('tls', 'Not encrypted');
              next('auth');
            } else next('tls');
          }
          if (stage === 'tls' && facts !== null) {
            const leaf = facts.chain[0];
            const until = leaf === undefined ? '' : `, valid until ${new Date(leaf.validTo).toISOString().slice(0, 10)}`;
            const verdict = facts.verified ? (facts.mode === 'pin' ? 'pinned' : 'verified') : 'not verified';
            recorder.pass('tls', { detail: `${facts.protocol} with ${facts.cipher}; ${leaf?.subject ?? 'no certificate'}, ${verdict}${until}`, warning: tlsWarning(facts), tls: facts });
            next('auth');
          }
        },
      });
      links.push(link);
      const user = sentinel ? profile.sentinelUsername : profile.username;
      const warning = link.passwordUnused
        ? new LookasideError('REDIS_WRONG_PASSWORD', `${nodeId(target)} has no password for this user, so the one given is not checked`, {
            hint: 'Anyone who reaches the server gets in. Set a password there, or remove it here.',
          })
        : null;
      recorder.pass('auth', { detail: `Logged in as ${user === '' ? 'the default user' : user}`, warning });
      return link;
    } catch (error) {
      if (error instanceof LookasideError) recorder.fail(running, error);
      throw error;
    }
  }

  let last: unknown = null;
  for (const target of firstTargets(profile)) {
    try {
      const link = await openAt(target, viaSentinel);
      if (!viaSentinel || 'path' in target) return { link, sentinel: null };
      const sentinel = await askSentinel(access, target, signal).catch((error: unknown) => {
        if (error instanceof LookasideError) recorder.fail('server', error);
        throw error;
      });
      links.push(sentinel.link);
      return { link: await openAt(sentinel.master, false), sentinel };
    } catch (error) {
      last = error;
      if (!(error instanceof LookasideError) || sameEverywhere(error)) break;
    }
  }
  if (last instanceof LookasideError) throw new StepFailed();
  throw last;
}

async function serverStep(access: RedisAccess, recorder: TestRecorder, link: Link, sentinel: SentinelAnswer | null): Promise<void> {
  const mode = await serverMode(link);
  const mismatch = await modeMismatch(access.profile, link, mode);
  if (mismatch !== null) throw mismatch;
  if (mode.loading) throw loadingError(nodeId(link.target));
  // INFO answers always; a read of a key shows what a replica without its master, or a cluster with holes, would say
  await link.send(['TYPE', 'lookaside:probe'], false).catch((error: unknown) => {
    const harmless = error instanceof LookasideError && (error.code === 'REDIS_NO_PERMISSION' || (mode.mode === 'cluster' && error.code === 'REDIS_CLUSTER_MODE_MISMATCH'));
    if (!harmless) throw error;
  });
  const { facts } = await probeCapabilities(link, access.profile.username, createImpactMeter());
  const name = facts.flavour === 'unknown' ? 'A server that does not say what it is' : `${facts.flavour} ${facts.version}`;
  const role = mode.role === 'unknown' ? '' : `, ${mode.role}`;
  const way = mode.mode === 'cluster' ? ', node of a cluster' : sentinel === null ? '' : `, found by Sentinel as ${access.profile.sentinelMaster}`;
  const warning =
    mode.role === 'replica' && mode.mode !== 'cluster'
      ? new LookasideError('REDIS_READ_ONLY_REPLICA', 'This is a replica: it takes no writes, and its expiry and evictions follow the master', {
          hint: 'Connect to the master to change anything.',
        })
      : null;
  recorder.pass('server', { detail: `${name}${role}${way}`, warning });
}

async function permissionsStep(access: RedisAccess, recorder: TestRecorder, link: Link, signal: AbortSignal): Promise<void> {
  const found = await findPermissions(access, link, signal);
  if (found === null) return recorder.skip('permissions', 'The server does not tell what this user may do');
  const lines = found.denied.map(({ command, purpose }) => `${command}: ${purpose}`);
  if (found.keysLimited) lines.push('Keys: only those that the patterns of this user allow');
  recorder.deny(lines);
  const warning =
    lines.length === 0
      ? null
      : new LookasideError('REDIS_NO_PERMISSION', `This user may not do ${lines.length} of the things that this app offers`, {
          hint: 'Those actions are not offered. Whoever runs the server can allow them with ACL SETUSER.',
        });
  recorder.pass('permissions', { detail: lines.length === 0 ? 'This user may do everything that this app offers' : lines.join('; '), warning });
}
