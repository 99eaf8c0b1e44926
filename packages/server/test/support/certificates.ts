// A small PKI for tests of listeners: a root, and server identities and client certificates that it signed, made with our own
// x509 package.
import { createPublicKey, randomBytes } from 'node:crypto';
import type { CertificateProfile, PrivateKeyType } from '@gatehouse/x509';
import {
  clientProfile,
  createIssuer,
  encodePrivateKey,
  encodeSpki,
  generatePrivateKey,
  readCertificate,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
} from '@gatehouse/x509';
import type { ServerIdentity } from '../../src/platform/tls.ts';

export interface TestAuthority {
  /** PEM. */
  root: string;
  /** Of the root's key, lower-case hex. */
  keyId: string;
  /** A new certificate for localhost and 127.0.0.1, with its key. */
  issue(): ServerIdentity;
  issueClient(wanted: ClientOrder): TestClient;
}

export interface ClientOrder {
  /** URI names: `urn:gatehouse:service:robot`. */
  uris: readonly string[];
  dnsNames?: readonly string[];
  profile?: CertificateProfile;
  notBefore?: Date;
  notAfter?: Date;
}

/** For TLS connections of Node. */
export interface TestClient {
  key: string;
  cert: string;
  serialNumber: string;
}

const DAY_MS = 86_400_000;

export function createTestAuthority(keyType: PrivateKeyType = 'P-256'): TestAuthority {
  const signer = signerFromKey(generatePrivateKey(keyType));
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
  const root = selfSignCertificate(
    { profile: rootProfile(), subject: { commonName: 'Test Root' }, ...validity },
    { signer, randomBytes },
  ).pem;
  const issuer = createIssuer({ certificate: root, signer, randomBytes });
  return {
    root,
    keyId: readCertificate(root).subjectKeyIdentifier ?? '',
    issueClient({ uris, dnsNames = [], profile = clientProfile(), ...dates }) {
      const key = generatePrivateKey(keyType);
      const { pem, serialNumber } = issuer.issue({
        profile,
        subject: { commonName: 'client' },
        subjectAltNames: [
          ...uris.map((value) => ({ type: 'uniformResourceIdentifier', value }) as const),
          ...dnsNames.map((value) => ({ type: 'dNSName', value }) as const),
        ],
        publicKey: encodeSpki(createPublicKey(key)),
        ...validity,
        ...dates,
      });
      return { key: encodePrivateKey(key), cert: pem, serialNumber };
    },
    issue() {
      const key = generatePrivateKey(keyType);
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
