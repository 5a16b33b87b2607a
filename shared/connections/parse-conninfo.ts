import { portNumber, type PostgresFound } from './parsed-connection.ts';

const keywords = new Set(['host', 'hostaddr', 'port', 'dbname', 'user', 'password', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslpassword', 'passfile', 'options', 'connect_timeout', 'application_name', 'target_session_attrs', 'channel_binding', 'gssencmode', 'keepalives', 'service']);

/** libpq's `keyword = value` string with its quotes and backslashes (32.1.1.1); `null` when it is none. */
export function parseConninfo(text: string): PostgresFound | null {
  const values = new Map<string, string>();
  const pattern = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gsuy;
  const trimmed = text.trim();
  let end = 0;
  for (const match of trimmed.matchAll(pattern)) {
    if (!keywords.has(match[1] ?? '')) return null;
    values.set(match[1] ?? '', (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/gsu, '$1'));
    end = match.index + match[0].length;
  }
  if (values.size === 0 || end !== trimmed.length) return null;
  const found: PostgresFound = {
    user: values.get('user'),
    password: values.get('password'),
    database: values.get('dbname'),
    sslMode: values.get('sslmode'),
    sslRootCert: values.get('sslrootcert'),
    sslCert: values.get('sslcert'),
    sslKey: values.get('sslkey'),
    sslPassword: values.get('sslpassword'),
    passFile: values.get('passfile'),
    options: values.get('options'),
    warnings: [],
  };
  const hosts = (values.get('host') ?? values.get('hostaddr') ?? 'localhost').split(',');
  if (hosts.length > 1) found.warnings.push('Several hosts are named: the first one is used');
  if (values.has('service')) found.warnings.push('service is not read: give the host itself');
  found.host = hosts[0];
  found.port = portNumber(values.get('port')?.split(',')[0] ?? '', 5432);
  return found;
}
