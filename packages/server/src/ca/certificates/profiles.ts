// Profiles: the rules for certificates of one kind. They check a request before anything is signed:
// possession of its key, the kind of key, its names, its lifetime. The certificate gets only the names of the
// request, and none of its extensions.
import type { Owner } from '@gatehouse/access';
import { GatehouseError, spiffeIdOf } from '@gatehouse/access';
import type {
  CertificateProfile,
  CertificateTemplate,
  GeneralName,
  ParsedRequest,
  Publication,
} from '@gatehouse/x509';
import {
  clientProfile,
  generalNameText,
  parseSubjectName,
  serverClientProfile,
  serverProfile,
  verifyRequest,
  X509Error,
} from '@gatehouse/x509';
import { BACKDATE_MS } from '../backdate.ts';
import type { ProfileSettings } from '../types.ts';
import type { NameRules } from './name-rules.ts';
import { createNameRules } from './name-rules.ts';

/** An order of a certificate, before its check. */
export interface TemplateOrder {
  request: ParsedRequest;
  /** Default: the names of the request. */
  names?: readonly string[] | undefined;
  notBefore?: Date | undefined;
  notAfter?: Date | undefined;
  /** Replaces an end. It is shortened to the maximum of the profile and the issuer. */
  lifetimeMs?: number | undefined;
  /** The owner of a certificate for clients. */
  owner?: Owner | undefined;
}

export interface IssuingProfile {
  readonly isForClients: boolean;
  /** Throws `certificate_refused`. `latest`: the end of the issuer's own certificate. */
  template(order: TemplateOrder, now: number, latest: Date): CheckedTemplate;
}

export interface CheckedTemplate {
  template: Omit<CertificateTemplate, 'profile'>;
  names: string[];
}

/** Throws `config_invalid` if the settings contradict each other. */
export function createProfile(name: string, settings: ProfileSettings, trustDomain: string): IssuingProfile {
  if (OWN_PROFILES.includes(name)) {
    throw new GatehouseError(
      'config_invalid',
      `Setting ca.profiles.${name} is not valid: choose another name.`,
    );
  }
  const rules = rulesOf(name, settings);
  const isForServers = settings.purposes.includes('server');
  const isForClients = settings.purposes.includes('client');
  return {
    isForClients,
    template(order, now, latest) {
      requireKeyType(provenKeyType(order.request), name, settings);
      if (order.request.extensions.isCa) throw refused('the request is for an authority');
      const { owner } = order;
      if (isForClients && !owner) throw refused(`a certificate of profile ${name} needs an owner`);
      const certified = isForServers ? serverNames(order) : [];
      const names = certified.map(generalNameText);
      const claimed = isForServers ? names : [owner?.name ?? ''];
      requireAllowed(claimed, rules, name);
      return {
        names: isForServers ? names : claimed,
        template: {
          subject: subjectOf(owner ? [owner.name, ...names] : names),
          subjectAltNames: owner ? [...certified, ownerName(owner, trustDomain)] : certified,
          publicKey: order.request.spki,
          ...validity(order, { now, latest, settings }),
        },
      };
    },
  };
}

// The profile names of the authority's own certificates in the inventory.
const OWN_PROFILES = ['root', 'intermediate', 'ocsp'];

/** The extensions of a profile's certificates. */
export function extensionsOf({ purposes }: ProfileSettings, publication: Publication): CertificateProfile {
  const [isForServers, isForClients] = [purposes.includes('server'), purposes.includes('client')];
  if (isForServers && isForClients) return serverClientProfile(publication);
  return isForClients ? clientProfile(publication) : serverProfile(publication);
}

/** The gateway recognises the owner by this name. docs/wire/client-certificate.md */
export function ownerName(owner: Owner, trustDomain: string): GeneralName {
  const value = spiffeIdOf(owner, trustDomain);
  if (value !== undefined) return { type: 'uniformResourceIdentifier', value };
  throw refused(
    `the name "${owner.name}" cannot be in a SPIFFE ID: choose one without @ at the end or beside a dot`,
  );
}

export function refused(reason: string, cause?: unknown): GatehouseError {
  return new GatehouseError('certificate_refused', `No certificate: ${reason}.`, { cause });
}

function rulesOf(name: string, { names, purposes, lifetime, maxLifetime }: ProfileSettings): NameRules {
  if (lifetime > maxLifetime) {
    throw new GatehouseError(
      'config_invalid',
      `Setting ca.profiles.${name}.lifetime is longer than ca.profiles.${name}.maxLifetime.`,
    );
  }
  try {
    return createNameRules(names, purposes.includes('server') ? 'server' : 'owner');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GatehouseError('config_invalid', `Setting ca.profiles.${name}.names is not valid: ${reason}.`, {
      cause,
    });
  }
}

/** The kind of key, if the request proves possession of it. */
function provenKeyType(request: ParsedRequest): string {
  try {
    return verifyRequest(request);
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    const reason =
      error.code === 'request_signature_invalid'
        ? 'the request does not prove possession of its key'
        : `the key of the request cannot be used: ${error.message}`;
    throw refused(reason, error);
  }
}

function requireKeyType(type: string, profile: string, { keyTypes }: ProfileSettings): void {
  const allowed: readonly string[] = keyTypes;
  if (!allowed.includes(type)) {
    throw refused(`profile ${profile} has no keys of type ${type} (it has ${allowed.join(', ')})`);
  }
}

function serverNames({ request, names }: TemplateOrder): GeneralName[] {
  const wanted = names ? names.map(parseName) : requestedNames(request);
  const unusable = wanted.find(({ type }) => type !== 'dNSName' && type !== 'iPAddress');
  if (unusable) throw refused(`${generalNameText(unusable)} is neither a DNS name nor an IP address`);
  if (wanted.length === 0) throw refused('the request has no name of a server: add a subjectAltName');
  return [...new Map(wanted.map((name) => [generalNameText(name), name])).values()];
}

/** The names in subjectAltName. Old kinds of requests have one name, in the subject. */
function requestedNames({ extensions, subject }: ParsedRequest): GeneralName[] {
  const names = extensions.subjectAltNames.map((name) => {
    if (!('value' in name)) throw refused('the request has a kind of name that this server does not certify');
    return name as GeneralName;
  });
  if (names.length > 0) return names;
  const commonName = subject.rdns.flat().find(({ type }) => type === 'CN')?.text;
  return commonName === undefined ? [] : [parseName(commonName)];
}

function parseName(text: string): GeneralName {
  try {
    return parseSubjectName(text);
  } catch (error) {
    if (error instanceof X509Error) throw refused(error.message, error);
    throw error;
  }
}

function requireAllowed(names: readonly string[], rules: NameRules, profile: string): void {
  const outside = names.find((name) => !rules.allows(name));
  if (outside !== undefined) throw refused(`${outside} is outside the names of profile ${profile}`);
}

const MAX_COMMON_NAME = 64;

/** The first name that fits. A common name is only for people, because clients ignore it (RFC 9525 §2). */
export function subjectOf(names: readonly string[]): { commonName?: string } {
  const commonName = names.find((name) => name.length <= MAX_COMMON_NAME);
  return commonName === undefined ? {} : { commonName };
}

interface ValidityLimits {
  now: number;
  latest: Date;
  settings: ProfileSettings;
}

function validity(order: TemplateOrder, { now, latest, settings }: ValidityLimits) {
  const { lifetime, maxLifetime } = settings;
  const backdated = now - Math.min(BACKDATE_MS, lifetime * 100);
  const notBefore = order.notBefore ?? new Date(backdated);
  const lifetimeMs = Math.min(order.lifetimeMs ?? lifetime * 1000, maxLifetime * 1000);
  const notAfter = order.notAfter ?? new Date(Math.min(now + lifetimeMs, latest.getTime()));
  if (notAfter.getTime() > latest.getTime()) {
    throw refused(`it would be valid longer than its issuer, which expires at ${latest.toISOString()}`);
  }
  if (notAfter.getTime() <= now) throw refused('it would be expired already');
  if (notBefore.getTime() < backdated) throw refused('its start is in the past');
  if (notAfter.getTime() - Math.max(now, notBefore.getTime()) > maxLifetime * 1000) {
    throw refused(`it would be valid longer than ${inWords(maxLifetime)}, the maximum of its profile`);
  }
  return { notBefore, notAfter };
}

/** In the form of a setting: `720h`, `90m`, `10s`. */
function inWords(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
