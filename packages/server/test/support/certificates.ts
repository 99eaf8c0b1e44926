// A small PKI for tests of listeners: a root and server identities that it signed, made with our own x509 package.
import { createPublicKey, randomBytes } from 'node:crypto';
import {
  createIssuer,
  encodePrivateKey,
  encodeSpki,
  generatePrivateKey,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
} from '@gatehouse/x509';
import type { ServerIdentity } from '../../src/platform/tls.ts';

export interface TestAuthority {
  /** PEM. */
  root: string;
  /** A new certificate for localhost and 127.0.0.1, with its key. */
  issue(): ServerIdentity;
}

const DAY_MS = 86_400_000;

export function createTestAuthority(): TestAuthority {
  const signer = signerFromKey(generatePrivateKey('P-256'));
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
  const root = selfSignCertificate(
    { profile: rootProfile(), subject: { commonName: 'Test Root' }, ...validity },
    { signer, randomBytes },
  ).pem;
  const issuer = createIssuer({ certificate: root, signer, randomBytes });
  return {
    root,
    issue() {
      const key = generatePrivateKey('P-256');
      const certificate = issuer.issue({
        profile: serverProfile(),
        subject: { commonName: 'localhost' },
        subjectAltNames: [
          { type: 'dNSName', value: 'localhost' },
          { type: 'iPAddress', value: '127.0.0.1' },
        ],
        publicKey: encodeSpki(createPublicKey(key)),
        ...validity,
      });
      return {
        privateKey: encodePrivateKey(key),
        certificateChain: certificate.pem,
        ticketKeys: randomBytes(48),
      };
    },
  };
}
