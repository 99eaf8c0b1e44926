// The sections that come from the configuration and from our own keys: routes, policy, limits, upstreams,
// certificates from files, and trust. A new plan replaces all of them in one change. Capabilities have their
// own sections.
import type { KeyObject } from 'node:crypto';
import type {
  AnswerSigningSource,
  ChallengeIdentity,
  GatewayRoute,
  NamedIdentity,
  SectionName,
  SectionPolicy,
  Trust,
  UpstreamTls,
} from '@gatehouse/access';
import { protectedResource, SECTION_NAMES } from '@gatehouse/access';
import type { ListenerCertificates } from '../acme-client/index.ts';
import { isPolicyEvent } from '../authz/index.ts';
import type { Capabilities } from '../capabilities.ts';
import type { Foundation } from '../foundation.ts';
import type { SigningKeys } from '../keyring/index.ts';
import { isKeyringEvent } from '../keyring/index.ts';
import type { Places } from '../places.ts';
import type { Feed, Section } from '../platform/feed/feed.ts';
import { createDerivedSection, createOwnSection } from '../platform/feed/section.ts';
import type { Job } from '../platform/jobs/jobs.ts';
import type { OnceTrust } from '../ways-in/once-trust.ts';
import type { GatewayPlan } from './gateway-plan.ts';

export interface SectionSources {
  capabilities: Capabilities;
  places: Places;
  assertionKeys: SigningKeys;
  /** The keys that sign answers. */
  answerKeys: SigningKeys;
  /** Certificates from ACME directories. */
  ordered: Pick<ListenerCertificates, 'entries' | 'use'>;
  trust: Pick<OnceTrust, 'current'>;
  foundation: Pick<Foundation, 'feed'>;
}

/** The plan in force at the workers. */
export interface ServedPlan {
  readonly current: GatewayPlan;
  /**
   * Resolves when every worker serves the plan. If a worker refuses it, the previous plan is in force again,
   * and this rejects.
   */
  replace(plan: GatewayPlan): Promise<void>;
  /** Gives the workers a new key for nonces. */
  trustChanged(): Promise<void>;
  /** Gives the changed files of upstreams to the workers. */
  upstreamsChanged(): Promise<void>;
  /** Lets the workers present a certificate whose files have changed, if `plan` is still in force. */
  present(plan: GatewayPlan, entry: readonly [key: string, identity: NamedIdentity]): Promise<void>;
  /** Lets the workers present a certificate of an ACME directory, if the plan in force still has it. */
  presentOrdered(key: string, identity: NamedIdentity): Promise<void>;
  /** Starts or stops the answers of the workers to a challenge of tls-alpn-01 for this name. */
  presentChallenge(name: string, identity: ChallengeIdentity | undefined): Promise<void>;
  /** The jobs that check the files of the plan in force for changes. */
  watches: readonly Job[];
}

/** Adds the sections to the feed, with the values of the first plan. */
export async function addGatewaySections(sources: SectionSources, first: GatewayPlan): Promise<ServedPlan> {
  const { feed } = sources.foundation;
  const { tls } = sources.capabilities.ca.sections;
  let plan = first;
  const settings = createOwnSection('settings', settingsOf(plan));
  const policies = createDerivedSection<SectionPolicy>({
    name: 'policies',
    touches: isPolicyEvent,
    entries: () => [...plan.policies, ...sources.capabilities.authz.applied.current.compiled],
  });
  const roles = createOwnSection('roles', plan.roles);
  const routes = createOwnSection('routes', routesOf(plan, sources.places));
  const upstreams = createDerivedSection<UpstreamTls>({
    name: 'upstreams',
    touches: () => plan.upstreamTls.isStale(),
    entries: () => plan.upstreamTls.entries(),
  });
  const trust = trustSection(sources);
  for (const section of [settings, routes, policies, roles, trust, upstreams]) {
    await feed.addSection(section);
  }
  await openChannels(plan);
  await feed.alter(() => putCertificates([], plan));
  sources.ordered.use(plan.config.gateway.acme);

  /** The value until a route needs it. */
  async function openChannels({ routes: planned }: GatewayPlan): Promise<void> {
    if (planned.some(({ channel }) => channel)) await sources.capabilities.channel.serve();
  }

  /** The certificates from files and from ACME directories. */
  function certificatesOf({ certificates, config }: GatewayPlan) {
    return [...certificates.entries(), ...sources.ordered.entries(config.gateway.acme)];
  }

  function putCertificates(gone: Iterable<string>, next: GatewayPlan): void {
    for (const key of gone) tls.remove(key);
    for (const [key, identity] of certificatesOf(next)) tls.put(key, identity);
  }

  async function alterTls(change: () => void): Promise<void> {
    try {
      await feed.alter(change);
    } catch (error) {
      tls.markChanged();
      throw error;
    }
  }

  function use(next: GatewayPlan): void {
    const gone = certificatesOf(plan).map(([key]) => key);
    plan = next;
    settings.replace(settingsOf(plan));
    policies.refresh();
    roles.replace(plan.roles);
    routes.replace(routesOf(plan, sources.places));
    upstreams.refresh();
    putCertificates(gone, plan);
  }

  return {
    get current() {
      return plan;
    },
    async replace(next) {
      const before = plan;
      try {
        await openChannels(next);
        await feed.alter(() => use(next));
        sources.ordered.use(next.config.gateway.acme);
      } catch (error) {
        await feed.alter(() => {
          use(before);
          for (const section of [settings, policies, roles, routes, tls]) section.markChanged();
        });
        throw error;
      }
    },
    trustChanged: () => feed.alter(() => trust.refresh()),
    upstreamsChanged: () => feed.alter(() => upstreams.refresh()),
    async present(from, [key, identity]) {
      if (from === plan) await alterTls(() => tls.put(key, identity));
    },
    presentOrdered: (key, identity) =>
      alterTls(() => {
        const isWanted = sources.ordered.entries(plan.config.gateway.acme).some(([wanted]) => wanted === key);
        if (isWanted) tls.put(key, identity);
      }),
    presentChallenge: (name, identity) =>
      alterTls(() => {
        if (identity) tls.put(`acme-challenge.${name}`, identity);
        else tls.remove(`acme-challenge.${name}`);
      }),
    watches: [watching((each) => each.certificates.watch), watching((each) => each.upstreamTls.watch)],
  };

  /** Runs a job of the plan that is in force at that time. */
  function watching(jobOf: (plan: GatewayPlan) => Job): Job {
    return { ...jobOf(first), run: () => jobOf(plan).run() };
  }
}

function settingsOf({ running }: GatewayPlan) {
  return [['default', running]] as const;
}

function routesOf({ routes, resources }: GatewayPlan, { gateway, control }: Places) {
  return routes.map((route): [string, GatewayRoute] => {
    const described = resources.get(route.id);
    if (!described) return [route.id, route];
    const { path } = route;
    const urls = { gateway: gateway.url, issuer: control.url };
    return [route.id, { ...route, resource: protectedResource({ path, ...urls, ...described }) }];
  });
}

/**
 * The trusted issuers of tokens and signatures, and the keys that sign assertions and answers. Changes with
 * the keyring.
 */
function trustSection(sources: SectionSources) {
  const { capabilities, places, assertionKeys, answerKeys } = sources;
  const issuer = places.control.url;
  return createDerivedSection<Trust>({
    name: 'trust',
    touches: isKeyringEvent,
    entries() {
      const { kid, privateKey } = assertionKeys.current;
      const { digest, dpop, signatures } = sources.trust.current;
      return [
        ['tokens', capabilities.identity.trust({ issuer, audience: places.gateway.url })],
        ['assertion', { privateKey: pemOf(privateKey), kid, issuer }],
        ['digest', digest],
        ['dpop', dpop],
        ['signatures', signatures],
        ['answers', answerSource(answerKeys)],
      ];
    },
  });
}

function answerSource({ current, keySet }: SigningKeys): AnswerSigningSource {
  return {
    privateKey: pemOf(current.privateKey),
    kid: current.kid,
    keySet: JSON.stringify(keySet),
  };
}

function pemOf(key: KeyObject): string {
  return String(key.export({ type: 'pkcs8', format: 'pem' }));
}

/** The sections for the gateway's workers, in their order. */
export function gatewaySections(feed: Feed): Section[] {
  return SECTION_NAMES.flatMap((name: SectionName) =>
    feed.sections.filter((section) => section.name === name),
  );
}
