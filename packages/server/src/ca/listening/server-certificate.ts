// The certificate of our own listeners, with a stapled answer of our OCSP responder (RFC 6066 §8). Each
// certificate has a new key, which is never written. It is renewed after two thirds of its life, without
// ending connections.
import { createPublicKey, randomBytes } from 'node:crypto';
import type { Clock, ServerIdentity } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { IssuedCertificate } from '@gatehouse/x509';
import {
  encodePrivateKey,
  encodeSpki,
  generatePrivateKey,
  parseSubjectName,
  serverProfile,
  X509Error,
} from '@gatehouse/x509';
import { BACKDATE_MS } from '../backdate.ts';
import type { OwnRecords } from '../certificates/own-records.ts';
import type { Authorities } from '../hierarchy/authorities.ts';
import { ownNames } from '../hierarchy/own-names.ts';
import type { PublicationUrls } from '../hierarchy/publication.ts';
import type { Ocsp } from '../revocation/ocsp.ts';
import type { CaSettings } from '../types.ts';

export interface ServerCertificate {
  identity: ServerIdentity;
  /** Only the certificate, without its chain. */
  pem: string;
  names: string[];
  serialNumber: string;
  notAfter: Date;
  /** The authority that signed it. */
  issuerId: string;
  /** When it begins, in milliseconds since the epoch. After now when the clock was set back. */
  validFrom: number;
  /** Milliseconds since the epoch. */
  renewAt: number;
  /** When the stapled answer was made, in milliseconds since the epoch. */
  stapledAt: number;
  /** When to renew the stapled answer, in milliseconds since the epoch. */
  stapleAt: number;
  /** The serial number of the certificate that signed the stapled answer. */
  stapledBy?: string;
}

export interface ServerCertificateDeps {
  clock: Clock;
  ownRecords: OwnRecords;
  authorities: Authorities;
  ocsp: Ocsp;
  urls: PublicationUrls;
  /** Further names, which the authority may be forbidden to certify. */
  listenerNames: readonly string[];
}

export type ServerCertificateSettings = Pick<CaSettings, 'names' | 'serverLifetime' | 'keyType'>;

const RENEW_AFTER = 2 / 3;
const TICKET_KEYS_BYTES = 48;
const SHORTEST_LIFE_MS = 1000;

/**
 * Issues a certificate for the listeners and records it. Throws `config_invalid` for text that is no name.
 */
export async function issueServerCertificate(
  deps: ServerCertificateDeps,
  settings: ServerCertificateSettings,
): Promise<ServerCertificate> {
  const names = ownNames(settings);
  try {
    return await issueFor(ownNames({ names: [...names, ...deps.listenerNames] }), deps, settings);
  } catch (error) {
    const isForbidden = error instanceof X509Error && error.code === 'name_constraint_violated';
    if (!isForbidden || deps.listenerNames.length === 0) throw error;
    return issueFor(names, deps, settings);
  }
}

async function issueFor(
  names: string[],
  deps: ServerCertificateDeps,
  settings: ServerCertificateSettings,
): Promise<ServerCertificate> {
  const { clock, authorities, urls } = deps;
  const { issuer, intermediates } = authorities.current();
  const { id: issuerId, certificate, pem } = intermediates[0];
  const privateKey = generatePrivateKey(settings.keyType);
  const now = clock.now();
  const lifetimeMs = settings.serverLifetime * 1000;
  // Below an intermediate that ended, the certificate has ended as well: clients see why they are refused.
  const latestBegin = certificate.notAfter.getTime() - SHORTEST_LIFE_MS;
  const notBefore = Math.min(now - Math.min(BACKDATE_MS, lifetimeMs / 10), latestBegin);
  const issued = issuer.issue({
    profile: serverProfile(urls.of(issuerId)),
    subject: { commonName: 'localhost' },
    subjectAltNames: names.map(parseOwnName),
    publicKey: encodeSpki(createPublicKey(privateKey)),
    notBefore: new Date(notBefore),
    notAfter: new Date(Math.min(notBefore + lifetimeMs, certificate.notAfter.getTime())),
  });
  await deps.ownRecords.record({ certificate: issued, profile: 'server', names, issuerId });
  return staple(deps, {
    identity: {
      privateKey: encodePrivateKey(privateKey),
      certificateChain: issued.pem + pem,
      ticketKeys: randomBytes(TICKET_KEYS_BYTES),
    },
    pem: issued.pem,
    names,
    serialNumber: issued.serialNumber,
    notAfter: issued.notAfter,
    issuerId,
    validFrom: issued.notBefore.getTime(),
    renewAt: renewalTime(issued),
    stapledAt: 0,
    stapleAt: 0,
  });
}

/** The same certificate with a fresh answer of the responder, unless its issuer has ended. */
export async function staple(
  { ocsp, authorities, clock }: Pick<ServerCertificateDeps, 'ocsp' | 'authorities' | 'clock'>,
  certificate: ServerCertificate,
): Promise<ServerCertificate> {
  const issuer = authorities.current().intermediates.find(({ id }) => id === certificate.issuerId);
  const hasEnded = issuer && clock.now() >= issuer.certificate.notAfter.getTime();
  if (!issuer || hasEnded) return { ...certificate, stapleAt: Number.POSITIVE_INFINITY };
  const { der, maxAgeSeconds, signedBy } = await ocsp.staple(certificate.pem, issuer.pem);
  return {
    ...certificate,
    identity: { ...certificate.identity, ocspResponse: der },
    stapledAt: clock.now(),
    stapleAt: clock.now() + maxAgeSeconds * 1000,
    stapledBy: signedBy,
  };
}

// Counted from the dates in the certificate, which are whole seconds: otherwise a certificate with a short
// lifetime would expire before its renewal.
function renewalTime({ notBefore, notAfter }: IssuedCertificate): number {
  return notBefore.getTime() + (notAfter.getTime() - notBefore.getTime()) * RENEW_AFTER;
}

/** Throws `config_invalid`. */
export function parseOwnName(name: string) {
  try {
    const parsed = parseSubjectName(name);
    if (parsed.type === 'dNSName' || parsed.type === 'iPAddress') return parsed;
    throw new TypeError(`${name} is neither a DNS name nor an IP address`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GatehouseError('config_invalid', `Setting ca.names is not valid: ${reason}.`, { cause: error });
  }
}
