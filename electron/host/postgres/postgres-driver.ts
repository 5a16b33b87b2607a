import type { PostgresDriver } from '../connections/postgres-side.ts';
import { openPostgres } from './postgres-session.ts';
import { testPostgres } from './postgres-test.ts';

/** What the connection service needs of Postgres. */
export const postgresDriver: PostgresDriver = { open: openPostgres, test: testPostgres };
