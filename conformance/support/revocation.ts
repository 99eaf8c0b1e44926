// The facts that a relying party gets from the URLs in a certificate: the revocation list (RFC 5280 §6.3) and
// the OCSP responder (RFC 6960). Signatures and dates of both are verified.
import { randomBytes } from 'node:crypto';
import type { ParsedCertificate, ParsedRevocationList } from '@gatehouse/x509';
import {
  createOcspRequest,
  readCertificate,
  readCertificates,
  readOcspResponse,
  readRevocationList,
  verifyCertificate,
  verifyOcspResponse,
  X509Error,
} from '@gatehouse/x509';

export interface RevocationStatus {
  /** `good`, or the code of the error. */
  list: string;
  ocsp: string;
  /** The reason from the responder. */
  reason?: string | undefined;
}

/** `chain`: PEM, the certificate and its intermediate; `roots`: PEM. */
export async function revocationOf(chain: string, roots: string): Promise<RevocationStatus> {
  const [certificate, issuer] = readCertificates(chain);
  if (!certificate || !issuer) throw new TypeError('the chain lacks the intermediate');
  const list = await fetchRevocationList(certificate);
  const status = await askOcsp(certificate, issuer);
  const reason = status.status === 'revoked' ? status.reason : undefined;
  return { list: statusByList(chain, roots, [list]), ocsp: status.status, reason };
}

/** `good`, or the code of the error. */
export function statusByList(
  certificate: string,
  roots: string,
  revocationLists: ParsedRevocationList[],
  at = new Date(),
): string {
  try {
    verifyCertificate({ certificate, roots, at, revocationLists });
    return 'good';
  } catch (error) {
    if (error instanceof X509Error) return error.code;
    throw error;
  }
}

/** The list that the certificate names. */
export async function fetchRevocationList(certificate: ParsedCertificate): Promise<ParsedRevocationList> {
  const [url = ''] = certificate.cRLDistributionPoints;
  return readRevocationList(await fetchOctets(url));
}

async function askOcsp(certificate: ParsedCertificate, issuer: ParsedCertificate) {
  const nonce = randomBytes(32);
  const question = { certificate: certificate.der, issuer: issuer.der, nonce };
  const body = new Uint8Array(createOcspRequest(question));
  const [url = ''] = certificate.authorityInfoAccess?.ocsp ?? [];
  const headers = { 'content-type': 'application/ocsp-request' };
  const answer = readOcspResponse(await fetchOctets(url, { method: 'POST', headers, body }));
  return verifyOcspResponse(answer, { ...question, at: new Date() });
}

async function fetchOctets(url: string, init?: RequestInit): Promise<Uint8Array> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.bytes();
}

/** PEM of a bundle, without its first certificate. */
export function leafOf(chain: string): string {
  return chain.slice(0, chain.indexOf('-----END CERTIFICATE-----') + '-----END CERTIFICATE-----\n'.length);
}

export function serialOf(pem: string): string {
  return readCertificate(leafOf(pem)).serialNumber;
}
