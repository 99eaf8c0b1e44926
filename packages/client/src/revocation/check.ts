// Checks whether a server's certificate was revoked, with the sources that the client's settings allow.
// Throws an error with the reason: `revoked`, `must_staple` or `revocation_unknown`.
import { hash, type X509Certificate } from 'node:crypto';
import { type ParsedCertificate, readCertificate, readRevocationList } from '@gatehouse/x509';
import { distrustError } from '../network/distrust.ts';
import type { IsAllowed } from '../network/guard.ts';
import type { RevocationSettings } from './settings.ts';
import { askList, askResponder, readLists, readStaple, type SourceStatus, type Subject } from './sources.ts';

/** A connection, after its handshake. */
export interface Handshake {
  /** The server's certificate, and each one that signed the one before. */
  chain: readonly X509Certificate[];
  /** The stapled OCSP answer. */
  staple: Buffer | undefined;
  isAllowed?: IsAllowed | undefined;
}

/** Throws if the certificate was revoked, or if that is unknown and the settings require an answer. */
export async function checkRevocation(handshake: Handshake, settings: RevocationSettings): Promise<void> {
  const subject = subjectOf(handshake.chain);
  if (subject === undefined) return requireKnown(settings, 'the certificate cannot be read');
  const stapled = handshake.staple && refuseRevoked(readStaple(handshake.staple, subject));
  if (subject.certificate.mustStaple && stapled?.status !== 'good') throw distrustError('must_staple');
  if (settings.lists.length > 0) {
    const listed = refuseRevoked(readLists(settings.lists.map(readRevocationList), subject));
    if (listed.status === 'unknown') throw distrustError('revocation_unknown', listed.why);
  }
  if (settings.mode === 'stapled' || stapled?.status === 'good') return;
  await askSources(subject, handshake, settings);
}

/** In a chain of one certificate, that certificate is itself trusted. */
function subjectOf([leaf, issuer]: readonly X509Certificate[]): Subject | undefined {
  if (leaf === undefined || issuer === undefined) return undefined;
  try {
    return { certificate: readCertificate(leaf.raw), issuer: readCertificate(issuer.raw), at: new Date() };
  } catch {
    return undefined; // OpenSSL accepts certificates that our strict reader refuses
  }
}

function requireKnown({ mode, lists }: RevocationSettings, why: string): void {
  if (mode === 'require' || lists.length > 0) throw distrustError('revocation_unknown', why);
}

function refuseRevoked(found: SourceStatus): SourceStatus {
  if (found.status !== 'revoked') return found;
  const { revokedAt, reason } = found;
  throw distrustError('revoked', `at ${revokedAt.toISOString()}${reason === undefined ? '' : `, ${reason}`}`);
}

async function askSources(
  subject: Subject,
  { isAllowed }: Handshake,
  { mode, good }: RevocationSettings,
): Promise<void> {
  const key = hash('sha256', subject.certificate.der, 'hex');
  const now = subject.at.getTime();
  if (now - (good.get(key) ?? 0) < REMEMBERED_MS) return;
  const reasons: string[] = [];
  for (const ask of sourcesOf(subject.certificate)) {
    const found = refuseRevoked(await ask(subject, isAllowed));
    if (found.status === 'good') {
      if (good.size >= MOST_REMEMBERED) good.clear();
      good.set(key, now);
      return;
    }
    if (found.status === 'unknown') reasons.push(found.why);
  }
  if (mode !== 'require') return;
  throw distrustError('revocation_unknown', reasons.join('; ') || 'the certificate names no source');
}

const REMEMBERED_MS = 300_000;
const MOST_REMEMBERED = 1000;
/** The most sources of each kind. */
const MOST_SOURCES = 2;

function sourcesOf({ authorityInfoAccess, cRLDistributionPoints }: ParsedCertificate) {
  const responders = (authorityInfoAccess?.ocsp ?? []).slice(0, MOST_SOURCES);
  const lists = cRLDistributionPoints.slice(0, MOST_SOURCES);
  return [
    ...responders.map(
      (url) => (subject: Subject, isAllowed: IsAllowed | undefined) =>
        askResponder(url, subject, { isAllowed }),
    ),
    ...lists.map(
      (url) => (subject: Subject, isAllowed: IsAllowed | undefined) => askList(url, subject, { isAllowed }),
    ),
  ];
}
