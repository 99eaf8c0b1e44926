// The chain that a server sent: reads it, finds its path to a root, and lists its problems.
import { hash } from 'node:crypto';
import { fetchOctets } from '@gatehouse/client/revocation';
import {
  type CertificateFindings,
  findProblems,
  type ParsedCertificate,
  readCertificate,
  verifySignature,
} from '@gatehouse/x509';
import { certificateFacts } from '../pki/certificate-facts.ts';
import type { ChainEntry } from './report.ts';

/** The certificates that the server sent and that can be read. */
export interface SentChain {
  certificates: ParsedCertificate[];
  /** Why the server's own certificate cannot be read. */
  unreadable: string | undefined;
}

export function readSent(sent: readonly Buffer[]): SentChain {
  const read = sent.map((der) => attempt(() => readCertificate(der)));
  const [first] = read;
  const unreadable = first !== undefined && 'why' in first ? first.why : undefined;
  // If the server's own certificate were left out, the next one would take its place.
  if (unreadable !== undefined) return { certificates: [], unreadable };
  return { certificates: read.flatMap((each) => ('value' in each ? [each.value] : [])), unreadable };
}

export interface Question {
  certificates: readonly ParsedCertificate[];
  roots: readonly ParsedCertificate[];
  name: string;
  at: Date;
  /** Fetches the issuers that the server should have sent. Undefined: fetch nothing. */
  fetchIssuer: ((url: string) => Promise<Buffer>) | undefined;
}

export interface Findings extends CertificateFindings {
  /** The issuer that the server should have sent, with the URL that has it. */
  missing: { url: string; subject: string } | undefined;
  /** Whether a root has the name of the last issuer, and another key. */
  hasNamesake: boolean;
  /** Whether the server sent certificates that do not belong to its chain. */
  hasStrays: boolean;
}

/** Undefined if there is no certificate. */
export async function findInChain(question: Question): Promise<Findings | undefined> {
  const [certificate, ...intermediates] = question.certificates;
  if (certificate === undefined) return undefined;
  const { roots, at, name } = question;
  const verification = { certificate, roots, at, purpose: 'serverAuth', name } as const;
  const found = findProblems({ ...verification, intermediates });
  const incomplete = { ...found, ...signsOf(found, question), missing: undefined };
  if (found.isRooted || question.fetchIssuer === undefined) return incomplete;
  const missing = await fetchMissing(found.chain, question.fetchIssuer);
  if (missing === undefined) return incomplete;
  const again = findProblems({ ...verification, intermediates: [...intermediates, missing.issuer] });
  return again.isRooted
    ? { ...incomplete, ...again, missing: { url: missing.url, subject: missing.issuer.subject.text } }
    : incomplete;
}

/** Facts that distinguish an unknown root from an issuer that was not sent. */
function signsOf({ chain, isRooted }: CertificateFindings, { roots, certificates }: Question) {
  const top = chain.at(-1);
  const isNamesake = ({ subject, spki }: ParsedCertificate) =>
    top !== undefined && isSame(subject.der, top.issuer.der) && !verifySignature(top, spki);
  const hasNamesake = !isRooted && roots.some(isNamesake);
  return { hasNamesake, hasStrays: certificates.some((sent) => !chain.includes(sent)) };
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/**
 * The issuer of the last certificate, for a chain without a root. Fetched from the URL in that certificate.
 */
async function fetchMissing(
  chain: readonly ParsedCertificate[],
  fetchIssuer: (url: string) => Promise<Buffer>,
): Promise<{ issuer: ParsedCertificate; url: string } | undefined> {
  const [url] = chain.at(-1)?.authorityInfoAccess?.caIssuers ?? [];
  if (url === undefined) return undefined;
  const read = await fetchIssuer(url).then(
    (octets) => attempt(() => readCertificate(octets)),
    () => undefined,
  );
  return read !== undefined && 'value' in read ? { issuer: read.value, url } : undefined;
}

/** Fetches an issuer: one certificate, in a short time. */
export function issuerFetcher(isAllowed: ((address: string) => boolean) | undefined) {
  return (url: string) => fetchOctets(url, { maxBytes: ISSUER_BYTES, seconds: ISSUER_SECONDS, isAllowed });
}

const ISSUER_BYTES = 64 * 1024;
const ISSUER_SECONDS = 5;

/** The chain for the report: the sent certificates, and the issuers found elsewhere. */
export function chainEntries(
  chain: readonly ParsedCertificate[],
  sent: readonly Buffer[],
  { roots, at }: Pick<Question, 'roots' | 'at'>,
): ChainEntry[] {
  const digests = new Set(sent.map((der) => hash('sha256', der, 'hex')));
  const trusted = new Set(roots.map(({ der }) => hash('sha256', der, 'hex')));
  return chain.map((certificate) => {
    const facts = certificateFacts(certificate);
    const { sha256 } = facts;
    const daysLeft = Math.floor((certificate.notAfter.getTime() - at.getTime()) / DAY_MS);
    return { ...facts, daysLeft, sent: digests.has(sha256), trusted: trusted.has(sha256) };
  });
}

const DAY_MS = 86_400_000;

function attempt<Value>(read: () => Value): { value: Value } | { why: string } {
  try {
    return { value: read() };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}
