import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { SecretChanges, SecretSlot, TlsProfile } from '../../../../shared/contract/workspaces.ts';
import type { SocketTls } from '../../redis/session.ts';
import { errorCodeOf } from './network-errors.ts';

/** Where systems keep their CA bundle (the places Go's crypto/x509 looks at), most common first. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/opt/homebrew/etc/ca-certificates/cert.pem',
  '/usr/local/etc/openssl@3/cert.pem',
];

const certificateBlock = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

export function invalidMaterial(what: string, file: string, why: string, cause?: unknown, hint = ''): LookasideError {
  return new LookasideError('TLS_MATERIAL_INVALID', `The ${what} ${file} ${why}`, { hint, details: { file, what }, cause });
}

async function readMaterial(what: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const why = new Map([
      ['ENOENT', 'does not exist'],
      ['EACCES', 'may not be read by this user'],
      ['EPERM', 'may not be read by this user'],
      ['EISDIR', 'is a folder, not a file'],
    ]).get(errorCodeOf(error));
    throw invalidMaterial(what, file, why ?? `cannot be read (${errorCodeOf(error)})`, error);
  }
}

/** The certificates of a PEM bundle, or of one DER file, each checked to be a certificate. */
export async function readCertificates(what: string, file: string): Promise<string[]> {
  const bytes = await readMaterial(what, file);
  const blocks = bytes.toString('latin1').match(certificateBlock);
  try {
    if (blocks === null) return [new X509Certificate(bytes).toString()];
    return blocks.map((block) => new X509Certificate(block).toString());
  } catch (error) {
    const why = blocks === null ? 'holds no certificate' : 'holds a certificate that cannot be read';
    throw invalidMaterial(what, file, why, error, 'A file in PEM form is expected, with BEGIN CERTIFICATE lines.');
  }
}

function readKey(pem: Buffer, file: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey(passphrase === undefined ? { key: pem } : { key: pem, passphrase });
  } catch (error) {
    const encrypted = /ENCRYPTED/.test(pem.toString('latin1'));
    if (encrypted && passphrase === undefined) {
      throw invalidMaterial('key file', file, 'is encrypted', error, 'Give the passphrase of the TLS key.');
    }
    if (encrypted) throw invalidMaterial('key file', file, 'does not open with this passphrase', error, 'Check the passphrase of the TLS key.');
    throw invalidMaterial('key file', file, 'holds no private key that can be read', error, 'A private key in PEM form is expected.');
  }
}

/**
 * A client certificate with its key, checked to belong together. Without a key file the certificate's file is
 * expected to hold the key too.
 */
export async function readClientPair(
  certFile: string,
  keyFile: string,
  passphrase: string | undefined,
): Promise<{ cert: string; key: string }> {
  if (certFile === '') {
    throw invalidMaterial('key file', keyFile, 'has no certificate beside it', undefined, 'Give the client certificate too, or neither.');
  }
  const chain = await readCertificates('client certificate', certFile);
  const realKeyFile = keyFile === '' ? certFile : keyFile;
  const pem = await readMaterial('key file', realKeyFile);
  const key = readKey(pem, realKeyFile, passphrase);
  const leaf = new X509Certificate(chain[0] ?? '');
  if (!leaf.checkPrivateKey(key)) {
    throw invalidMaterial('key file', realKeyFile, `does not belong to the certificate ${certFile}`);
  }
  // handed on decrypted: OpenSSL's old and new key encryptions then work alike
  return { cert: chain.join('\n'), key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

let systemStore: Promise<string[]> | null = null;

async function readSystemStore(): Promise<string[]> {
  for (const file of systemBundles) {
    try {
      const blocks = (await readFile(file, 'latin1')).match(certificateBlock);
      if (blocks !== null) return [...new Set([...rootCertificates, ...blocks.map((block) => block.replaceAll('\r', ''))])];
    } catch (error) {
      if (errorCodeOf(error) === '') throw error;
    }
  }
  return [...rootCertificates];
}

/** Node's own roots and the system's bundle, so that a company's CA installed on this machine counts. Read once. */
export function systemCertificates(): Promise<string[]> {
  systemStore ??= readSystemStore();
  return systemStore;
}

const pinForm = /^[0-9a-f]{64}$/;

/** A SHA-256 fingerprint as 64 lower-case hex digits; accepts colons, spaces and a `SHA256:` prefix. `null` when it is none. */
export function normalisePin(text: string): string | null {
  const digits = text.replace(/^sha-?256[:=]/i, '').replaceAll(/[:\s-]/g, '').toLowerCase();
  return pinForm.test(digits) ? digits : null;
}

/**
 * What a socket needs for a profile's TLS; `null` when TLS is off. Structured-cloneable, so that a worker can open
 * its own socket. Throws TLS_MATERIAL_INVALID naming the file and why.
 */
export async function loadSocketTls(
  profile: TlsProfile,
  host: string,
  secrets: SecretChanges,
  passphraseSlot: SecretSlot = 'redis.tlsKeyPassphrase',
): Promise<SocketTls | null> {
  if (profile.mode === 'off') return null;
  const tls: SocketTls = { serverName: profile.serverName === '' ? host : profile.serverName, mode: profile.mode };
  if (profile.mode === 'verify') {
    tls.ca = profile.caFile === '' ? await systemCertificates() : await readCertificates('CA file', profile.caFile);
  }
  if (profile.mode === 'pin') {
    const pin = normalisePin(profile.pinSha256);
    if (pin === null) {
      throw new LookasideError('TLS_MATERIAL_INVALID', 'The pinned fingerprint is not a SHA-256 in hex', {
        hint: 'Give the 64 hex digits of the SHA-256 fingerprint of the certificate; test the connection to see it.',
      });
    }
    tls.pinSha256 = pin;
  }
  if (profile.certFile !== '' || profile.keyFile !== '') {
    const passphrase = secrets[passphraseSlot] ?? undefined;
    Object.assign(tls, await readClientPair(profile.certFile, profile.keyFile, passphrase));
  }
  return tls;
}
