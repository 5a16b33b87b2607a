import { sslModes, type PostgresProfile } from '../../../shared/contract/workspaces.ts';

const profileVariables = ['PGHOST', 'PGHOSTADDR', 'PGPORT', 'PGUSER', 'PGDATABASE', 'PGSSLMODE', 'PGPASSWORD'] as const;

/** libpq variables that change a connection and are not followed here. */
const unsupported = ['PGSERVICE', 'PGREQUIRESSL', 'PGSSLCRL', 'PGKRBSRVNAME', 'PGCHANNELBINDING', 'PGREQUIREAUTH', 'PGTARGETSESSIONATTRS'];

function portOf(text: string | undefined): number {
  const port = Number(text?.split(',')[0] ?? '');
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? port : 5432;
}

/**
 * A profile from libpq's variables (PostgreSQL documentation, "Environment Variables"); `null` when none that
 * names a server, role or database is set. PGPASSWORD is not in it: it is read when the connection opens.
 */
export function profileFromEnvironment(environment: NodeJS.ProcessEnv): { profile: PostgresProfile | null; notes: string[] } {
  const value = (name: string): string => environment[name] ?? '';
  const notes = unsupported.filter((name) => value(name) !== '').map((name) => `${name} is set but not supported`);
  if (!profileVariables.some((name) => value(name) !== '')) return { profile: null, notes };
  const hosts = (value('PGHOST') === '' ? value('PGHOSTADDR') : value('PGHOST')).split(',');
  if (hosts.length > 1) notes.push('PGHOST names several servers; the first is used');
  const mode = value('PGSSLMODE').toLowerCase();
  const sslMode = sslModes.find((each) => each === mode) ?? 'prefer';
  if (mode !== '' && mode !== sslMode) notes.push('PGSSLMODE has a value that libpq does not know; prefer is used');
  return {
    profile: {
      host: hosts[0] === '' || hosts[0] === undefined ? 'localhost' : hosts[0],
      port: portOf(value('PGPORT')),
      user: value('PGUSER'),
      database: value('PGDATABASE'),
      sslMode,
      sslRootCert: value('PGSSLROOTCERT'),
      sslCert: value('PGSSLCERT'),
      sslKey: value('PGSSLKEY'),
      passFile: value('PGPASSFILE'),
      options: value('PGOPTIONS'),
      ssh: null,
    },
    notes,
  };
}

/**
 * Fills what a profile leaves open the way libpq does: from the environment. What the profile says wins. The notes
 * name variables that are set but not followed.
 */
export function fillFromEnvironment(profile: PostgresProfile, environment: NodeJS.ProcessEnv): { profile: PostgresProfile; notes: string[] } {
  const found = profileFromEnvironment(environment);
  const value = (name: string): string => environment[name] ?? '';
  const or = (given: string, name: string): string => (given === '' ? value(name) : given);
  const host = profile.host === '' ? (found.profile?.host ?? 'localhost') : profile.host;
  return {
    notes: found.notes,
    profile: {
      ...profile,
      host,
      user: or(profile.user, 'PGUSER'),
      database: or(profile.database, 'PGDATABASE'),
      sslRootCert: or(profile.sslRootCert, 'PGSSLROOTCERT'),
      sslCert: or(profile.sslCert, 'PGSSLCERT'),
      sslKey: or(profile.sslKey, 'PGSSLKEY'),
      options: or(profile.options, 'PGOPTIONS'),
    },
  };
}
