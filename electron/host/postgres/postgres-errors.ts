import { LookasideError, type ErrorCode } from '../../../shared/contract/errors.ts';
import { errorCodeOf, targetText, translateNetworkError, type NetworkTarget } from '../connections/dial/network-errors.ts';

/** The fields of Postgres' ErrorResponse that decide; the message itself is in the server's language and decides nothing. */
interface ServerError {
  code: string;
  message: string;
  routine: string;
  severity: string;
  detail: string;
  hint: string;
  position: string;
}

export function serverErrorOf(error: unknown): ServerError | null {
  if (typeof error !== 'object' || error === null) return null;
  const field = (name: string): string => {
    const value = (error as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : '';
  };
  // every ErrorResponse has a severity and a five-character SQLSTATE; Node's errors have no severity
  if (field('severity') === '' || !/^[0-9A-Z]{5}$/.test(field('code'))) return null;
  return {
    code: field('code'),
    message: field('message'),
    routine: field('routine'),
    severity: field('severity'),
    detail: field('detail'),
    hint: field('hint'),
    position: field('position'),
  };
}

interface Meaning {
  code: ErrorCode;
  message: string;
  hint: string;
}

export interface PostgresPlace {
  target: NetworkTarget;
  user: string;
  database: string;
  /** Whether the connection was encrypted when the error came. */
  encrypted: boolean;
}

function authorisation(error: ServerError, place: PostgresPlace): Meaning {
  if (error.routine === 'InitializeSessionUserId' || error.routine === 'InitializeSessionUserIdStandalone') {
    return { code: 'PG_WRONG_ROLE', message: `The role "${place.user}" does not exist or may not log in`, hint: 'Check the user name; a role needs LOGIN.' };
  }
  if (/certificate/i.test(error.message)) {
    return { code: 'TLS_CLIENT_CERT_REQUIRED', message: 'The server asks for a client certificate that it trusts', hint: 'Give sslcert and sslkey.' };
  }
  if (error.routine === 'ClientAuthentication' || /pg_hba/.test(error.message)) {
    const hint = place.encrypted
      ? 'Ask for an entry for this user, database and address in pg_hba.conf.'
      : 'The server may take this user only with TLS: try sslmode require. Otherwise pg_hba.conf needs an entry.';
    return { code: 'PG_NO_HBA_ENTRY', message: `pg_hba.conf of the server lets "${place.user}" not connect to "${place.database}" from here`, hint };
  }
  return { code: 'PG_WRONG_ROLE', message: `The server does not accept "${place.user}" as this user`, hint: 'The server uses peer, ident, GSS or certificate authentication for this address.' };
}

/** What a SQLSTATE means (PostgreSQL documentation, appendix A); `null` when it is an ordinary query's failure. */
function meaningOf(error: ServerError, place: PostgresPlace): Meaning | null {
  switch (error.code) {
    case '28P01':
      return { code: 'PG_WRONG_PASSWORD', message: `The password for "${place.user}" is wrong`, hint: 'Postgres says the same when the role does not exist.' };
    case '28000':
      return authorisation(error, place);
    case '3D000':
      return { code: 'PG_WRONG_DATABASE', message: `The database "${place.database}" does not exist`, hint: 'Check the name of the database; without one, the user name is used.' };
    case '53300':
      return { code: 'PG_TOO_MANY_CONNECTIONS', message: 'The server has no connection left', hint: 'See max_connections and the limits of role and database; idle sessions may be ended.' };
    case '57P03':
      return { code: 'PG_STARTING_UP', message: 'The server does not accept connections yet', hint: 'It starts, stops or recovers; try again in a moment.' };
    case '57P01':
    case '57P02':
      return { code: 'CONNECTION_LOST', message: 'The server ended the connection', hint: 'It was shut down, or an administrator ended this session.' };
    case '57P05':
      return { code: 'CONNECTION_LOST', message: 'The server ended the idle connection', hint: 'See idle_session_timeout.' };
    case '42501':
      return { code: 'PG_NO_PERMISSION', message: `"${place.user}" may not do this`, hint: 'Ask for the privilege that the details name.' };
    case '25006':
      return { code: 'READ_ONLY', message: 'This session is read-only', hint: 'The session is opened with default_transaction_read_only, or the server is a standby.' };
    case '57014':
      return { code: 'PG_QUERY_FAILED', message: 'The query was cancelled by the server', hint: 'It ran longer than statement_timeout, or an administrator cancelled it.' };
    case '08P01':
      return { code: 'PG_QUERY_FAILED', message: 'The server does not accept the start of the session', hint: 'A pooler such as PgBouncer needs ignore_startup_parameters = options.' };
    default:
      return null;
  }
}

/**
 * A failure of the driver as an error of the closed list, by SQLSTATE and not by words, because the server's words
 * come in its own language. Network and TLS failures go through the dialler's table.
 */
export function translatePostgresError(error: unknown, place: PostgresPlace): LookasideError {
  if (error instanceof LookasideError) return error;
  const server = serverErrorOf(error);
  if (server === null) {
    const message = error instanceof Error ? error.message : '';
    if (errorCodeOf(error) === '' && /terminated|not queryable|closed/i.test(message)) {
      return translateNetworkError(Object.assign(new Error(message), { code: 'ECONNRESET' }), place.target);
    }
    if (errorCodeOf(error) === '' && /^Unknown authenticationOk|^SASL: Only mechanism|^SASL: Mechanism/.test(message)) {
      return new LookasideError('UNSUPPORTED', `The server wants another kind of login for "${place.user}" than a password`, {
        hint: 'SCRAM, MD5, plain passwords, client certificates, trust, peer and ident work; GSSAPI, SSPI and OAuth do not.',
        details: { said: message.slice(0, 200) },
        cause: error,
      });
    }
    if (errorCodeOf(error) === '' && message.startsWith('received invalid response')) {
      return new LookasideError('PG_NOT_POSTGRES', `${targetText(place.target)} answers, but not as Postgres does`, { hint: 'Check the host and the port.', cause: error });
    }
    if (errorCodeOf(error) === '' && /SASL|SCRAM/.test(message)) {
      return new LookasideError('PG_WRONG_PASSWORD', 'The server and this app do not agree on the password', {
        hint: 'The password is wrong, or something between does not pass SCRAM on.',
        cause: error,
      });
    }
    return translateNetworkError(error, place.target);
  }
  const details = {
    sqlstate: server.code,
    said: server.message.slice(0, 1000),
    ...(server.detail === '' ? {} : { detail: server.detail.slice(0, 1000) }),
    ...(server.position === '' ? {} : { position: Number(server.position) }),
  };
  const meaning = meaningOf(server, place);
  if (meaning !== null) return new LookasideError(meaning.code, meaning.message, { hint: meaning.hint, details, cause: error });
  return new LookasideError('PG_QUERY_FAILED', server.message.slice(0, 1000), { hint: server.hint.slice(0, 500), details, cause: error });
}
