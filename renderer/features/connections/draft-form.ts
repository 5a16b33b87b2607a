import type { ParsedConnection } from '../../../shared/connections/parsed-connection.ts';
import type {
  Environment,
  PostgresProfile,
  RedisProfile,
  SecretChanges,
  SecretSlot,
  SshProfile,
  TlsProfile,
  Workspace,
  WorkspaceDraft,
} from '../../../shared/contract/workspaces.ts';

/** A number field that may be empty while it is typed in. */
export type NumberText = number | '';

export interface NodeForm {
  host: string;
  port: NumberText;
}

export type TlsForm = Required<TlsProfile>;
export type SshForm = Required<SshProfile>;

export interface RedisForm {
  on: boolean;
  topology: NonNullable<RedisProfile['topology']>;
  socket: boolean;
  nodes: readonly NodeForm[];
  socketPath: string;
  sentinelMaster: string;
  sentinelUsername: string;
  username: string;
  db: NumberText;
  tls: TlsForm;
  sshOn: boolean;
  ssh: SshForm;
}

export interface PostgresForm {
  on: boolean;
  host: string;
  port: NumberText;
  user: string;
  database: string;
  sslMode: NonNullable<PostgresProfile['sslMode']>;
  sslRootCert: string;
  sslCert: string;
  sslKey: string;
  passFile: string;
  options: string;
  sshOn: boolean;
  ssh: SshForm;
}

/** What the editor holds. A side that is switched off keeps its fields until it is saved. */
export interface DraftForm {
  name: string;
  environment: Environment;
  colour: Workspace['colour'];
  readOnly: boolean;
  delimiters: readonly string[];
  redis: RedisForm;
  postgres: PostgresForm;
  secrets: SecretChanges;
}

const noTls: TlsForm = { mode: 'off', caFile: '', certFile: '', keyFile: '', serverName: '', pinSha256: '' };
const noSsh: SshForm = { host: '', port: 0, user: '', auth: 'auto', keyFile: '', useConfig: true, proxyJump: '' };

export const defaultPort = { redis: 6379, sentinel: 26379, postgres: 5432 } as const;

function redisForm(profile: RedisProfile | null): RedisForm {
  const given: Partial<RedisProfile> = profile ?? { nodes: [{ host: '127.0.0.1', port: defaultPort.redis }] };
  const nodes = given.nodes ?? [];
  return {
    on: profile !== null,
    topology: given.topology ?? 'auto',
    socket: (given.socketPath ?? '') !== '',
    nodes: nodes.length > 0 ? nodes : [{ host: '', port: defaultPort.redis }],
    socketPath: given.socketPath ?? '',
    sentinelMaster: given.sentinelMaster ?? '',
    sentinelUsername: given.sentinelUsername ?? '',
    username: given.username ?? '',
    db: given.db ?? 0,
    tls: { ...noTls, ...given.tls },
    sshOn: Boolean(given.ssh),
    ssh: { ...noSsh, ...given.ssh },
  };
}

function postgresForm(profile: PostgresProfile | null): PostgresForm {
  return {
    on: profile !== null,
    host: profile?.host ?? '127.0.0.1',
    port: profile?.port ?? defaultPort.postgres,
    user: profile?.user ?? '',
    database: profile?.database ?? '',
    sslMode: profile?.sslMode ?? 'prefer',
    sslRootCert: profile?.sslRootCert ?? '',
    sslCert: profile?.sslCert ?? '',
    sslKey: profile?.sslKey ?? '',
    passFile: profile?.passFile ?? '',
    options: profile?.options ?? '',
    sshOn: Boolean(profile?.ssh),
    ssh: { ...noSsh, ...profile?.ssh },
  };
}

/** The form of a saved or parsed draft. */
export function formOfDraft(draft: WorkspaceDraft, secrets: SecretChanges = {}): DraftForm {
  return {
    name: draft.name,
    environment: draft.environment,
    colour: draft.colour,
    readOnly: draft.readOnly,
    delimiters: draft.delimiters,
    redis: redisForm(draft.redis),
    postgres: postgresForm(draft.postgres),
    secrets,
  };
}

/** An empty form: a local Redis. */
export function newForm(): DraftForm {
  const form = formOfDraft({ name: '', environment: 'local', colour: 'gray', readOnly: false, delimiters: [':'], redis: null, postgres: null });
  return { ...form, redis: { ...form.redis, on: true } };
}

/** A copy to save under another name. Secrets never leave the host, so the copy has none. */
export function copyOfWorkspace(workspace: Workspace): DraftForm {
  return formOfDraft({ ...workspace, name: `${workspace.name} copy`.slice(0, 120) });
}

/**
 * The form after a choice of environment. Production begins read-only and the colour follows, as long as they stand
 * where the environment before had put them.
 */
export function withEnvironment(form: DraftForm, environment: Environment): DraftForm {
  const colours: Record<Environment, Workspace['colour']> = { local: 'gray', staging: 'amber', production: 'red' };
  const colour = form.colour === colours[form.environment] ? colours[environment] : form.colour;
  const readOnly = form.readOnly === (form.environment === 'production') ? environment === 'production' : form.readOnly;
  return { ...form, environment, colour, readOnly };
}

function numberOr(value: NumberText, fallback: number): number {
  return value === '' ? fallback : value;
}

function redisProfile(form: RedisForm): RedisProfile {
  const sentinel = form.topology === 'sentinel';
  const many = sentinel || form.topology === 'cluster';
  const port = sentinel ? defaultPort.sentinel : defaultPort.redis;
  const nodes = form.nodes.map((node) => ({ host: node.host.trim(), port: numberOr(node.port, port) }));
  const socket = form.socket && !many;
  return {
    topology: form.topology,
    nodes: socket ? [] : many ? nodes : nodes.slice(0, 1),
    socketPath: socket ? form.socketPath.trim() : '',
    sentinelMaster: sentinel ? form.sentinelMaster.trim() : '',
    sentinelUsername: sentinel ? form.sentinelUsername : '',
    username: form.username,
    db: form.topology === 'cluster' ? 0 : numberOr(form.db, 0),
    tls: form.tls,
    ssh: form.sshOn && !socket ? { ...form.ssh, host: form.ssh.host.trim() } : null,
  };
}

function postgresProfile(form: PostgresForm): PostgresProfile {
  const { on: _on, sshOn, ssh, port, ...rest } = form;
  return { ...rest, host: form.host.trim(), port: numberOr(port, defaultPort.postgres), ssh: sshOn ? { ...ssh, host: ssh.host.trim() } : null };
}

/** What is saved and tested. */
export function draftOfForm(form: DraftForm): WorkspaceDraft {
  return {
    name: form.name.trim(),
    environment: form.environment,
    colour: form.colour,
    readOnly: form.readOnly,
    delimiters: form.delimiters.filter((delimiter) => delimiter !== ''),
    redis: form.redis.on ? redisProfile(form.redis) : null,
    postgres: form.postgres.on ? postgresProfile(form.postgres) : null,
  };
}

/** Fields by their place in the form, with what is wrong with them. */
export type FieldErrors = ReadonlyMap<string, string>;

function checkPort(errors: Map<string, string>, field: string, port: NumberText, lowest = 1): void {
  if (port === '') return;
  if (!Number.isInteger(port) || port < lowest || port > 65_535) errors.set(field, `Between ${lowest} and 65535`);
}

function checkSsh(errors: Map<string, string>, side: 'redis' | 'postgres', form: SshForm): void {
  if (form.host.trim() === '') errors.set(`${side}.ssh.host`, 'The host or alias of the SSH server');
  checkPort(errors, `${side}.ssh.port`, form.port, 0);
  if (form.auth === 'key' && form.keyFile.trim() === '') errors.set(`${side}.ssh.keyFile`, 'The path of the private key');
}

function checkTls(errors: Map<string, string>, tls: TlsForm): void {
  if (tls.mode === 'pin' && tls.pinSha256.replace(/[^0-9a-f]/gi, '').length !== 64) {
    errors.set('redis.tls.pinSha256', 'SHA-256 of the certificate: 64 hexadecimal digits. A test offers the one that the server shows');
  }
  if (tls.mode !== 'off' && (tls.certFile === '') !== (tls.keyFile === '')) {
    errors.set(tls.certFile === '' ? 'redis.tls.certFile' : 'redis.tls.keyFile', 'Certificate and key are needed together');
  }
}

function checkRedis(errors: Map<string, string>, form: RedisForm): void {
  const many = form.topology === 'cluster' || form.topology === 'sentinel';
  if (form.socket && !many) {
    if (form.socketPath.trim() === '') errors.set('redis.socketPath', 'The path of the socket');
  } else {
    const used = many ? form.nodes : form.nodes.slice(0, 1);
    for (const [at, node] of used.entries()) {
      if (node.host.trim() === '') errors.set(`redis.nodes.${at}.host`, 'A host name or an address');
      checkPort(errors, `redis.nodes.${at}.port`, node.port);
    }
  }
  if (form.topology === 'sentinel' && form.sentinelMaster.trim() === '') errors.set('redis.sentinelMaster', 'The name of the master, as in sentinel.conf');
  if (form.db !== '' && (!Number.isInteger(form.db) || form.db < 0 || form.db > 65_535)) errors.set('redis.db', 'A number from 0');
  checkTls(errors, form.tls);
  if (form.sshOn && !form.socket) checkSsh(errors, 'redis', form.ssh);
}

function checkPostgres(errors: Map<string, string>, form: PostgresForm): void {
  if (form.host.trim() === '') errors.set('postgres.host', 'A host name, an address, or the folder of a socket');
  checkPort(errors, 'postgres.port', form.port);
  if ((form.sslCert === '') !== (form.sslKey === '')) errors.set(form.sslCert === '' ? 'postgres.sslCert' : 'postgres.sslKey', 'Certificate and key are needed together');
  if (form.sshOn) checkSsh(errors, 'postgres', form.ssh);
}

/**
 * The form after a pasted text was read into it. A side that the text names is replaced, except its tunnel, which no
 * such text can name; a local Redis that a new form only suggested gives way to a pasted Postgres.
 */
export function withParsed(form: DraftForm, parsed: ParsedConnection): DraftForm {
  const suggested = JSON.stringify(form.redis) === JSON.stringify(newForm().redis);
  const redis = parsed.redis === null ? (suggested && parsed.postgres !== null ? { ...form.redis, on: false } : form.redis) : { ...redisForm(parsed.redis), sshOn: form.redis.sshOn, ssh: form.redis.ssh };
  const postgres = parsed.postgres === null ? form.postgres : { ...postgresForm(parsed.postgres), sshOn: form.postgres.sshOn, ssh: form.postgres.ssh };
  return { ...form, name: form.name.trim() === '' ? parsed.suggestedName : form.name, redis, postgres, secrets: { ...form.secrets, ...parsed.secrets } };
}

/** What stands in the way of saving, or of testing one side. */
export function checkForm(form: DraftForm): FieldErrors {
  const errors = new Map<string, string>();
  if (form.name.trim() === '') errors.set('name', 'A name is needed');
  if (form.name.trim().length > 120) errors.set('name', 'At most 120 characters');
  if (form.delimiters.length > 8) errors.set('delimiters', 'At most 8 delimiters');
  if (form.delimiters.some((delimiter) => delimiter.length > 8)) errors.set('delimiters', 'At most 8 characters each');
  if (!form.redis.on && !form.postgres.on) errors.set('sides', 'Switch on Redis, Postgres or both');
  if (form.redis.on) checkRedis(errors, form.redis);
  if (form.postgres.on) checkPostgres(errors, form.postgres);
  return errors;
}

/** Secrets of the sides that are switched on; typed emptiness counts as not typed. */
export function secretsOfForm(form: DraftForm): SecretChanges {
  const kept: SecretChanges = {};
  for (const [slot, value] of Object.entries(form.secrets) as [SecretSlot, string | null][]) {
    const on = slot.startsWith('redis.') ? form.redis.on : form.postgres.on;
    if (on && value !== '') kept[slot] = value;
  }
  return kept;
}

export function isSameForm(a: DraftForm, b: DraftForm): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
