import { join } from 'node:path';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { SshProfile } from '../../../../shared/contract/workspaces.ts';
import { localUser, readHostConfig, type HostConfig } from './ssh-config-file.ts';

/** One SSH server on the way, with everything that ssh_config and the profile say about it. */
export interface SshHop {
  /** As the person wrote it. */
  alias: string;
  host: string;
  port: number;
  user: string;
  hostKeyAlias: string;
  /** The user's known_hosts files and the system's. */
  knownHostsFiles: string[];
  /** Keys to try, named by profile or ssh_config. */
  identityFiles: string[];
  /** True when nothing names a key and the usual ones are tried. */
  identityDefaults: boolean;
  /** Socket of the agent; `null` when there is none or it is turned off. */
  agent: string | null;
  /** Offer only the named keys, also of the agent. */
  identitiesOnly: boolean;
  /** Seconds of ServerAliveInterval; 0 means the app's own. */
  aliveSeconds: number;
  auth: SshProfile['auth'];
  /** The profile's own host, to which its password may be sent. */
  target: boolean;
}

export function hopText(hop: { user: string; host: string }): string {
  return `${hop.user}@${hop.host}`;
}

const maxHops = 8;
const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

interface JumpSpec {
  host: string;
  port: number;
  user: string;
}

function badConfig(message: string, hint: string): LookasideError {
  return new LookasideError('SSH_CONFIG_INVALID', message, { hint });
}

/** One entry of ProxyJump: `[user@]host[:port]` or `ssh://[user@]host[:port]` (ssh_config(5)). */
export function parseJump(text: string): JumpSpec {
  const bare = text.trim().replace(/^ssh:\/\//i, '').replace(/\/$/, '');
  const found = /^(?:(?<user>.*)@)?(?:\[(?<v6>[^\]]+)\]|(?<host>[^:@[\]]+))(?::(?<port>\d{1,5}))?$/.exec(bare)?.groups;
  const host = found?.['v6'] ?? found?.['host'] ?? '';
  const port = Number(found?.['port'] ?? 0);
  if (host === '' || port > 65535) throw badConfig(`"${text.trim()}" is no jump host`, 'Write it as user@host:port, several separated by commas.');
  return { host, port, user: found?.['user'] ?? '' };
}

function agentOf(config: HostConfig, environment: NodeJS.ProcessEnv, expand: (text: string) => string): string | null {
  const named = config.values.get('identityagent')?.[0];
  const fromEnvironment = environment['SSH_AUTH_SOCK'] ?? '';
  if (named === 'none') return null;
  if (named !== undefined && named !== 'SSH_AUTH_SOCK') {
    // `$NAME` alone names a variable that holds the path (ssh_config(5), IdentityAgent)
    return named.startsWith('$') && !named.startsWith('${') ? (environment[named.slice(1)] ?? null) : expand(named);
  }
  if (fromEnvironment !== '') return fromEnvironment;
  return process.platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : null;
}

function fileList(values: readonly string[] | undefined, fallback: readonly string[], expand: (text: string) => string): string[] {
  const given = values ?? fallback;
  return given.filter((each) => each !== 'none').map(expand);
}

async function hopOf(spec: JumpSpec, profile: SshProfile, environment: NodeJS.ProcessEnv, target: boolean): Promise<{ hop: SshHop; config: HostConfig }> {
  const config: HostConfig = profile.useConfig ? await readHostConfig(spec.host, environment, spec.user) : { values: new Map(), notes: [] };
  const first = (name: string): string | undefined => config.values.get(name)?.[0];
  const local = localUser(environment);
  const host = (first('hostname') ?? spec.host).replaceAll(/%([%hn])/g, (_, sign: string) => (sign === '%' ? '%' : spec.host)).toLowerCase();
  const port = spec.port === 0 ? Number(first('port') ?? 22) : spec.port;
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw badConfig(`The port "${first('port') ?? ''}" of ${spec.host} is no port`, 'Correct Port in the SSH configuration.');
  const user = spec.user === '' ? (first('user') ?? local.name) : spec.user;
  const tokens = new Map([
    ['%', '%'],
    ['h', host],
    ['n', spec.host],
    ['p', String(port)],
    ['r', user],
    ['u', local.name],
    ['d', local.home],
  ]);
  const expand = (text: string): string => {
    const home = text === '~' || text.startsWith('~/') || text.startsWith('~\\') ? join(local.home, text.slice(1)) : text;
    const variables = home.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => environment[name] ?? '');
    return variables.replaceAll(/%(.)/g, (whole, sign: string) => tokens.get(sign) ?? whole);
  };
  const ssh = join(local.home, '.ssh');
  const named = fileList(config.values.get('identityfile'), [], expand);
  const own = profile.keyFile === '' ? [] : [expand(profile.keyFile)];
  const identityFiles = [...new Set(target ? [...own, ...named] : [...named, ...own])];
  const userFiles = fileList(config.values.get('userknownhostsfile'), [join(ssh, 'known_hosts'), join(ssh, 'known_hosts2')], expand);
  const globalFiles = fileList(config.values.get('globalknownhostsfile'), ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'], expand);
  const hop: SshHop = {
    alias: spec.host,
    host,
    port,
    user,
    hostKeyAlias: first('hostkeyalias') ?? '',
    knownHostsFiles: [...userFiles, ...globalFiles],
    identityFiles: identityFiles.length > 0 ? identityFiles : defaultKeys.map((name) => join(ssh, name)),
    identityDefaults: identityFiles.length === 0,
    agent: agentOf(config, environment, expand),
    identitiesOnly: first('identitiesonly')?.toLowerCase() === 'yes',
    aliveSeconds: Number(first('serveraliveinterval') ?? 0) || 0,
    auth: target ? profile.auth : 'auto',
    target,
  };
  return { hop, config };
}

/**
 * The SSH servers on the way, outermost first. ProxyJump is followed as OpenSSH does: of a list, the last is
 * nearest and is reached through those before it; a single jump host's own ProxyJump applies. Rejects with
 * SSH_CONFIG_INVALID, or UNSUPPORTED for ProxyCommand.
 */
export async function resolveSshHops(profile: SshProfile, environment: NodeJS.ProcessEnv): Promise<{ hops: SshHop[]; notes: string[] }> {
  const notes: string[] = [];

  async function follow(spec: JumpSpec, givenJump: string, target: boolean, depth: number): Promise<SshHop[]> {
    if (depth > maxHops) throw badConfig('The jump hosts lead in a circle, or are more than eight', 'Exclude the jump host from its own ProxyJump, for example with "Host * !bastion".');
    const { hop, config } = await hopOf(spec, profile, environment, target);
    notes.push(...config.notes);
    const ownJump = config.values.get('proxyjump')?.[0] ?? '';
    const command = config.values.get('proxycommand')?.join(' ') ?? '';
    const jumpList = givenJump === '' ? ownJump : givenJump;
    if (jumpList === '' || jumpList.toLowerCase() === 'none') {
      if (givenJump === '' && command !== '' && command.toLowerCase() !== 'none') {
        throw new LookasideError('UNSUPPORTED', `The SSH configuration of ${spec.host} uses ProxyCommand, which is not supported`, {
          hint: 'Use ProxyJump instead; "ProxyCommand ssh -W %h:%p bastion" is the same as "ProxyJump bastion".',
          details: { alias: spec.host },
        });
      }
      return [hop];
    }
    const specs = jumpList.split(',');
    const nearest = parseJump(specs.at(-1) ?? '');
    const before = specs.slice(0, -1).join(',');
    if (nearest.host === spec.host && (nearest.port === 0 || nearest.port === hop.port) && (nearest.user === '' || nearest.user === hop.user)) {
      throw badConfig(`${spec.host} is its own jump host`, 'Exclude it from its own ProxyJump, for example with "Host * !bastion".');
    }
    return [...(await follow(nearest, before, false, depth + 1)), hop];
  }

  const hops = await follow({ host: profile.host, port: profile.port, user: profile.user }, profile.proxyJump, true, 0);
  return { hops, notes };
}
