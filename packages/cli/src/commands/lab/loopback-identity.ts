// A certificate for `localhost` and its root: for servers on loopback that run at most an hour.
import { createPublicKey, randomBytes } from 'node:crypto';
import {
  createIssuer,
  encodePrivateKey,
  encodeSpki,
  generatePrivateKey,
  parseSubjectName,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
} from '@gatehouse/x509';

const LIFETIME_MS = 3_600_000;

/** All in PEM. `cert` is that of `key`, and leads to `root`. */
export function createLoopbackIdentity(): { root: string; cert: string; key: string } {
  const validity = {
    notBefore: new Date(Date.now() - LIFETIME_MS),
    notAfter: new Date(Date.now() + LIFETIME_MS),
  };
  const signer = signerFromKey(generatePrivateKey('P-256'));
  const { pem: root } = selfSignCertificate(
    { profile: rootProfile(), subject: { commonName: 'Root of gatehouse lab' }, ...validity },
    { signer, randomBytes },
  );
  const key = generatePrivateKey('P-256');
  const { pem: cert } = createIssuer({ certificate: root, signer, randomBytes }).issue({
    profile: serverProfile(),
    subject: {},
    subjectAltNames: [parseSubjectName('localhost')],
    publicKey: encodeSpki(createPublicKey(key)),
    ...validity,
  });
  return { root, cert, key: encodePrivateKey(key) };
}
