// The data for a worker's decisions: sections, each a keyed map that committed changes advance. The control
// plane has the originals. A worker has copies and needs nothing else.
import type { AssertionSource } from '../admission/assertion.ts';
import type { AnswerSigningSource } from '../admission/signed-answer.ts';
import type { TokenTrust } from '../credentials/access-token.ts';
import type { SectionPolicy } from '../policy/section-policy.ts';
import type { Principals } from '../principals/principals.ts';
import type { GatewayRoute } from '../routes/route-table.ts';
import type { DigestTrust } from '../ways-in/digest.ts';
import type { DpopTrust } from '../ways-in/dpop.ts';
import type { ClientTrust } from '../ways-in/mtls.ts';
import type { SignatureTrust } from '../ways-in/signature.ts';
import type { ChannelSource } from './channel-source.ts';
import type { RunningSettings } from './running-settings.ts';
import type { Sealing } from './sealing.ts';
import type { ChallengeIdentity, NamedIdentity, ServerIdentity } from './server-identity.ts';
import type { UpstreamTls } from './upstream-tls.ts';

/** All sections, by name. */
export interface GatewaySections extends Principals, ClientTrust {
  /** By id. */
  routes: ReadonlyMap<string, GatewayRoute>;
  /** The policies, by their ids: those of the rules of routes, and those that were applied. */
  policies: ReadonlyMap<string, SectionPolicy>;
  /** For each role, all roles that it includes. */
  roles: ReadonlyMap<string, readonly string[]>;
  /**
   * `tokens`: the issuers of accepted tokens. `assertion`: how requests to upstreams are signed. `digest`:
   * how Digest is offered. `dpop`: which DPoP proofs are accepted. `signatures`: which signed requests are
   * accepted. `answers`: how answers are signed.
   */
  trust: ReadonlyMap<string, Trust>;
  /** By name: the TLS settings of upstreams. */
  upstreams: ReadonlyMap<string, UpstreamTls>;
  /** `default`: how routes open channels; empty if no route does. */
  channels: ReadonlyMap<string, ChannelSource>;
  /** `default`: the settings that can change while a process runs. */
  settings: ReadonlyMap<string, RunningSettings>;
  /** `default`: how sealed requests are opened. Empty: not at all. */
  sealing: ReadonlyMap<string, Sealing>;
  /** The certificates of the listener: `default`, and others for their names. */
  tls: ReadonlyMap<string, ServerIdentity | NamedIdentity | ChallengeIdentity>;
}

/** A value of the section `trust`. */
export type Trust =
  | TokenTrust
  | AssertionSource
  | DigestTrust
  | DpopTrust
  | SignatureTrust
  | AnswerSigningSource;

/** The name of a section. */
export type SectionName = keyof GatewaySections;

/**
 * In the order in which a worker receives them.
 * @example
 * const inOrder = SECTION_NAMES.flatMap((name) => feed.sections.filter((section) => section.name === name));
 */
export const SECTION_NAMES: readonly SectionName[] = [
  'users',
  'keys',
  'services',
  'digests',
  'clients',
  'revocations',
  'sessions',
  'endedSignIns',
  'certificates',
  'issuers',
  'trust',
  'policies',
  'roles',
  'upstreams',
  'channels',
  'routes',
  'settings',
  'sealing',
  'tls',
];

/**
 * The issuers and audiences of accepted tokens. Throws `TypeError` if the section has not arrived.
 * @example
 * const { issuer } = tokenTrust(copies.sections);
 */
export function tokenTrust({ trust }: Pick<GatewaySections, 'trust'>): TokenTrust {
  return required(trust, 'tokens') as TokenTrust;
}

export function digestTrust({ trust }: Pick<GatewaySections, 'trust'>): DigestTrust {
  return required(trust, 'digest') as DigestTrust;
}

export function dpopTrust({ trust }: Pick<GatewaySections, 'trust'>): DpopTrust {
  return required(trust, 'dpop') as DpopTrust;
}

export function signatureTrust({ trust }: Pick<GatewaySections, 'trust'>): SignatureTrust {
  return required(trust, 'signatures') as SignatureTrust;
}

export function answerSigningSource({ trust }: Pick<GatewaySections, 'trust'>): AnswerSigningSource {
  return required(trust, 'answers') as AnswerSigningSource;
}

export function assertionSource({ trust }: Pick<GatewaySections, 'trust'>): AssertionSource {
  return required(trust, 'assertion') as AssertionSource;
}

/**
 * The settings in force. Throws `TypeError` if the section has not arrived.
 * @example
 * const { timeouts } = runningSettings(copies.sections);
 */
export function runningSettings({ settings }: Pick<GatewaySections, 'settings'>): RunningSettings {
  return required(settings, 'default');
}

/**
 * The identity for clients that name no host, or an unknown one. Throws `TypeError` if the
 * section has not arrived.
 * @example
 * gateway.present(listenerIdentity(copies.sections));
 */
export function listenerIdentity({ tls }: Pick<GatewaySections, 'tls'>): ServerIdentity {
  return required(tls, 'default') as ServerIdentity;
}

/**
 * The identities for clients that name one of these hosts. If two have the same name, the first one is used.
 * @example
 * const identities = [listenerIdentity(sections), ...namedIdentities(sections)];
 */
export function namedIdentities({ tls }: Pick<GatewaySections, 'tls'>): NamedIdentity[] {
  return [...tls]
    .toSorted(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }))
    .flatMap(([, identity]) => ('names' in identity && !('protocol' in identity) ? [identity] : []));
}

/**
 * The identities for ACME servers that validate one of these hosts.
 * @example
 * const challenges = challengeIdentities(copies.sections);
 */
export function challengeIdentities({ tls }: Pick<GatewaySections, 'tls'>): ChallengeIdentity[] {
  return [...tls.values()].filter((identity) => 'protocol' in identity);
}

function required<V>(section: ReadonlyMap<string, V>, key: string): V {
  const value = section.get(key);
  if (value === undefined) throw new TypeError(`the section has no ${key}`);
  return value;
}
