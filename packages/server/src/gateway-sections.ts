// The sections that come from the configuration and from our own keys: routes, policy and trust. Capabilities
// have their own sections.
import type { AssertionSource, GatewayRoute, SectionName, TokenTrust, UpstreamTls } from '@gatehouse/access';
import { ASSERTION_SECONDS, SECTION_NAMES } from '@gatehouse/access';
import { z } from 'zod';
import type { Capabilities } from './capabilities.ts';
import type { Config } from './config.ts';
import type { Foundation } from './foundation.ts';
import type { WatchedUpstreamTls } from './gateway/index.ts';
import { readSystemRoots, resolveRoutes, sampleRoutes, watchUpstreamTls } from './gateway/index.ts';
import type { SigningKeys } from './keyring/index.ts';
import { isKeyringEvent } from './keyring/index.ts';
import type { Places } from './places.ts';
import type { Feed, Section } from './platform/feed.ts';
import { json } from './platform/http/answer.ts';
import type { Route } from './platform/http/route.ts';
import { route } from './platform/http/route.ts';
import { createDerivedSection, createOwnSection } from './platform/section.ts';

export interface SectionSources {
  config: Config;
  capabilities: Capabilities;
  places: Places;
  assertionKeys: SigningKeys;
  /** The origin of the sample services, if they run. */
  samples: string | undefined;
  foundation: Foundation;
  /** Why the running workers cannot use keys of these types; undefined if they can. */
  obstacle(keyTypes: readonly string[]): string | undefined;
}

export interface GatewayParts {
  routes: readonly GatewayRoute[];
  upstreamTls: WatchedUpstreamTls;
}

/**
 * Adds the sections to the feed. Throws `config_invalid` for routes without an upstream, and for files of
 * upstreams that cannot be used.
 */
export async function addGatewaySections(sources: SectionSources): Promise<GatewayParts> {
  const { feed } = sources.foundation;
  const { config, samples } = sources;
  const { upstreams, maxBodyBytes, clientCertificates } = config.gateway;
  const upstream = config.gateway.upstream ?? samples;
  const configured = samples === undefined ? config.gateway.routes : sampleRoutes;
  const routing = resolveRoutes(configured, { upstream, upstreams, maxBodyBytes, clientCertificates });
  await feed.addSection(
    createOwnSection(
      'routes',
      routing.routes.map((route) => [route.id, route]),
    ),
  );
  await feed.addSection(createOwnSection('policy', routing.rules));
  await feed.addSection(trustSection(sources));
  return { routes: routing.routes, upstreamTls: await addUpstreamSection(sources, routing.routes) };
}

/** Whose tokens are accepted, and how assertions are signed. Changes with the keyring. */
function trustSection({ capabilities, places, assertionKeys }: SectionSources): Section {
  const issuer = places.control.url;
  return createDerivedSection<TokenTrust | AssertionSource>({
    name: 'trust',
    touches: isKeyringEvent,
    entries() {
      const { kid, privateKey } = assertionKeys.current;
      const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
      return [
        ['tokens', capabilities.identity.trust({ issuer, audience: places.gateway.url })],
        ['assertion', { privateKey: pem, kid, issuer }],
      ];
    },
  });
}

/** Our own roots are part of the section, so it changes with the hierarchy. */
async function addUpstreamSection(
  { config, capabilities, foundation, obstacle }: SectionSources,
  routes: readonly GatewayRoute[],
): Promise<WatchedUpstreamTls> {
  const { feed, clock, log } = foundation;
  const deps = {
    clock,
    log,
    ownRoots: capabilities.ca.roots,
    systemRoots: () => readSystemRoots(log),
    obstacle,
    changed: () => feed.alter(() => section.refresh()),
  };
  const upstreamTls = watchUpstreamTls(deps, { upstreams: config.gateway.upstreams, routes });
  const section = createDerivedSection<UpstreamTls>({
    name: 'upstreams',
    touches: upstreamTls.isStale,
    entries: upstreamTls.entries,
  });
  await feed.addSection(section);
  return upstreamTls;
}

/** The sections for the gateway's workers, in their order. */
export function gatewaySections(feed: Feed): Section[] {
  return SECTION_NAMES.flatMap((name: SectionName) =>
    feed.sections.filter((section) => section.name === name),
  );
}

/**
 * Without any upstream, the sample services replace it. An upstream that no route uses is a mistake, but no
 * reason to start the samples.
 */
export function wantsSamples({ gateway }: Config): boolean {
  const named = Object.keys(gateway.upstreams).length > 0;
  return gateway.upstream === undefined && gateway.routes.length === 0 && !named;
}

/** The keys that sign what upstreams are told about callers. The first start creates the first one. */
export function openAssertionKeys({ keyring }: Capabilities): Promise<SigningKeys> {
  const firstSecret = 'gateway/assertion-key';
  return keyring.use({ name: 'assertion', firstSecret, lifetimeSeconds: ASSERTION_SECONDS });
}

/** Serves the keys with which upstreams verify `Gatehouse-Assertion`. */
export function assertionKeysRoute(keys: SigningKeys): Route {
  return route({
    name: 'readAssertionKeys',
    method: 'GET',
    path: '/.well-known/gatehouse-assertion-jwks.json',
    permission: 'public',
    summary: 'Read the keys that verify Gatehouse-Assertion at an upstream (RFC 7517)',
    answers: { 200: z.object({ keys: z.array(z.looseObject({})) }) },
    handle: () => json(keys.keySet),
  });
}
