// All kinds of certificates that an intermediate signs, with names that their profiles allow: for our
// listeners, and for each profile.
import type { CertificateProfile, GeneralName, KeyPurpose } from '@gatehouse/x509';
import { parseSubjectName, serverProfile } from '@gatehouse/x509';
import { extensionsOf, ownerName, subjectOf } from '../certificates/profiles.ts';
import type { ProfileSettings } from '../types.ts';

export interface TrialSettings {
  /** The organisation in our certificates. */
  organization: string;
  /** Names of our own listeners. */
  names: readonly string[];
  profiles: Readonly<Record<string, ProfileSettings>>;
  /** The trust domain in the names of the owners of client certificates. */
  trustDomain: string;
}

export interface TrialKind {
  /** In words. */
  what: string;
  profile: CertificateProfile;
  purposes: readonly KeyPurpose[];
  /** Never empty. */
  candidates: readonly TrialNames[];
}

export interface TrialNames {
  /** A common name, if a name is short enough. */
  subject: { commonName?: string };
  subjectAltNames: readonly GeneralName[];
  /** The names by which a client may reach the server. */
  servers: readonly string[];
}

/** The names of users and services. */
const OWNER = 'trial';

export function trialKinds(trial: TrialSettings): TrialKind[] {
  const { names, profiles } = trial;
  const listeners: TrialKind = {
    what: 'the certificate of our own listeners',
    profile: serverProfile(),
    purposes: ['serverAuth'],
    candidates: [namesOf(names, trial)],
  };
  return [listeners, ...Object.entries(profiles).map(([name, profile]) => kindOf(name, profile, trial))];
}

function kindOf(name: string, settings: ProfileSettings, trial: TrialSettings): TrialKind {
  const isForServers = settings.purposes.includes('server');
  const isForClients = settings.purposes.includes('client');
  const owner = isForClients ? OWNER : undefined;
  const candidates = isForServers
    ? certifiable(settings.names, trial.names).map((server) => namesOf([server], trial, owner))
    : certifiable(settings.names, [OWNER]).map((client) => namesOf([], trial, client));
  return {
    what: `a certificate of profile ${name}`,
    profile: extensionsOf(settings, {}),
    purposes: settings.purposes.map((purpose) => (purpose === 'server' ? 'serverAuth' : 'clientAuth')),
    candidates,
  };
}

/** One name for each rule of a profile; `free` if the profile has no rules. */
function certifiable(rules: readonly string[], free: readonly string[]): readonly string[] {
  if (rules.length === 0) return free;
  return rules.map((rule) => (rule.startsWith('*.') ? OWNER + rule.slice(1) : (rule.split('/')[0] ?? rule)));
}

function namesOf(
  servers: readonly string[],
  { trustDomain }: Pick<TrialSettings, 'trustDomain'>,
  owner?: string,
): TrialNames {
  // Name constraints apply only to the trust domain (RFC 5280 §4.2.1.10).
  const owned = owner === undefined ? [] : [ownerName({ kind: 'service', name: OWNER }, trustDomain)];
  return {
    subject: subjectOf([...(owner === undefined ? [] : [owner]), ...servers]),
    subjectAltNames: [...servers.map(parseSubjectName), ...owned],
    servers,
  };
}
