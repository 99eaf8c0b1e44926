// A small PKI for tests: a root, and the certificates of servers and clients that it signs.
import { createPublicKey, randomBytes } from 'node:crypto';
import type { CertificateProfile } from '@gatehouse/x509';
import {
  clientProfile,
  createIssuer,
  encodePrivateKey,
  encodeSpki,
  generatePrivateKey,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
} from '@gatehouse/x509';

export interface TestCertificate {
  /** PEM. */
  key: string;
  /** PEM. */
  cert: string;
}

export interface TestAuthority {
  /** PEM. */
  root: string;
  /** The names default to `localhost`; the address is always 127.0.0.1. */
  server(dates?: Partial<Validity>, ...names: readonly string[]): TestCertificate;
  client(dates?: Partial<Validity>, profile?: CertificateProfile): TestCertificate;
}

interface Validity {
  notBefore: Date;
  notAfter: Date;
}

const DAY_MS = 86_400_000;

export function createTestAuthority(): TestAuthority {
  const signer = signerFromKey(generatePrivateKey('P-256'));
  const around = (days: number) => ({
    notBefore: new Date(Date.now() - days * DAY_MS),
    notAfter: new Date(Date.now() + days * DAY_MS),
  });
  const validity = around(1);
  const subject = { commonName: 'Test Root' };
  const { pem: root } = selfSignCertificate(
    { profile: rootProfile(), subject, ...around(10) },
    { signer, randomBytes },
  );
  const issuer = createIssuer({ certificate: root, signer, randomBytes });
  return {
    root,
    server(dates = {}, ...names) {
      const key = generatePrivateKey('P-256');
      const hosts = names.length > 0 ? names : ['localhost'];
      const { pem } = issuer.issue({
        profile: serverProfile(),
        subject: { commonName: hosts[0] ?? '' },
        subjectAltNames: [
          ...hosts.map((value) => ({ type: 'dNSName', value }) as const),
          { type: 'iPAddress', value: '127.0.0.1' },
        ],
        publicKey: encodeSpki(createPublicKey(key)),
        ...validity,
        ...dates,
      });
      return { key: encodePrivateKey(key), cert: pem };
    },
    client(dates = {}, profile = clientProfile()) {
      const key = generatePrivateKey('P-256');
      const { pem } = issuer.issue({
        profile,
        subject: { commonName: 'client' },
        subjectAltNames: [{ type: 'uniformResourceIdentifier', value: 'urn:gatehouse:service:robot' }],
        publicKey: encodeSpki(createPublicKey(key)),
        ...validity,
        ...dates,
      });
      return { key: encodePrivateKey(key), cert: pem };
    },
  };
}
