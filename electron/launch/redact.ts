const hidden = '***';

type Rule = readonly [pattern: RegExp, replacement: string | ((...groups: string[]) => string)];

/** One word of a command line or of a config file: quoted or not. */
const word = String.raw`(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"',;]+)`;
// Runs are bounded everywhere: a long line of someone else's data must not take quadratic time.
const secretName = String.raw`(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|redis_?cli_auth|credential)[\w.-]{0,40}`;

const rules: readonly Rule[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gu, hidden],
  // Up to the last @ of the run: an unescaped @ or / inside a password must not leave its tail behind.
  [
    /([a-z][a-z\d+.-]{0,30}:\/\/)([^\s"'`<>]{0,4096})@/giu,
    (_all, scheme, userInfo) => {
      const colon = userInfo.indexOf(':');
      return colon < 0 ? `${scheme}${userInfo}@` : `${scheme}${userInfo.slice(0, colon)}:${hidden}@`;
    },
  ],
  [/\bACL\s+SETUSER\b[^\r\n]*/giu, `ACL SETUSER ${hidden}`],
  [new RegExp(String.raw`\bsentinel\s+auth-pass\s+${word}\s+${word}`, 'giu'), `sentinel auth-pass ${hidden}`],
  [new RegExp(String.raw`\b(requirepass|masterauth|primaryauth|sentinel-pass|tls-key-file-pass|tls-client-key-file-pass)\b(["']?[\s:=,]+)${word}`, 'giu'), `$1$2${hidden}`],
  [new RegExp(String.raw`(?<![\w-])AUTH(?:["']?\s*,\s*|\s+)${word}(?:(?:\s*,\s*|[ \t]+)${word})?`, 'giu'), `AUTH ${hidden}`],
  [new RegExp(String.raw`(^|\s)(-a|--pass|--askpass)(\s+|=)${word}`, 'gu'), `$1$2$3${hidden}`],
  [new RegExp(String.raw`(${secretName})(["']?\s*[:=]\s*)${word}`, 'giu'), `$1$2${hidden}`],
  [new RegExp(String.raw`\b(password|identified by)\s+(?:'(?:[^']|'')*'|"[^"]*")`, 'giu'), `$1 ${hidden}`],
];

const sqlVerb = /\b(?:select|insert\s+into|update|delete\s+from|merge\s+into|values|copy|alter|create|where)\b/iu;
const sqlLiteral = /E?'(?:[^'\\]|''|\\.)*'|\$(\w{0,63})\$[\s\S]{0,10000}?\$\1\$|(?<![\w.$])\d+(?:\.\d+)?(?![\w.])/giu;

/** The text without passwords, tokens, keys and credentials in any of the forms in which Redis, Postgres and shells write them. */
export function redact(text: string): string {
  let clean = text;
  for (const [pattern, replacement] of rules) {
    clean = typeof replacement === 'string' ? clean.replace(pattern, replacement) : clean.replace(pattern, replacement);
  }
  return clean;
}

/** Also without the literals of anything that looks like SQL: they are the data of other people. */
export function redactSql(text: string): string {
  return sqlVerb.test(text) ? redact(text).replace(sqlLiteral, '?') : redact(text);
}
