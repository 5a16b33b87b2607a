/**
 * known_hosts as OpenSSH reads it (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Pure: the HMAC of hashed names comes
 * from the caller, because this module also runs where there is no crypto of Node.
 */

export interface KnownHostLine {
  /** From 1. */
  lineNumber: number;
  marker: 'none' | 'revoked' | 'cert-authority';
  /** Patterns of names, or the salt and hash of one name. */
  names: { patterns: string[] } | { salt: string; hash: string };
  keyType: string;
  /** The key as the server sends it, base64. */
  key: string;
}

/** HMAC-SHA1 of a name under a salt; both sides base64. */
export type HashName = (salt: string, name: string) => string;

const hashedForm = /^\|1\|([A-Za-z0-9+/]+=*)\|([A-Za-z0-9+/]+=*)$/;
const keyForm = /^[A-Za-z0-9+/]+=*$/;

/** Reads every line that can be read; others are left out, as OpenSSH does. */
export function parseKnownHosts(text: string): KnownHostLine[] {
  const lines: KnownHostLine[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const fields = raw.trim().split(/[ \t]+/);
    if (fields[0] === '' || fields[0]?.startsWith('#') === true) continue;
    let marker: KnownHostLine['marker'] = 'none';
    if (fields[0]?.startsWith('@') === true) {
      const word = fields.shift();
      if (word === '@revoked') marker = 'revoked';
      else if (word === '@cert-authority') marker = 'cert-authority';
      else continue;
    }
    const [names, keyType, key] = fields;
    if (names === undefined || keyType === undefined || key === undefined || !keyForm.test(key)) continue;
    const hashed = hashedForm.exec(names);
    if (names.startsWith('|') && hashed === null) continue;
    lines.push({
      lineNumber: index + 1,
      marker,
      names: hashed === null ? { patterns: names.split(',') } : { salt: hashed[1] ?? '', hash: hashed[2] ?? '' },
      keyType,
      key,
    });
  }
  return lines;
}

/** OpenSSH's wildcards: `*` any run, `?` exactly one character; nothing else is special. Linear in practice, never exponential. */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < text.length) {
    const sign = pattern[at];
    if (sign === '*') {
      star = at;
      resume = position;
      at += 1;
    } else if (at < pattern.length && (sign === '?' || sign === text[position])) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      position = resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** A pattern list: one match is enough, one negated match forbids (ssh_config(5), PATTERNS). Case is ignored. */
export function matchesPatternList(patterns: readonly string[], name: string): boolean {
  const text = name.toLowerCase();
  let found = false;
  for (const each of patterns) {
    const negated = each.startsWith('!');
    if (!matchesWildcard((negated ? each.slice(1) : each).toLowerCase(), text)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** The name under which a host is kept: bare on port 22, else `[host]:port`. */
export function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

export function lineMatches(line: KnownHostLine, name: string, hash: HashName): boolean {
  if ('patterns' in line.names) return matchesPatternList(line.names.patterns, name);
  return hash(line.names.salt, name.toLowerCase()) === line.names.hash;
}

/** The line to add for a key; the inverse of `parseKnownHosts` for one plain name. */
export function formatKnownHost(host: string, port: number, keyType: string, key: string): string {
  return `${knownHostName(host, port)} ${keyType} ${key}`;
}
