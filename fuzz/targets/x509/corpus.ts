// Valid inputs for the readers of @gatehouse/x509, made by its own writers. They are the same in every run,
// because the signatures and the random octets are fixed.
import {
  type CertificateProfile,
  clientProfile,
  createIssuer,
  createOcspRequest,
  createOcspResponder,
  createRequest,
  encodeOcspError,
  encodeRevokedEntry,
  intermediateProfile,
  ocspResponderProfile,
  parseGeneralSubtree,
  parseSubjectName,
  REVOCATION_REASONS,
  readCertificate,
  readOcspRequest,
  rootProfile,
  type Signer,
  selfSignCertificate,
  serverClientProfile,
  signRevocationList,
} from '../../../packages/x509/src/index.ts';

/** One of each kind, and some variants. */
export function ownCorpus(): Uint8Array[] {
  const root = selfSignCertificate({ profile: rootProfile(), subject: SUBJECT, ...PERIOD }, KEY).der;
  const issuer = createIssuer({ certificate: root, ...KEY });
  const certificates = PROFILES.map(
    (profile) =>
      issuer.issue({
        profile,
        subject: SUBJECT,
        subjectAltNames: NAMES,
        publicKey: SIGNER.publicKey,
        ...PERIOD,
      }).der,
  );
  const requests = [NAMES, []].map(
    (subjectAltNames) => createRequest({ subject: SUBJECT, subjectAltNames }, SIGNER).der,
  );
  return [root, ...certificates, ...requests, ...revocationLists(root), ...ocsp(root, certificates)];
}

const PERIOD = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2060-01-01T00:00:00Z') };
const P256_HEAD = '3059301306072a8648ce3d020106082a8648ce3d03010703420004';
const SIGNER: Signer = {
  algorithm: 'ecdsa-p256-sha256',
  publicKey: Uint8Array.fromHex(P256_HEAD + '5a'.repeat(64)),
  sign: () => Uint8Array.fromHex(`30440220${'11'.repeat(32)}0220${'22'.repeat(32)}`),
};
const KEY = { signer: SIGNER, randomBytes: (size: number) => new Uint8Array(size).fill(0x42) };

const SUBJECT = {
  country: 'DE',
  state: 'Bavaria',
  locality: 'Munich',
  organization: 'Exämple, "Test"',
  organizationalUnit: 'R+D',
  commonName: 'Example',
};
const NAMES = [
  'example.com',
  '*.example.com',
  '127.0.0.1',
  '::1',
  'email:a@example.com',
  'URI:urn:gatehouse:service:a',
].map(parseSubjectName);

const PUBLICATION = {
  authorityInfoAccess: { ocsp: ['http://127.0.0.1/ocsp'], caIssuers: ['http://127.0.0.1/ca.cer'] },
  cRLDistributionPoints: ['http://127.0.0.1/ca.crl'],
};
const NAME_CONSTRAINTS = {
  permitted: ['example.com', '127.0.0.0/8', '::/0'].map(parseGeneralSubtree),
  excluded: ['email:.example.org'].map(parseGeneralSubtree),
};
const PROFILES: readonly CertificateProfile[] = [
  intermediateProfile(PUBLICATION),
  { ...intermediateProfile(), nameConstraints: NAME_CONSTRAINTS },
  serverClientProfile(PUBLICATION),
  clientProfile(),
  ocspResponderProfile(),
];

function revocationLists(root: Uint8Array): Uint8Array[] {
  const entries = REVOCATION_REASONS.map((reason, index) =>
    encodeRevokedEntry({ serialNumber: `0${index}`, revokedAt: PERIOD.notBefore, reason }),
  );
  const list = {
    issuer: readCertificate(root),
    signer: SIGNER,
    number: 300n,
    thisUpdate: PERIOD.notBefore,
    nextUpdate: PERIOD.notAfter,
  };
  return [
    signRevocationList({ ...list, entries, distributionPoint: 'http://127.0.0.1/ca.crl' }).der,
    signRevocationList({ ...list, entries: [] }).der,
  ];
}

function ocsp(issuer: Uint8Array, [certificate = issuer]: readonly Uint8Array[]): Uint8Array[] {
  const responder = createOcspResponder({ certificate: issuer, issuer, signer: SIGNER });
  const asked = createOcspRequest({ certificate, issuer, nonce: new Uint8Array(32) });
  const knowledge = {
    thisUpdate: PERIOD.notBefore,
    nextUpdate: PERIOD.notAfter,
    producedAt: PERIOD.notBefore,
  };
  const revoked = { status: 'revoked', revokedAt: PERIOD.notBefore, reason: 'superseded' } as const;
  const answers = [{ status: 'good' }, { status: 'unknown' }, revoked] as const;
  return [
    asked,
    createOcspRequest({ certificate, issuer }),
    ...answers.map((status) =>
      responder.respond(readOcspRequest(asked), { ...knowledge, statusOf: () => status }),
    ),
    encodeOcspError('tryLater'),
  ];
}
