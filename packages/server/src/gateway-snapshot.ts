// Builds the snapshot that the gateway's workers act on, from what the capabilities have committed.
import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import type { Capabilities } from './capabilities.ts';
import type { Config } from './config.ts';
import type { GatewaySnapshot } from './gateway/index.ts';
import { assertionKeySet, resolveRoutes, sampleRoutes } from './gateway/index.ts';
import type { Places } from './places.ts';
import type { Route } from './platform/http/route.ts';
import { json } from './platform/http/route.ts';
import type { KeyStore } from './platform/key-store.ts';

export interface SnapshotSources {
  config: Config;
  capabilities: Capabilities;
  places: Places;
  assertionKey: AssertionKey;
  /** The origin of the sample services, where they run. */
  samples: string | undefined;
}

/** Makes snapshots, each with a higher version than the one before. Throws `config_invalid` for routes that lead nowhere. */
export function createSnapshots({ config, capabilities, places, assertionKey, samples }: SnapshotSources) {
  const { upstreams, maxBodyBytes, clientCertificates } = config.gateway;
  const upstream = config.gateway.upstream ?? samples;
  const configured = samples === undefined ? config.gateway.routes : sampleRoutes;
  const routing = resolveRoutes(configured, { upstream, upstreams, maxBodyBytes, clientCertificates });
  const { privateKey, kid } = assertionKey;
  const issuer = places.control.url;
  let version = 0;
  return async (): Promise<GatewaySnapshot> => {
    version += 1;
    const { clientRoots, clientIssuers: issuers, revoked } = await capabilities.ca.trust();
    return {
      version,
      ...routing,
      assertion: { privateKey, kid, issuer },
      identity: await capabilities.identity.snapshot({ issuer, audience: places.gateway.url }),
      tls: { ...capabilities.ca.serverCertificate().identity, clientRoots },
      clients: { issuers, revoked },
    };
  };
}

/** Without any upstream the sample services stand in. Upstreams that no route leads to are a mistake, and no reason for samples. */
export function wantsSamples({ gateway }: Config): boolean {
  const named = Object.keys(gateway.upstreams).length > 0;
  return gateway.upstream === undefined && gateway.routes.length === 0 && !named;
}

export interface AssertionKey {
  /** PKCS#8 PEM. */
  privateKey: string;
  kid: string;
  jwks: { keys: JWK[] };
}

/** The key under which requests to upstreams are signed, made on first start. */
export async function openAssertionKey(keyStore: KeyStore): Promise<AssertionKey> {
  const pem = await keyStore.loadOrCreate('gateway/assertion-key', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  });
  const privateKey = Buffer.from(pem).toString('utf8');
  return { privateKey, ...(await assertionKeySet(privateKey)) };
}

/** Where upstreams find the keys that verify `Gatehouse-Assertion`. */
export function assertionKeysRoute({ jwks }: AssertionKey): Route {
  return {
    method: 'GET',
    path: '/.well-known/gatehouse-assertion-jwks.json',
    permission: 'public',
    handle: () => json(jwks),
  };
}
