// Certificates as a directory would issue them, for any key, names and dates.
import type { KeyObject } from 'node:crypto';
import { createPublicKey, randomBytes } from 'node:crypto';
import type { CertificateProfile } from '@gatehouse/x509';
import {
  createIssuer,
  encodeSpki,
  generatePrivateKey,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
} from '@gatehouse/x509';
import type { Obtained } from '../../../src/acme-client/order/obtained.ts';
import { checkObtained } from '../../../src/acme-client/order/obtained.ts';

const YEAR_MS = 365 * 86_400_000;
const signer = signerFromKey(generatePrivateKey('P-256'));
const START = Date.parse('2026-03-01T12:00:00Z');
const root = selfSignCertificate(
  {
    profile: rootProfile(),
    subject: { commonName: 'Directory Root' },
    notBefore: new Date(START - YEAR_MS),
    notAfter: new Date(START + 10 * YEAR_MS),
  },
  { signer, randomBytes },
);
const issuer = createIssuer({ certificate: root.pem, signer, randomBytes });

export interface IssueOrder {
  names: readonly string[];
  key: KeyObject;
  /** Milliseconds since the epoch. */
  notBefore: number;
  notAfter: number;
  /** Default: for a server. */
  profile?: CertificateProfile;
}

/** PEM: the leaf and the root. */
export function issueChain({ names, key, notBefore, notAfter, profile }: IssueOrder): string {
  const { pem } = issuer.issue({
    profile: profile ?? serverProfile(),
    subject: {},
    subjectAltNames: names.map((value) => ({ type: 'dNSName', value })),
    publicKey: encodeSpki(createPublicKey(key)),
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
  });
  return pem + root.pem;
}

/** The result of an order: a certificate that is valid from now for `days`. */
export function obtainedFor(names: readonly string[], now: number, days = 90): Obtained {
  const key = generatePrivateKey('P-256');
  const notAfter = now + days * 86_400_000;
  return checkObtained(issueChain({ names, key, notBefore: now, notAfter }), { key, names, now });
}
