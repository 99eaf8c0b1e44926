// The certificate of the peers: a P-256 chain of root, intermediate and server, like Gatehouse's own.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import {
  createIssuer,
  encodePrivateKey,
  generatePrivateKey,
  type Issuer,
  intermediateProfile,
  parseSubjectName,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
} from '@gatehouse/x509';

/** The only cipher suite that clients offer, so that no contender uses a cheaper one. */
export const CIPHER = 'TLS_AES_128_GCM_SHA256';
/** The only group that clients offer, because the peers' OpenSSL does not have X25519MLKEM768. */
export const GROUP = 'X25519';

/** The offer of all our clients, for `tls.connect` and similar functions. */
export const CLIENT_TLS = { minVersion: 'TLSv1.3', ciphers: CIPHER, ecdhCurve: GROUP } as const;

/** How a connection differs from the required parameters; undefined if it does not. */
export function otherThanOffered(socket: TLSSocket): string | undefined {
  const { name: suite } = socket.getCipher();
  if (suite !== CIPHER) return `the cipher suite is ${suite}`;
  const { name: group } = socket.getEphemeralKeyInfo() as { name?: string };
  return group === GROUP ? undefined : `the group is ${group}`;
}

export interface TlsFiles {
  /** PEM of the root. */
  root: string;
  /** Path of the server's certificate and the intermediate. */
  chainFile: string;
  keyFile: string;
  /** Path of a file with both. */
  chainAndKeyFile: string;
}

export interface CaFiles {
  certificateFile: string;
  /** Path of the PKCS#8 PEM. */
  keyFile: string;
  /** PEM. */
  certificate: string;
  issuer: Issuer;
}

const DAY_MS = 86_400_000;
const NAMES = ['localhost', '127.0.0.1', '::1'];

export function createTlsFiles(folder: string): TlsFiles {
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
  const [rootKey, intermediateKey, serverKey] = [signingKey(), signingKey(), generatePrivateKey('P-256')];
  const root = selfSignCertificate(
    { profile: rootProfile(), subject: { commonName: 'Benchmark Root' }, ...validity },
    rootKey,
  );
  const intermediate = createIssuer({ certificate: root.der, ...rootKey }).issue({
    profile: intermediateProfile(),
    subject: { commonName: 'Benchmark Intermediate' },
    publicKey: intermediateKey.signer.publicKey,
    ...validity,
  });
  const server = createIssuer({ certificate: intermediate.der, ...intermediateKey }).issue({
    profile: serverProfile(),
    subject: { commonName: 'localhost' },
    subjectAltNames: NAMES.map(parseSubjectName),
    publicKey: signerFromKey(serverKey).publicKey,
    ...validity,
  });
  const chain = server.pem + intermediate.pem;
  const key = encodePrivateKey(serverKey);
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  return {
    root: root.pem,
    chainFile: write('chain.pem', chain),
    keyFile: write('key.pem', key),
    chainAndKeyFile: write('chain-and-key.pem', chain + key),
  };
}

/** An authority that signs for others: a P-256 root, in files and in memory. */
export function createCaFiles(folder: string): CaFiles {
  const key = generatePrivateKey('P-256');
  const signing = { signer: signerFromKey(key), randomBytes };
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 30 * DAY_MS) };
  const subject = { commonName: 'Benchmark CA' };
  const { pem } = selfSignCertificate({ profile: rootProfile(), subject, ...validity }, signing);
  const certificateFile = join(folder, 'ca.pem');
  const keyFile = join(folder, 'ca-key.pem');
  writeFileSync(certificateFile, pem);
  writeFileSync(keyFile, encodePrivateKey(key), { mode: 0o600 });
  return {
    certificateFile,
    keyFile,
    certificate: pem,
    issuer: createIssuer({ certificate: pem, ...signing }),
  };
}

function signingKey() {
  return { signer: signerFromKey(generatePrivateKey('P-256')), randomBytes };
}
