import type pg from 'pg';
import type { PostgresStatus } from '../../../shared/contract/connections.ts';

type Facts = NonNullable<PostgresStatus['facts']>;

interface FactsRow {
  version: string;
  database: string;
  user: string;
  superuser: boolean;
  in_recovery: boolean;
  extensions: string[];
}

/** What the server says about itself and the role; catalogs that everybody may read. */
export async function readFacts(client: pg.Client): Promise<Facts> {
  const { rows } = await client.query<FactsRow>(`
    SELECT pg_catalog.current_setting('server_version') AS version,
           pg_catalog.current_database()::text AS database,
           current_user::text AS "user",
           pg_catalog.current_setting('is_superuser') = 'on' AS superuser,
           pg_catalog.pg_is_in_recovery() AS in_recovery,
           ARRAY(SELECT extname::text FROM pg_catalog.pg_extension ORDER BY 1) AS extensions`);
  const row = rows[0];
  if (row === undefined) throw new Error('the server answers without a row');
  return { version: row.version, database: row.database, user: row.user, superuser: row.superuser, inRecovery: row.in_recovery, extensions: row.extensions };
}

interface RightsRow {
  create_here: boolean;
  temp: boolean;
  read_all_stats: boolean;
  read_all_settings: boolean;
  signal_backend: boolean;
  statements_there: boolean;
  statements_loaded: boolean | null;
  readable: number;
  tables: number;
}

/** What this role may not do that features of this app build on, one line each. */
export async function readDenied(client: pg.Client, facts: Facts): Promise<string[]> {
  const { rows } = await client.query<RightsRow>(`
    SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS create_here,
           pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP') AS temp,
           pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS read_all_stats,
           pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE') AS read_all_settings,
           pg_catalog.pg_has_role('pg_signal_backend', 'USAGE') AS signal_backend,
           EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'pg_stat_statements') AS statements_there,
           CASE WHEN pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE')
                THEN pg_catalog.current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%' END AS statements_loaded,
           count(*) FILTER (WHERE pg_catalog.has_table_privilege(c.oid, 'SELECT'))::int AS readable,
           count(*)::int AS tables
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'm', 'v') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'`);
  const row = rows[0];
  if (row === undefined) return [];
  const denied: string[] = [];
  if (!row.read_all_stats) denied.push('See the statements and activity of other roles (needs pg_read_all_stats or pg_monitor)');
  if (!row.read_all_settings) denied.push('Read all settings of the server (needs pg_read_all_settings or pg_monitor)');
  if (!row.signal_backend && !facts.superuser) denied.push("Cancel other roles' queries (needs pg_signal_backend)");
  if (!row.statements_there) {
    const loaded = row.statements_loaded === false ? ', after adding it to shared_preload_libraries' : '';
    denied.push(`See what queries cost: pg_stat_statements is not installed in this database (CREATE EXTENSION pg_stat_statements${loaded})`);
  }
  if (!row.create_here) denied.push('Create schemas or extensions in this database (needs CREATE on it)');
  if (!row.temp) denied.push('Create temporary tables (needs TEMPORARY on the database)');
  if (row.readable < row.tables) denied.push(`Read ${row.tables - row.readable} of ${row.tables} tables and views (needs SELECT)`);
  if (!facts.superuser) denied.push('Load auto_explain in a session (needs a superuser)');
  return denied;
}
