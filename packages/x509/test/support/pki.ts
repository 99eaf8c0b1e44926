// A new root, intermediate and server certificate for each test.
import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import {
  type CertificateTemplate,
  createIssuer,
  generatePrivateKey,
  type IssuedCertificate,
  type Issuer,
  intermediateProfile,
  issueCertificate,
  type PrivateKeyType,
  parseSubjectName,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
} from '../../src/index.ts';

export const NOT_BEFORE = new Date('2026-01-01T00:00:00Z');
export const INTERMEDIATE_NOT_AFTER = new Date('2031-01-01T00:00:00Z');
const ROOT_NOT_AFTER = new Date('2036-01-01T00:00:00Z');
export const SERVER_NOT_AFTER = new Date('2030-01-01T00:00:00Z');

export interface Pki {
  readonly rootKey: KeyObject;
  readonly root: IssuedCertificate;
  readonly intermediateKey: KeyObject;
  readonly intermediate: IssuedCertificate;
  readonly issuer: Issuer;
  readonly serverKey: KeyObject;
  readonly server: IssuedCertificate;
}

/** Certificates that are valid from 2026 to 2030 (server), 2031 (intermediate) and 2036 (root). */
export function createPki(type: PrivateKeyType = 'P-256'): Pki {
  const [rootKey, intermediateKey, serverKey] = [
    generatePrivateKey(type),
    generatePrivateKey(type),
    generatePrivateKey(type),
  ];
  const root = selfSignCertificate(
    {
      profile: rootProfile(),
      subject: { commonName: 'Test Root' },
      notBefore: NOT_BEFORE,
      notAfter: ROOT_NOT_AFTER,
    },
    { signer: signerFromKey(rootKey), randomBytes },
  );
  const intermediate = issueCertificate(intermediateTemplate(intermediateKey), {
    certificate: root.pem,
    signer: signerFromKey(rootKey),
    randomBytes,
  });
  const issuer = createIssuer({
    certificate: intermediate.pem,
    signer: signerFromKey(intermediateKey),
    randomBytes,
  });
  return {
    rootKey,
    root,
    intermediateKey,
    intermediate,
    issuer,
    serverKey,
    server: issuer.issue(serverTemplate(serverKey)),
  };
}

/** An intermediate that follows every rule. */
export function intermediateTemplate(privateKey: KeyObject): CertificateTemplate {
  return {
    profile: intermediateProfile(PUBLICATION),
    subject: { country: 'DE', organization: 'Exämple, "Test"', commonName: 'Test Intermediate' },
    publicKey: createPublicKey(privateKey),
    notBefore: NOT_BEFORE,
    notAfter: INTERMEDIATE_NOT_AFTER,
  };
}

/** A server certificate that follows every rule. */
export function serverTemplate(privateKey: KeyObject): CertificateTemplate {
  return {
    profile: serverProfile(PUBLICATION),
    subject: {},
    subjectAltNames: ['localhost', '*.example.com', '127.0.0.1', '::1'].map(parseSubjectName),
    publicKey: createPublicKey(privateKey),
    notBefore: NOT_BEFORE,
    notAfter: SERVER_NOT_AFTER,
  };
}

const PUBLICATION = {
  authorityInfoAccess: {
    ocsp: ['http://127.0.0.1:9080/ocsp'],
    caIssuers: ['http://127.0.0.1:9080/issuer.cer'],
  },
  cRLDistributionPoints: ['http://127.0.0.1:9080/issuer.crl'],
};
