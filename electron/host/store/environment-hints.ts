import { userInfo } from 'node:os';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { postgresProfile, sslModes, type PostgresProfile } from '../../../shared/contract/workspaces.ts';
import type { WorkspaceService } from '../services.ts';
import { listSshAliases } from '../connections/dial/ssh-config-file.ts';

type Hints = Awaited<ReturnType<WorkspaceService['environmentHints']>>;

const postgresVariables = ['PGHOST', 'PGPORT', 'PGUSER', 'PGDATABASE', 'PGSSLMODE', 'PGSSLROOTCERT', 'PGSSLCERT', 'PGSSLKEY', 'PGPASSFILE', 'PGOPTIONS'];

/** libpq's environment variables as a profile (PostgreSQL documentation, 32.15); `null` when none is set. */
function postgresOf(environment: NodeJS.ProcessEnv): PostgresProfile | null {
  if (!postgresVariables.some((name) => environment[name])) return null;
  const user = environment['PGUSER'] ?? userInfo().username;
  const port = Number(environment['PGPORT'] ?? 5432);
  const mode = sslModes.find((each) => each === environment['PGSSLMODE']);
  const profile = v.safeParse(postgresProfile, {
    host: environment['PGHOST'] ?? 'localhost',
    port: Number.isInteger(port) ? port : 5432,
    user,
    database: environment['PGDATABASE'] ?? user,
    sslMode: mode ?? 'prefer',
    sslRootCert: environment['PGSSLROOTCERT'] ?? '',
    sslCert: environment['PGSSLCERT'] ?? '',
    sslKey: environment['PGSSLKEY'] ?? '',
    passFile: environment['PGPASSFILE'] ?? '',
    options: environment['PGOPTIONS'] ?? '',
  });
  return profile.success ? profile.output : null;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What this machine's environment offers. Names only: never a secret's value. */
export async function readEnvironmentHints(environment: NodeJS.ProcessEnv): Promise<Hints> {
  const home = environment['HOME'] ?? environment['USERPROFILE'] ?? '';
  const passFile = environment['PGPASSFILE'] ?? join(home, '.pgpass');
  const found = (await exists(passFile)) ? 'pgpass' : 'none';
  return {
    postgres: postgresOf(environment),
    postgresPassword: environment['PGPASSWORD'] ? 'PGPASSWORD' : found,
    redisUrlVariable: ['REDIS_URL', 'REDIS_URI', 'VALKEY_URL'].find((name) => environment[name]) ?? null,
    sshAliases: await listSshAliases(environment),
  };
}
