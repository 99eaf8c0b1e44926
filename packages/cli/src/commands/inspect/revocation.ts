// Asks every source whether the server's certificate was revoked: the stapled answer, and the responders and
// lists in the certificate.
import {
  askList,
  askResponder,
  readStaple,
  type SourceStatus,
  type Subject,
} from '@gatehouse/client/revocation';
import type { ParsedCertificate } from '@gatehouse/x509';
import type { RevocationReport, SourceReport } from './report.ts';

export interface RevocationQuestion {
  certificate: ParsedCertificate;
  /** Undefined if it was not found: then nothing can be verified. */
  issuer: ParsedCertificate | undefined;
  staple: Buffer | undefined;
  at: Date;
  offline: boolean;
  isAllowed: ((address: string) => boolean) | undefined;
}

export async function revocationOf(question: RevocationQuestion): Promise<RevocationReport> {
  const { certificate, issuer, at, staple, offline, isAllowed } = question;
  const { mustStaple } = certificate;
  if (issuer === undefined) return { verdict: 'not checked', mustStaple, sources: [] };
  const subject: Subject = { certificate, issuer, at };
  const stapled = staple === undefined ? [] : [sourceOf('stapled', null, readStaple(staple, subject))];
  const sources = [...stapled, ...(offline ? [] : await askAll(subject, isAllowed))];
  return { verdict: verdictOf(sources), mustStaple, sources };
}

/** The most sources of each kind. */
const MOST_SOURCES = 2;

function askAll(
  subject: Subject,
  isAllowed: ((address: string) => boolean) | undefined,
): Promise<SourceReport[]> {
  const { authorityInfoAccess, cRLDistributionPoints } = subject.certificate;
  const responders = (authorityInfoAccess?.ocsp ?? []).slice(0, MOST_SOURCES);
  const lists = cRLDistributionPoints.slice(0, MOST_SOURCES);
  return Promise.all([
    ...responders.map(async (url) => sourceOf('ocsp', url, await askResponder(url, subject, { isAllowed }))),
    ...lists.map(async (url) => sourceOf('crl', url, await askList(url, subject, { isAllowed }))),
  ]);
}

function sourceOf(kind: SourceReport['kind'], url: string | null, found: SourceStatus): SourceReport {
  return { kind, url, status: found.status, detail: detailOf(found) };
}

function detailOf(found: SourceStatus): string | null {
  if (found.status === 'good') return null;
  if (found.status === 'unknown') return found.why;
  return `at ${found.revokedAt.toISOString()}${found.reason === undefined ? '' : `, ${found.reason}`}`;
}

function verdictOf(sources: readonly SourceReport[]): RevocationReport['verdict'] {
  if (sources.some(({ status }) => status === 'revoked')) return 'revoked';
  if (sources.some(({ status }) => status === 'good')) return 'good';
  return sources.length === 0 ? 'not checked' : 'unknown';
}
