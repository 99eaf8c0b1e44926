// Authorities that Gatehouse does not know: a root, and the certificates that it signs.
import { createPublicKey, randomBytes } from 'node:crypto';
import type { CertificateProfile, PrivateKeyType } from '@gatehouse/x509';
import {
  clientProfile,
  createIssuer,
  encodePrivateKey,
  encodeSpki,
  generatePrivateKey,
  intermediateProfile,
  readRequest,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
} from '@gatehouse/x509';

const DAY_MS = 86_400_000;

export interface Identity {
  /** PEM. */
  key: string;
  /** PEM. */
  cert: string;
}

export interface Order {
  /** Default: `localhost`. */
  name?: string;
  profile?: CertificateProfile;
  keyType?: PrivateKeyType;
  /** From now on, both in days; default: from yesterday until in a month. */
  days?: readonly [from: number, to: number];
}

export interface TestAuthority {
  /** PEM. */
  root: string;
  /** A certificate for `name`, and for 127.0.0.1 if that is localhost. */
  issue(order?: Order): Identity;
  client(): Identity;
  /** Signs a request (PKCS#10, PEM) for an intermediate. */
  signIntermediate(request: string): string;
}

export function createTestAuthority(): TestAuthority {
  const signer = signerFromKey(generatePrivateKey('P-256'));
  const validity = (from: number, to: number) => ({
    notBefore: new Date(Date.now() + from * DAY_MS),
    notAfter: new Date(Date.now() + to * DAY_MS),
  });
  const { pem: root } = selfSignCertificate(
    { profile: rootProfile(), subject: { commonName: 'Other Root' }, ...validity(-100, 4000) },
    { signer, randomBytes },
  );
  const issuer = createIssuer({ certificate: root, signer, randomBytes });

  function issue({
    name = 'localhost',
    profile = serverProfile(),
    keyType = 'P-256',
    days = [-1, 30],
  }: Order = {}): Identity {
    const key = generatePrivateKey(keyType);
    const { pem } = issuer.issue({
      profile,
      subject: { commonName: name },
      subjectAltNames: [
        { type: 'dNSName', value: name },
        ...(name === 'localhost' ? [{ type: 'iPAddress', value: '127.0.0.1' } as const] : []),
      ],
      publicKey: encodeSpki(createPublicKey(key)),
      ...validity(...days),
    });
    return { key: encodePrivateKey(key), cert: pem };
  }

  return {
    root,
    issue,
    client: () => issue({ name: 'gateway.example', profile: clientProfile() }),
    signIntermediate: (request) =>
      issuer.issue({
        profile: intermediateProfile(),
        subject: { commonName: 'Imported Intermediate' },
        publicKey: readRequest(request).spki,
        ...validity(-1, 2000),
      }).pem,
  };
}
