// A small PKI for tests of listeners: a root, and the server identities and client certificates that it
// signed, made with our x509 package.
import { createPublicKey, randomBytes } from 'node:crypto';
import type { ServerIdentity } from '@gatehouse/access';
import type { CertificateProfile, PrivateKeyType, Signer } from '@gatehouse/x509';
import {
  clientProfile,
  createIssuer,
  encodePrivateKey,
  encodeSpki,
  generatePrivateKey,
  intermediateProfile,
  readCertificate,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
} from '@gatehouse/x509';

export interface TestAuthority {
  /** PEM. */
  root: string;
  /** The key identifier of the root's key, in lower-case hex. */
  keyId: string;
  /** The SPKI of the root's key, in DER. */
  spki: Uint8Array;
  /** A new certificate for localhost and 127.0.0.1, with its key. */
  issue(): ServerIdentity;
  issueClient(wanted: ClientOrder): TestClient;
  /** Another authority, signed by this one. */
  authorityBelow(): TestAuthority;
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
  const { pem } = selfSignCertificate(
    { profile: rootProfile(), subject: { commonName: 'Test Root' }, ...validityOfDays() },
    { signer, randomBytes },
  );
  return authorityOf(pem, signer, keyType);
}

function validityOfDays() {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
}

function authorityOf(root: string, signer: Signer, keyType: PrivateKeyType): TestAuthority {
  const issuer = createIssuer({ certificate: root, signer, randomBytes });
  const { notBefore, notAfter } = readCertificate(root);
  const validity = { notBefore, notAfter };
  return {
    authorityBelow() {
      const its = signerFromKey(generatePrivateKey(keyType));
      const { pem } = issuer.issue({
        profile: intermediateProfile(),
        subject: { commonName: 'Test Intermediate' },
        publicKey: its.publicKey,
        ...validity,
      });
      return authorityOf(pem, its, keyType);
    },
    root,
    keyId: readCertificate(root).subjectKeyIdentifier ?? '',
    spki: signer.publicKey,
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
