// The two sources for revocation: the OCSP responder (RFC 6960) and the revocation list (RFC 5280 §6.3).
// Verifies the signatures and dates of both.
import { randomBytes } from 'node:crypto';
import {
  createOcspRequest,
  type OcspStatus,
  type ParsedCertificate,
  type ParsedRevocationList,
  readOcspResponse,
  readRevocationList,
  verifyCertificate,
  verifyOcspResponse,
  X509Error,
} from '@gatehouse/x509';
import type { IsAllowed } from '../network/guard.ts';
import { fetchOctets } from './fetch-octets.ts';

/** The certificate, and its issuer. */
export interface Subject {
  certificate: ParsedCertificate;
  issuer: ParsedCertificate;
  at: Date;
}

/** The answer of one source. */
export type SourceStatus =
  | { status: 'good' }
  | { status: 'revoked'; revokedAt: Date; reason?: string | undefined }
  | { status: 'unknown'; why: string };

/** The limits for time and addresses. */
export interface AskLimits {
  seconds?: number;
  isAllowed?: IsAllowed | undefined;
}

const OCSP_BYTES = 64 * 1024;
const LIST_BYTES = 10 * 1024 * 1024;
const ASK_SECONDS = 5;

/**
 * Reads a stapled answer (RFC 6066 §8).
 * @example
 * const { status } = readStaple(staple, { certificate, issuer, at: new Date() });
 */
export function readStaple(staple: Uint8Array, { certificate, issuer, at }: Subject): SourceStatus {
  return attempt(() =>
    sourceStatus(
      verifyOcspResponse(readOcspResponse(staple), { certificate: certificate.der, issuer: issuer.der, at }),
    ),
  );
}

/**
 * Asks the responder at this URL. Responders with prepared answers leave out the nonce, so it is optional.
 * @example
 * const { status } = await askResponder(url, { certificate, issuer, at: new Date() });
 */
export async function askResponder(
  url: string,
  { certificate, issuer, at }: Subject,
  { seconds = ASK_SECONDS, isAllowed }: AskLimits = {},
): Promise<SourceStatus> {
  const nonce = randomBytes(32);
  const question = { certificate: certificate.der, issuer: issuer.der };
  return attemptLater(async () => {
    const octets = await fetchOctets(url, {
      body: createOcspRequest({ ...question, nonce }),
      contentType: 'application/ocsp-request',
      maxBytes: OCSP_BYTES,
      seconds,
      isAllowed,
    });
    const response = readOcspResponse(octets);
    const repeats = response.basic?.nonce === undefined ? {} : { nonce };
    return sourceStatus(verifyOcspResponse(response, { ...question, ...repeats, at }));
  });
}

/**
 * Fetches the list at this URL, and looks the certificate up.
 * @example
 * const { status } = await askList(url, { certificate, issuer, at: new Date() });
 */
export async function askList(
  url: string,
  subject: Subject,
  { seconds = ASK_SECONDS, isAllowed }: AskLimits = {},
): Promise<SourceStatus> {
  return attemptLater(async () => {
    const list = readRevocationList(await fetchOctets(url, { maxBytes: LIST_BYTES, seconds, isAllowed }));
    return readLists([list], subject);
  });
}

/** Looks the certificate up in these lists. One must be current, complete, and signed by the issuer. */
export function readLists(
  lists: readonly ParsedRevocationList[],
  { certificate, issuer, at }: Subject,
): SourceStatus {
  // The issuer is the root here: its own trust was checked before.
  const question = { certificate, roots: issuer, at, revocationLists: lists };
  return attempt(() => {
    try {
      verifyCertificate(question);
      return { status: 'good' };
    } catch (error) {
      const entry = lists.map(({ revoked }) => revoked.get(certificate.serialNumber)).find(Boolean);
      const isRevoked = error instanceof X509Error && error.code === 'certificate_revoked';
      if (isRevoked && entry !== undefined) return { status: 'revoked', ...entry };
      throw error;
    }
  });
}

function sourceStatus(status: OcspStatus): SourceStatus {
  return status.status === 'unknown' ? { status: 'unknown', why: 'the responder does not know it' } : status;
}

function attempt(act: () => SourceStatus): SourceStatus {
  try {
    return act();
  } catch (error) {
    return { status: 'unknown', why: reasonOf(error) };
  }
}

async function attemptLater(act: () => Promise<SourceStatus>): Promise<SourceStatus> {
  try {
    return await act();
  } catch (error) {
    return { status: 'unknown', why: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error
    ? error.message || ('code' in error ? String(error.code) : error.name)
    : String(error);
}
