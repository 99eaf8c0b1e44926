// The metadata of a provider (OpenID Connect Discovery 1.0). The server fetches it at the first use, and
// again after an hour. After a failure, it waits a few seconds. If the provider does not answer, the old
// metadata is used for up to a day.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { FetchImplementation, JWTVerifyGetKey } from 'jose';
import type { ClientAuth, Configuration, CustomFetch } from 'openid-client';
import type { Log } from '../../platform/log/log.ts';
import type { ProviderSettings } from './provider-settings.ts';

export interface Discovered {
  /** For openid-client. */
  configuration: Configuration;
  /** The keys of the provider, for tokens that openid-client does not verify. */
  keys: JWTVerifyGetKey;
}

export interface DiscoveryDeps {
  clock: Clock;
  log: Pick<Log, 'event'>;
  fetch: CustomFetch;
  /** Undefined for a public client. */
  secret(): string | undefined;
}

export type DiscoverySettings = Pick<
  ProviderSettings,
  'name' | 'title' | 'issuer' | 'clientId' | 'clientAuthentication'
>;

const FRESH_MS = 3600_000;
const USABLE_MS = 24 * FRESH_MS;
const PAUSE_MS = 5000;
const TIMEOUT_SECONDS = 10;
const KEYS_COOLDOWN_MS = 30_000;
const NEEDED = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const;

/** The function throws `provider_unavailable`. */
export function createDiscovery(deps: DiscoveryDeps, settings: DiscoverySettings): () => Promise<Discovered> {
  const { clock, log } = deps;
  let known: (Discovered & { at: number }) | undefined;
  let failed: { error: GatehouseError; at: number } | undefined;
  let asking: Promise<Discovered> | undefined;

  const isWithin = (since: { at: number } | undefined, ms: number) =>
    since !== undefined && clock.now() - since.at < ms;

  async function ask(): Promise<Discovered> {
    try {
      known = { ...(await discover(deps, settings)), at: clock.now() };
      failed = undefined;
      return known;
    } catch (cause) {
      const reason = reasonOf(cause);
      log.event('identity.provider_failed', { provider: settings.name, reason });
      failed = { error: unavailable(settings, cause), at: clock.now() };
      if (known && isWithin(known, USABLE_MS)) return known;
      throw failed.error;
    }
  }

  return async () => {
    if (known && isWithin(known, FRESH_MS)) return known;
    if (failed && isWithin(failed, PAUSE_MS)) {
      if (known && isWithin(known, USABLE_MS)) return known;
      throw failed.error;
    }
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}

/** The message for people. The reason is in the log. */
export function unavailable(
  { name, title = name }: Pick<ProviderSettings, 'name' | 'title'>,
  cause: unknown,
): GatehouseError {
  return new GatehouseError(
    'provider_unavailable',
    `${title} does not answer correctly: sign in in another way, or try again later.`,
    { cause },
  );
}

/** The messages of an error and of its cause. */
export function reasonOf(error: unknown): string {
  const words: string[] = [];
  for (let each = error; each instanceof Error && words.length < MOST_CAUSES; each = each.cause) {
    words.push(each.message);
  }
  return words.join(': ') || String(error);
}

const MOST_CAUSES = 4;

async function discover(deps: DiscoveryDeps, settings: DiscoverySettings): Promise<Discovered> {
  const client = await import('openid-client');
  const authenticate = await authenticationOf(deps, settings);
  const configuration = await client.discovery(
    new URL(settings.issuer),
    settings.clientId,
    {},
    authenticate,
    {
      // Signatures of ID tokens are verified, although TLS already protects them (OpenID Connect Core
      // §3.1.3.7).
      execute: [client.enableNonRepudiationChecks],
      timeout: TIMEOUT_SECONDS,
      [client.customFetch]: deps.fetch,
    },
  );
  const metadata = configuration.serverMetadata();
  // Otherwise openid-client would accept the tokens of any tenant.
  if (metadata.issuer.includes('{')) throw new Error(`its issuer is ${metadata.issuer}: name one tenant`);
  const flaw = NEEDED.find((member) => URL.parse(String(metadata[member]))?.protocol !== 'https:');
  if (flaw !== undefined) throw new Error(`its metadata has no ${flaw} with https`);
  return { configuration, keys: await keysAt(String(metadata.jwks_uri), deps.fetch) };
}

/** The secret is read for each request, so that a new one needs no restart. */
async function authenticationOf(
  { secret }: DiscoveryDeps,
  { clientAuthentication }: DiscoverySettings,
): Promise<ClientAuth> {
  const { ClientSecretBasic, ClientSecretPost, None } = await import('openid-client');
  const withSecret = clientAuthentication === 'basic' ? ClientSecretBasic : ClientSecretPost;
  return (...request) => {
    const text = secret();
    return (text === undefined ? None() : withSecret(text))(...request);
  };
}

async function keysAt(url: string, fetch: CustomFetch): Promise<JWTVerifyGetKey> {
  const { createRemoteJWKSet, customFetch } = await import('jose');
  const fetchKeys: FetchImplementation = (from, { headers, signal }) =>
    fetch(from, {
      method: 'GET',
      headers: Object.fromEntries(new Headers(headers)),
      redirect: 'manual',
      body: undefined,
      signal,
    });
  return createRemoteJWKSet(new URL(url), {
    cooldownDuration: KEYS_COOLDOWN_MS,
    timeoutDuration: TIMEOUT_SECONDS * 1000,
    [customFetch]: fetchKeys,
  });
}
