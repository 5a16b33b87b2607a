import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

export interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

/** PEM files for every case of a TLS connection. All keys are P-256. */
export interface Certificates {
  caFile: string;
  /** For `localhost` and 127.0.0.1, of the CA. */
  server: CertificateFiles;
  /** For client authentication, of the CA; its common name is `postgres`. */
  client: CertificateFiles;
  /** Like `server`, ended yesterday. */
  expired: CertificateFiles;
  /** Like `server`, begins tomorrow. */
  notYetValid: CertificateFiles;
  /** For `localhost` and 127.0.0.1, signed by itself. */
  selfSigned: CertificateFiles;
  /** Of the CA, but for `elsewhere.example`. */
  wrongName: CertificateFiles;
  /** A CA that signed none of these. */
  otherCaFile: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;
const local: x509.JsonGeneralNames = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
];

interface Issuer {
  name: string;
  keys: CryptoKeyPair;
}
type CryptoKeyPair = webcrypto.CryptoKeyPair;

const makeKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

async function keyPem(keys: CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}

async function makeCa(file: string, commonName: string): Promise<Issuer> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 30 * dayMs),
    notAfter: new Date(Date.now() + 365 * dayMs),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  writeFileSync(file, certificate.toString('pem'));
  return { name: `CN=${commonName}`, keys };
}

interface Leaf {
  commonName: string;
  names: x509.JsonGeneralNames;
  /** Days from now. */
  from?: number;
  to?: number;
  /** `null` signs with the leaf's own key. */
  issuer: Issuer | null;
}

async function makeLeaf(folder: string, name: string, leaf: Leaf): Promise<CertificateFiles> {
  const keys = await makeKeys();
  const subject = `CN=${leaf.commonName}`;
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: leaf.issuer?.name ?? subject,
    publicKey: keys.publicKey,
    signingKey: (leaf.issuer?.keys ?? keys).privateKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() + (leaf.from ?? -2) * dayMs),
    notAfter: new Date(Date.now() + (leaf.to ?? 90) * dayMs),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(leaf.names),
    ],
  });
  const files = { certFile: join(folder, `${name}.crt`), keyFile: join(folder, `${name}.key`) };
  writeFileSync(files.certFile, certificate.toString('pem'));
  writeFileSync(files.keyFile, await keyPem(keys), { mode: 0o600 });
  return files;
}

/** Writes a CA and certificates for every good and bad case into `folder` (made when missing). */
export async function makeCertificates(folder: string): Promise<Certificates> {
  mkdirSync(folder, { recursive: true });
  x509.cryptoProvider.set(globalThis.crypto);
  const caFile = join(folder, 'ca.crt');
  const otherCaFile = join(folder, 'other-ca.crt');
  const ca = await makeCa(caFile, 'Lookaside test CA');
  await makeCa(otherCaFile, 'Some other CA');
  return {
    caFile,
    otherCaFile,
    server: await makeLeaf(folder, 'server', { commonName: 'localhost', names: local, issuer: ca }),
    client: await makeLeaf(folder, 'client', { commonName: 'postgres', names: [{ type: 'dns', value: 'client' }], issuer: ca }),
    expired: await makeLeaf(folder, 'expired', { commonName: 'localhost', names: local, from: -20, to: -1, issuer: ca }),
    notYetValid: await makeLeaf(folder, 'not-yet-valid', { commonName: 'localhost', names: local, from: 1, issuer: ca }),
    selfSigned: await makeLeaf(folder, 'self-signed', { commonName: 'localhost', names: local, issuer: null }),
    wrongName: await makeLeaf(folder, 'wrong-name', {
      commonName: 'elsewhere.example',
      names: [{ type: 'dns', value: 'elsewhere.example' }],
      issuer: ca,
    }),
  };
}
