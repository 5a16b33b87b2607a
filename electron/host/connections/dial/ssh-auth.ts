import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import ssh2, { type AnyAuthMethod, type AuthenticationType, type NextAuthHandler, type ParsedKey } from 'ssh2';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { errorCodeOf } from './network-errors.ts';
import { hopText, type SshHop } from './ssh-hops.ts';

const { createAgent, utils } = ssh2;

export interface HopSecrets {
  password: string | null;
  passphrase: string | null;
}

/** How to log in to one hop: ssh2's handler, and the reason to give when nothing was accepted. */
export interface LoginPlan {
  handler: (methodsLeft: AuthenticationType[], partial: boolean, next: NextAuthHandler) => void;
  refusal: () => LookasideError;
}

type Agent = ReturnType<typeof createAgent>;

/** The agent, offering only some of its keys, in this order. */
function choosing(agent: Agent, keys: ParsedKey[]): Agent {
  agent.getIdentities = (done) => done(null, keys);
  return agent;
}

function agentKeys(path: string): Promise<{ agent: Agent; keys: ParsedKey[] }> {
  const agent = createAgent(path);
  return new Promise((resolve, reject) => {
    agent.getIdentities((error, found) => {
      if (error !== undefined && error !== null) {
        reject(error);
        return;
      }
      const keys = (found ?? []).map((each) => utils.parseKey(each as unknown as Buffer)).flat();
      resolve({ agent, keys: keys.filter((each): each is ParsedKey => !(each instanceof Error)) });
    });
  });
}

/** PKCS #8 and encrypted PEM keys in a form that ssh2 reads; `null` when Node's crypto cannot open the key either. */
function throughNodeCrypto(pem: Buffer, passphrase: string | null): ParsedKey | null {
  try {
    const key = createPrivateKey(passphrase === null ? { key: pem } : { key: pem, passphrase });
    const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
    const parsed = utils.parseKey(key.export({ type, format: 'pem' }));
    return parsed instanceof Error ? null : parsed;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

/** A private key from a file. Rejects with SSH_KEY_UNREADABLE or SSH_PASSPHRASE_REQUIRED. */
export async function readPrivateKey(file: string, passphrase: string | null): Promise<ParsedKey> {
  let pem: Buffer;
  try {
    pem = await readFile(file);
  } catch (error) {
    const missing = errorCodeOf(error) === 'ENOENT';
    throw new LookasideError('SSH_KEY_UNREADABLE', missing ? `There is no key file ${file}` : `The key file ${file} cannot be read`, {
      hint: missing ? 'Check the path of the key.' : 'Check the permissions of the file.',
      details: { keyFile: file, systemCode: errorCodeOf(error) },
      cause: error,
    });
  }
  const text = pem.toString('latin1');
  const parsed = passphrase === null ? utils.parseKey(pem) : utils.parseKey(pem, passphrase);
  const key = parsed instanceof Error ? throughNodeCrypto(pem, passphrase) : parsed;
  if (key !== null && key.isPrivateKey()) return key;
  if (key !== null) {
    throw new LookasideError('SSH_KEY_UNREADABLE', `${file} holds a public key`, { hint: 'Give the private key: the file without .pub.', details: { keyFile: file } });
  }
  const reason = parsed instanceof Error ? parsed.message : '';
  const encrypted = /ENCRYPTED|Encryption: (?!none)/.test(text) || /encrypted|passphrase/i.test(reason);
  if (encrypted) {
    const given = passphrase !== null;
    throw new LookasideError('SSH_PASSPHRASE_REQUIRED', given ? `The passphrase does not open the key ${file}` : `The key ${file} needs its passphrase`, {
      hint: given ? 'Check the passphrase.' : 'Give the passphrase, or add the key to the SSH agent.',
      details: { keyFile: file, given },
    });
  }
  throw new LookasideError('SSH_KEY_UNREADABLE', `${file} holds no private key that can be used`, {
    hint: 'A key in OpenSSH, PEM or PuTTY form is expected: ed25519, ecdsa or rsa.',
    details: { keyFile: file },
  });
}

async function publicBlob(file: string, passphrase: string | null): Promise<string | null> {
  try {
    const parsed = utils.parseKey(await readFile(`${file}.pub`));
    if (!(parsed instanceof Error)) return parsed.getPublicSSH().toString('base64');
  } catch (error) {
    if (errorCodeOf(error) === '') throw error;
  }
  try {
    return (await readPrivateKey(file, passphrase)).getPublicSSH().toString('base64');
  } catch (error) {
    if (error instanceof LookasideError) return null;
    throw error;
  }
}

interface Collected {
  methods: AnyAuthMethod[];
  /** Why something could not even be tried. */
  obstacles: LookasideError[];
}

async function addAgent(hop: SshHop, secrets: HopSecrets, into: Collected): Promise<void> {
  const unavailable = (why: string, cause?: unknown): LookasideError =>
    new LookasideError('SSH_AGENT_UNAVAILABLE', why, { hint: 'Start ssh-agent and add the key with ssh-add, or use a key file.', details: { agent: hop.agent ?? '' }, cause });
  if (hop.agent === null) {
    into.obstacles.push(unavailable('No SSH agent is running (SSH_AUTH_SOCK is not set)'));
    return;
  }
  try {
    const { agent, keys } = await agentKeys(hop.agent);
    const named = hop.identityDefaults ? [] : await Promise.all(hop.identityFiles.map((file) => publicBlob(file, secrets.passphrase)));
    const rank = (key: ParsedKey): number => named.indexOf(key.getPublicSSH().toString('base64'));
    const first = keys.filter((key) => rank(key) >= 0).toSorted((a, b) => rank(a) - rank(b));
    const offered = hop.identitiesOnly && !hop.identityDefaults ? first : [...first, ...keys.filter((key) => rank(key) < 0)];
    if (offered.length === 0) into.obstacles.push(unavailable('The SSH agent holds no key to offer'));
    else into.methods.push({ type: 'agent', username: hop.user, agent: choosing(agent, offered) });
  } catch (error) {
    into.obstacles.push(unavailable(`The SSH agent at ${hop.agent} does not answer`, error));
  }
}

async function addKeys(hop: SshHop, secrets: HopSecrets, into: Collected): Promise<void> {
  for (const file of hop.identityFiles) {
    try {
      into.methods.push({ type: 'publickey', username: hop.user, key: await readPrivateKey(file, secrets.passphrase) as unknown as Buffer });
    } catch (error) {
      if (!(error instanceof LookasideError)) throw error;
      const absentDefault = hop.identityDefaults && error.details['systemCode'] === 'ENOENT';
      if (!absentDefault) into.obstacles.push(error);
    }
  }
}

function addPassword(hop: SshHop, password: string, into: Collected): void {
  into.methods.push(
    { type: 'password', username: hop.user, password },
    {
      type: 'keyboard-interactive',
      username: hop.user,
      // only hidden prompts ask for a password; others get an empty answer
      prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map((each) => (each.echo === true ? '' : password))),
    },
  );
}

const wireNames = new Map<string, string>([['agent', 'publickey']]);

/**
 * Prepares the log-in to one hop: what the profile asks for, or (auto) agent, keys, password. In the explicit
 * modes what is missing is thrown at once; in auto it is told only when nothing was accepted.
 */
export async function planLogin(hop: SshHop, secrets: HopSecrets): Promise<LoginPlan> {
  const collected: Collected = { methods: [], obstacles: [] };
  const { auth } = hop;
  if (auth === 'key') await addKeys(hop, secrets, collected);
  if (auth === 'agent') await addAgent(hop, secrets, collected);
  if (auth === 'auto') {
    // a key that the profile names goes first: servers count each key offered, and close after six
    const keyFirst = hop.target && !hop.identityDefaults;
    if (keyFirst) await addKeys(hop, secrets, collected);
    await addAgent(hop, secrets, collected);
    if (!keyFirst) await addKeys(hop, secrets, collected);
  }
  if ((auth === 'password' || auth === 'auto') && secrets.password !== null) addPassword(hop, secrets.password, collected);
  const obstacle = collected.obstacles[0];
  if (auth !== 'auto' && collected.methods.length === 0 && obstacle !== undefined) throw obstacle;
  if (auth === 'key' && obstacle !== undefined && hop.identityFiles.length === 1) throw obstacle;

  let accepted: string[] = [];
  const tried = new Set<string>();
  const remaining = [...collected.methods];
  let asked = false;

  function refusal(): LookasideError {
    const locked = collected.obstacles.find((each) => each.code === 'SSH_PASSPHRASE_REQUIRED');
    if (locked !== undefined) return locked;
    const unreadable = collected.obstacles.find((each) => each.code === 'SSH_KEY_UNREADABLE');
    if (tried.size === 0 && unreadable !== undefined) return unreadable;
    const wants = accepted.length === 0 ? '' : ` The server accepts: ${accepted.join(', ')}.`;
    const hint = tried.size === 0 ? `Nothing could be offered: give a key, an agent or a password.${wants}` : `Check the user name and the key or password.${wants}`;
    return new LookasideError('SSH_AUTH_FAILED', `${hop.host} does not let ${hop.user} in`, {
      hint,
      details: { hop: hopText(hop), tried: [...tried].join(', '), accepted: accepted.join(', ') },
    });
  }

  return {
    refusal,
    handler: (methodsLeft, _partial, next) => {
      if (!asked) {
        // learns what the server accepts, so that a password is not sent to one that takes keys only
        asked = true;
        next({ type: 'none', username: hop.user });
        return;
      }
      accepted = methodsLeft ?? accepted;
      while (remaining.length > 0) {
        const method = remaining.shift();
        if (method === undefined) break;
        const wire = wireNames.get(method.type) ?? method.type;
        if (accepted.length > 0 && !accepted.includes(wire)) continue;
        tried.add(method.type === 'agent' ? 'agent' : wire);
        next(method);
        return;
      }
      next(false as unknown as AnyAuthMethod);
    },
  };
}
