// The keys of gateways: fetched when they are first needed, verified, and used until they end.
import type { HpkeSuite, KeyConfiguration } from '@gatehouse/protocol';
import {
  KEYS_MEDIA_TYPE,
  ProtocolError,
  readSignedConfiguration,
  SEALED_REQUESTS_PATH,
  usableConfigurations,
} from '@gatehouse/protocol';
import { waitFor } from '../http/deadline.ts';
import type { HttpRequest, Next } from '../http/middleware.ts';
import { discard } from '../http/response.ts';
import { untrusted } from './errors.ts';
import type { SealSigner, SealTrust } from './signer.ts';
import { requireSigner } from './signer.ts';

export interface SealTarget {
  configuration: KeyConfiguration;
  suite: HpkeSuite;
}

export interface GatewayKeys {
  /** The best key of the gateway. Requests that need it at the same time wait for one answer. */
  of(gateway: URL, request: HttpRequest, next: Next): Promise<SealTarget>;
  /** The gateway no longer accepts the key. */
  forget(gateway: URL): void;
}

export interface GatewayKeysOptions {
  trust: SealTrust;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The signer and epoch last seen of each gateway, by origin. */
  seen: Map<string, SealSigner>;
  onSigner?: ((signer: SealSigner, gateway: URL) => unknown) | undefined;
}

interface Known {
  target: SealTarget;
  expiresAt: number;
}

const MAX_KEYS_BYTES = 65_536;

export function createGatewayKeys({ trust, now, seen, onSigner }: GatewayKeysOptions): GatewayKeys {
  const known = new Map<string, Promise<Known>>();

  async function fetchKeys(gateway: URL, request: HttpRequest, next: Next): Promise<Known> {
    const url = new URL(SEALED_REQUESTS_PATH, gateway);
    const headers = new Headers({ accept: KEYS_MEDIA_TYPE });
    const asked = { ...request, method: 'GET', url, first: url, headers, content: null, secrets: [] };
    const { signal } = new AbortController(); // others wait for the keys, too
    const response = await next({ ...asked, replayable: true, signal, onProgress: undefined });
    if (response.status !== 200) {
      await discard(response);
      throw untrusted(`${url.origin} offers none (status ${response.status})`);
    }
    const octets = new Uint8Array(await response.arrayBuffer());
    if (octets.length > MAX_KEYS_BYTES) throw untrusted('there are too many');
    const field = (name: string) => response.headers.get(name);
    const signed = await verified(() =>
      readSignedConfiguration({ field, octets, authority: url.host }, now()),
    );
    const signer = await requireSigner(signed, {
      trust,
      gateway,
      seen: seen.get(gateway.origin),
      now: now(),
    });
    await onSigner?.(signer, gateway);
    seen.set(gateway.origin, signer);
    const [target] = usableConfigurations(signed.configurations);
    if (!target) throw untrusted('none of them is of a kind that this client knows');
    return { target, expiresAt: signed.expiresAt * 1000 };
  }

  return {
    async of(gateway, request, next) {
      const { origin } = gateway;
      const held = await waitFor(Promise.resolve(known.get(origin)), request.signal);
      if (held && held.expiresAt > now()) return held.target;
      const fetched = fetchKeys(gateway, request, next);
      known.set(origin, fetched);
      fetched.catch(() => {
        if (known.get(origin) === fetched) known.delete(origin);
      });
      return (await waitFor(fetched, request.signal)).target;
    },
    forget: ({ origin }) => void known.delete(origin),
  };
}

async function verified<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProtocolError) throw untrusted(error.message, error);
    throw error;
  }
}
