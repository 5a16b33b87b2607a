import { createHash } from 'node:crypto';
import { parseConnectionText } from '../../shared/connections/parse-connection.ts';
import type { ParsedConnection } from '../../shared/connections/parsed-connection.ts';
import { LookasideError } from '../../shared/contract/errors.ts';
import type { Environment, SecretChanges, WorkspaceDraft } from '../../shared/contract/workspaces.ts';
import type { LaunchArguments } from './launch-arguments.ts';

const local = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\/.*)$/u;

/** This machine is local; elsewhere a name that says production is believed, and everything else is taken for staging. */
function environmentOf(hosts: readonly string[]): Environment {
  if (hosts.every((host) => local.test(host))) return 'local';
  return hosts.some((host) => /(?:^|[^a-z])(?:prod|production|live)(?:[^a-z]|$)/iu.test(host)) ? 'production' : 'staging';
}

/** One option's text; its failure names the option and never quotes the text. */
function read(option: '--url' | '--pg', text: string | undefined): ParsedConnection | null {
  if (text === undefined) return null;
  const side = option === '--url' ? 'redis' : 'postgres';
  let parsed: ParsedConnection;
  try {
    parsed = parseConnectionText(text);
  } catch (error) {
    if (!(error instanceof LookasideError)) throw error;
    throw new LookasideError('PARSE_FAILED', `${option}: ${error.message}`, { hint: error.hint });
  }
  if (parsed[side] !== null) return parsed;
  const other = option === '--url' ? 'a Postgres, which belongs to --pg' : 'a Redis, which belongs to --url';
  throw new LookasideError('PARSE_FAILED', `${option} names ${other}`);
}

/** The same for the same servers, whichever database: a run that was killed is found again by its workspace. */
function idOf({ redis, postgres }: Pick<WorkspaceDraft, 'redis' | 'postgres'>): string {
  const where = JSON.stringify([redis === null ? null : { ...redis, db: 0 }, postgres]);
  return `url-${createHash('sha256').update(where).digest('hex').slice(0, 32)}`;
}

/**
 * The workspace that `--url` and `--pg` describe, for this session only; `null` when neither is given. Servers that
 * are not on this machine open read-only until they are unlocked.
 * @throws PARSE_FAILED without quoting what was given: it may hold a password
 */
export function namedWorkspace(given: Pick<LaunchArguments, 'url' | 'pg'>): { id: string; draft: WorkspaceDraft; secrets: SecretChanges } | null {
  const first = read('--url', given.url);
  const second = read('--pg', given.pg);
  if (first === null && second === null) return null;
  const redis = first?.redis ?? null;
  const postgres = second?.postgres ?? first?.postgres ?? null;
  const hosts = [...(redis?.socketPath ? [redis.socketPath] : []), ...(redis?.nodes ?? []).map(({ host }) => host), ...(postgres ? [postgres.host] : [])];
  const environment = environmentOf(hosts);
  return {
    id: idOf({ redis, postgres }),
    draft: {
      name: (first ?? second)?.suggestedName.trim() || 'Command line',
      environment,
      colour: environment === 'local' ? 'gray' : environment === 'staging' ? 'amber' : 'red',
      readOnly: environment !== 'local',
      delimiters: [':'],
      redis,
      postgres,
    },
    secrets: { ...first?.secrets, ...second?.secrets },
  };
}
