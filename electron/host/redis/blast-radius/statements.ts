import type { BlastPostgres, BlastRate, BlastStatement } from '../../../../shared/contract/blast-radius.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { timesRate } from '../../../../shared/redis/rate-interval.ts';
import type { PostgresQueries } from '../../connections/postgres-side.ts';

/** Statements told, and letters of each. */
const mostStatements = 20;
const mostLetters = 2000;
/** Rows of pg_stat_statements that are read, most time first; its default holds 5,000. */
const mostRows = 10_000;

interface Counted {
  /** `null` where this role may not see it. */
  id: string | null;
  user: string;
  calls: number;
  ms: number;
  rows: number;
}

interface Reading {
  at: number;
  rows: Counted[];
}

interface Place {
  schema: string;
  /** Named otherwise before PostgreSQL 13. */
  timeColumn: 'total_exec_time' | 'total_time';
  topLevel: boolean;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

async function findPlace(queries: PostgresQueries, signal: AbortSignal): Promise<Place> {
  const found = await queries.query<{ schema: string; columns: string[] }>(
    `SELECT n.nspname::text AS schema,
            ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                   WHERE c.relnamespace = n.oid AND c.relname = 'pg_stat_statements' AND a.attnum > 0 AND NOT a.attisdropped) AS columns
       FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'`,
    [],
    { signal },
  );
  const [place] = found;
  if (place === undefined) {
    throw new LookasideError('UNSUPPORTED', 'pg_stat_statements is not installed in this database, so nobody knows what its statements cost', {
      hint: 'CREATE EXTENSION pg_stat_statements; its library must stand in shared_preload_libraries, which takes a restart.',
    });
  }
  const has = (column: string): boolean => place.columns.includes(column);
  return { schema: place.schema, timeColumn: has('total_exec_time') ? 'total_exec_time' : 'total_time', topLevel: has('toplevel') };
}

const ofThisDatabase = 's.dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())';

/** Counters without the statements' texts, which stand in a file that the server would have to read. */
async function read(queries: PostgresQueries, { schema, timeColumn, topLevel }: Place, signal: AbortSignal): Promise<Reading> {
  const rows = await queries.query<{ id: string | null; user: string; calls: string; ms: number; rows: string }>(
    `SELECT s.queryid::text || '/' || s.userid::text || '/' || ${topLevel ? "(CASE WHEN s.toplevel THEN 't' ELSE 'n' END)" : "'t'"} AS id,
            pg_catalog.pg_get_userbyid(s.userid)::text AS "user", s.calls::text AS calls, s.${timeColumn}::float8 AS ms, s.rows::text AS rows
       FROM ${quoted(schema)}.pg_stat_statements(false) s WHERE ${ofThisDatabase} ORDER BY s.${timeColumn} DESC LIMIT ${mostRows}`,
    [],
    { signal },
  );
  return { at: performance.now(), rows: rows.map((row) => ({ ...row, calls: Number(row.calls), rows: Number(row.rows) })) };
}

async function textsOf(queries: PostgresQueries, { schema }: Place, ids: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  const queryIds = [...new Set(ids.map((id) => id.split('/')[0] ?? ''))];
  const rows = await queries.query<{ id: string; text: string }>(
    `SELECT s.queryid::text || '/' || s.userid::text AS id, pg_catalog.left(s.query, ${mostLetters}) AS text
       FROM ${quoted(schema)}.pg_stat_statements(true) s WHERE ${ofThisDatabase} AND s.queryid::text = ANY($1)`,
    [queryIds],
    { signal },
  );
  return new Map(rows.map(({ id, text }) => [id, text]));
}

/** Words that a statement which may read can begin with, after comments. A WITH may write as well: what it does is not looked into. */
const mayRead = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/|\()*(?:select|with|values|table|execute|fetch)\b/iu;

/** Statements about the server itself, such as this app's own: no miss of a cache calls them. */
const aboutTheServer = /pg_catalog\.|pg_stat_statements|^select \$1$/iu;

/** pg_stat_statements over a time: begun with the window, ended with it. */
export class StatementsWatch {
  readonly #queries: PostgresQueries;
  readonly #signal: AbortSignal;
  #place: Place | null = null;
  #before: Reading | null = null;

  constructor(queries: PostgresQueries, signal: AbortSignal) {
    this.#queries = queries;
    this.#signal = signal;
  }

  /** Rejects with UNSUPPORTED without the extension, and with what Postgres refuses. */
  async begin(): Promise<void> {
    this.#place = await findPlace(this.#queries, this.#signal);
    this.#before = await read(this.#queries, this.#place, this.#signal);
  }

  /** What was called since `begin`. The load is left out: `withLoad` adds it. */
  async end(): Promise<Extract<BlastPostgres, { state: 'known' }>> {
    const [place, before] = [this.#place, this.#before];
    if (place === null || before === null) throw new LookasideError('INTERNAL', 'The statements were not read before');
    const after = await read(this.#queries, place, this.#signal);
    const seconds = (after.at - before.at) / 1000;
    const compared = compare(before.rows, after.rows);
    const visible = compared.filter((each) => each.id !== null);
    const inWindow = visible.toSorted((a, b) => b.freshMs - a.freshMs || b.ms - a.ms);
    // twice as many as are told: some of them write
    const candidates = [...inWindow.filter(({ fresh }) => fresh > 0), ...inWindow.filter(({ fresh }) => fresh === 0)].slice(0, mostStatements * 3);
    const texts = await textsOf(
      this.#queries,
      place,
      candidates.map(({ id }) => id ?? ''),
      this.#signal,
    );
    const statements = candidates.flatMap((each): BlastStatement[] => {
      const [queryId = '', userId = ''] = (each.id ?? '').split('/');
      const text = texts.get(`${queryId}/${userId}`);
      if (text === undefined || !mayRead.test(text) || aboutTheServer.test(text) || each.calls === 0) return [];
      const over = each.fresh > 0 ? 'window' : 'all';
      return [
        {
          id: each.id ?? '',
          text,
          user: each.user,
          callsPerSecond: each.fresh / seconds,
          msPerCall: over === 'window' ? each.freshMs / each.fresh : each.ms / each.calls,
          over,
          rowsPerCall: each.rows / each.calls,
        },
      ];
    });
    return {
      state: 'known',
      statements: statements.slice(0, mostStatements),
      total: { callsPerSecond: sumOf(compared, ({ fresh }) => fresh) / seconds, msPerSecond: sumOf(compared, ({ freshMs }) => freshMs) / seconds },
      hiddenCallsPerSecond: sumOf(compared, ({ id, fresh }) => (id === null ? fresh : 0)) / seconds,
      windowMs: seconds * 1000,
      load: null,
    };
  }
}

interface Compared extends Counted {
  /** Calls and ms within the window. */
  fresh: number;
  freshMs: number;
}

function sumOf<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((sum, each) => sum + of(each), 0);
}

/** A statement that was not there before began within the window; one whose counters fell was reset, and counts from there. */
function compare(before: readonly Counted[], after: readonly Counted[]): Compared[] {
  const known = new Map(before.map((row) => [row.id ?? '', row]));
  const hidden = { before: before.filter(({ id }) => id === null), after: after.filter(({ id }) => id === null) };
  const visible = after.flatMap((row): Compared[] => {
    if (row.id === null) return [];
    const then = known.get(row.id);
    const base = then === undefined || then.calls > row.calls ? { calls: 0, ms: 0 } : then;
    return [{ ...row, fresh: row.calls - base.calls, freshMs: Math.max(0, row.ms - base.ms) }];
  });
  if (hidden.after.length === 0) return visible;
  // they have no identity: only their sums can be compared
  const fresh = Math.max(0, sumOf(hidden.after, ({ calls }) => calls) - sumOf(hidden.before, ({ calls }) => calls));
  const freshMs = Math.max(0, sumOf(hidden.after, ({ ms }) => ms) - sumOf(hidden.before, ({ ms }) => ms));
  return [...visible, { id: null, user: '', calls: fresh, ms: freshMs, rows: 0, fresh, freshMs }];
}

/** The load of so many misses if each calls this statement once. `null` when the statement is not among those that are known. */
export function loadOf(statements: readonly BlastStatement[], statementId: string, misses: BlastRate): NonNullable<Extract<BlastPostgres, { state: 'known' }>['load']> | null {
  const statement = statements.find(({ id }) => id === statementId);
  return statement === undefined ? null : { statementId, calls: misses, msPerSecond: timesRate(misses, statement.msPerCall) };
}
