// Certificates for our own keys, with the names of our listeners.
import type { KeyObject } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { IssuedCertificate } from '@gatehouse/x509';
import { encodeSpki, parseSubjectName, serverProfile, X509Error } from '@gatehouse/x509';
import { BACKDATE_MS } from '../backdate.ts';
import type { OwnRecords } from '../certificates/own-records.ts';
import type { Authorities } from '../hierarchy/authorities.ts';
import { ownNames } from '../hierarchy/own-names.ts';
import type { PublicationUrls } from '../hierarchy/publication.ts';
import type { CaSettings } from '../types.ts';

export interface OwnCertificateDeps {
  clock: Clock;
  ownRecords: OwnRecords;
  authorities: Authorities;
  urls: PublicationUrls;
  /** Further names. The authority may be unable to certify them. */
  listenerNames: readonly string[];
}

export type OwnCertificateSettings = Pick<CaSettings, 'names' | 'serverLifetime'>;

export interface OwnCertificate {
  issued: IssuedCertificate;
  names: string[];
  /** The authority that signed it. */
  issuerId: string;
  /** The certificate and its issuer, PEM. */
  chain: string;
}

const RENEW_AFTER = 2 / 3;
const SHORTEST_LIFE_MS = 1000;

/** Issues a certificate for this key and records it. Throws `config_invalid` if a text is no name. */
export async function issueOwnCertificate(
  deps: OwnCertificateDeps,
  settings: OwnCertificateSettings,
  key: OwnKey,
): Promise<OwnCertificate> {
  const names = ownNames(settings);
  const all = ownNames({ names: [...names, ...deps.listenerNames] });
  const { serverLifetime } = settings;
  try {
    return await issueFor(deps, { ...key, names: all, serverLifetime });
  } catch (error) {
    const isForbidden = error instanceof X509Error && error.code === 'name_constraint_violated';
    if (!isForbidden || deps.listenerNames.length === 0) throw error;
    return issueFor(deps, { ...key, names, serverLifetime });
  }
}

/** One of our own keys. */
export interface OwnKey {
  publicKey: KeyObject;
  /** Its profile name in the inventory. */
  profile: 'server' | 'channel';
}

interface Wanted extends OwnKey, Pick<CaSettings, 'serverLifetime'> {
  names: string[];
}

async function issueFor(deps: OwnCertificateDeps, wanted: Wanted): Promise<OwnCertificate> {
  const { clock, authorities, urls } = deps;
  const { names, publicKey, profile, serverLifetime } = wanted;
  const { issuer, intermediates } = authorities.current();
  const { id: issuerId, certificate, pem } = intermediates[0];
  const now = clock.now();
  const lifetimeMs = serverLifetime * 1000;
  // Below an expired intermediate, the certificate has expired, too, so clients see the reason.
  const latestBegin = certificate.notAfter.getTime() - SHORTEST_LIFE_MS;
  const notBefore = Math.min(now - Math.min(BACKDATE_MS, lifetimeMs / 10), latestBegin);
  const issued = issuer.issue({
    profile: serverProfile(urls.of(issuerId)),
    subject: { commonName: 'localhost' },
    subjectAltNames: names.map(parseOwnName),
    publicKey: encodeSpki(publicKey),
    notBefore: new Date(notBefore),
    notAfter: new Date(Math.min(notBefore + lifetimeMs, certificate.notAfter.getTime())),
  });
  await deps.ownRecords.record({ certificate: issued, profile, names, issuerId });
  return { issued, names, issuerId, chain: issued.pem + pem };
}

/**
 * Computed from the dates in the certificate, which are whole seconds. Otherwise a certificate with a short
 * lifetime would expire before its renewal.
 */
export function renewalTime({
  notBefore,
  notAfter,
}: Pick<IssuedCertificate, 'notBefore' | 'notAfter'>): number {
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
    throw new GatehouseError(
      'config_invalid',
      `Setting ca.names is not valid: ${reason}; write names such as api.example.com, or IP addresses.`,
      { cause: error },
    );
  }
}
