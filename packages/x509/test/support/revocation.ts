// A test PKI with revocation: an issuer that signs lists, a delegated OCSP responder, and certificates to ask
// about.
import { createPublicKey } from 'node:crypto';
import {
  createOcspResponder,
  generatePrivateKey,
  type OcspKnowledge,
  type OcspStatus,
  ocspResponderProfile,
  readCertificate,
  signerFromKey,
} from '../../src/index.ts';
import { createPki, NOT_BEFORE, SERVER_NOT_AFTER, serverTemplate } from './pki.ts';

/** A time at which every certificate of the test PKI is valid, for openssl too. */
export const AT = new Date('2027-01-01T00:00:00Z');
export const AT_SECONDS = String(AT.getTime() / 1000);
export const LIST_URL = 'http://127.0.0.1:9080/issuer.crl';

/** Creates one of each. */
export function createRevocationPki() {
  const pki = createPki();
  const responderKey = generatePrivateKey('P-256');
  const delegate = pki.issuer.issue({
    profile: ocspResponderProfile(),
    subject: { commonName: 'Test Responder' },
    publicKey: createPublicKey(responderKey),
    notBefore: NOT_BEFORE,
    notAfter: SERVER_NOT_AFTER,
  });
  return {
    ...pki,
    issuerCertificate: readCertificate(pki.intermediate.der),
    issuerSigner: signerFromKey(pki.intermediateKey),
    other: pki.issuer.issue(serverTemplate(pki.serverKey)),
    responderKey,
    delegate,
    responder: createOcspResponder({
      certificate: delegate.pem,
      issuer: pki.intermediate.pem,
      signer: signerFromKey(responderKey),
    }),
  };
}

/** The statuses of a responder at this time, valid for an hour. */
export function knowledge(status: OcspStatus, at: Date = AT): OcspKnowledge {
  const nextUpdate = new Date(at.getTime() + 3_600_000);
  return { statusOf: () => status, thisUpdate: at, nextUpdate, producedAt: at };
}
