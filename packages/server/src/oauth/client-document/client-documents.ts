// Clients whose id is the URL of a document about them (draft-ietf-oauth-client-id-metadata-document). Such a
// client becomes a row like every other. It can be used at once if the setting approves its URL. Otherwise it
// waits for an administrator, like clients that register themselves. When the client is used and its document
// is no longer fresh, the server fetches the document again and updates the row.
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@gatehouse/access';
import { base32, GatehouseError } from '@gatehouse/access';
import { addressShareOf } from '../../platform/limits/address-share.ts';
import { createTokenBuckets } from '../../platform/limits/token-buckets.ts';
import type { Database } from '../../platform/store/database.ts';
import type { Clients } from '../client/clients.ts';
import type { KnownClient, KnownClients } from '../client/known-clients.ts';
import { MOST_WAITING } from '../client/registration.ts';
import { SYSTEM } from '../events.ts';
import type { ClientMetadata } from '../store/rows.ts';
import type { OauthStore } from '../store/store.ts';
import { DocumentError } from './destinations.ts';
import type { ApprovedUrls } from './document-url.ts';
import { documentUrl } from './document-url.ts';
import type { FetchJson } from './fetch-json.ts';
import { readDocument, readKeys } from './read-document.ts';

export interface ClientDocuments {
  /**
   * The client with this id, which may be waiting or disabled. Undefined for an id that is no URL. `address`:
   * the address of the peer. Rejects with `DocumentError` if the document cannot be used.
   */
  find(id: string, address: string): Promise<KnownClient | undefined>;
}

export interface ClientDocumentsDeps {
  database: Database;
  store: OauthStore;
  clients: Clients;
  knownClients: KnownClients;
  clock: Clock;
  fetchJson: FetchJson;
  approved: ApprovedUrls;
}

/** How many documents of unapproved URLs each client address may cause the server to fetch. */
const UNKNOWN_RATE = { atOnce: 20, perHour: 60, keys: 10_000 };
const MOST_FETCHES = 16;
const MOST_FRESH = 10_000;

export function createClientDocuments(deps: ClientDocumentsDeps): ClientDocuments {
  const { knownClients, clients, clock, approved, fetchJson } = deps;
  const unknown = createTokenBuckets(UNKNOWN_RATE, clock);
  /** The time until which each document is fresh. */
  const fresh = new Map<string, number>();
  const fetching = new Map<string, Promise<void>>();

  async function fetched(url: URL): Promise<ClientMetadata> {
    const { json, freshSeconds } = await fetchJson(url);
    const { metadata, keysUrl } = readDocument(json, url);
    const keys = metadata.authMethod === 'private_key_jwt' && keysUrl ? await keysAt(keysUrl) : metadata.keys;
    if (fresh.size >= MOST_FRESH) fresh.clear();
    fresh.set(url.href, clock.now() + freshSeconds * 1000);
    return { ...metadata, keys };
  }

  async function keysAt(text: string) {
    const url = URL.parse(text);
    if (!url) throw new DocumentError('its jwks_uri is not a URL');
    return readKeys((await fetchJson(url)).json);
  }

  /** Updates the row from the document. */
  async function follow(url: URL, known: KnownClient | undefined, address: string): Promise<void> {
    const isApproved = approved.has(url);
    if (!known && !isApproved) await requireRoom(deps);
    const metadata = await fetched(url).catch((error: unknown) => {
      fresh.delete(url.href);
      throw error;
    });
    if (!known) {
      const name = `${url.hostname.slice(0, 40)}-${base32(randomBytes(5))}`;
      const state = isApproved ? 'active' : 'waiting';
      await clients.create(
        { id: url.href, name, metadata, state },
        { kind: 'anonymous', name: 'anonymous', address },
      );
      return;
    }
    const { client } = known;
    if (!isDeepStrictEqual(client.metadata, metadata)) await clients.change(url.href, metadata, SYSTEM);
    if (client.state === 'waiting' && isApproved) await clients.setState(url.href, 'active', SYSTEM);
  }

  /** All requests that wait for a document share one fetch. */
  function followOnce(url: URL, known: KnownClient | undefined, address: string): Promise<void> {
    const running = fetching.get(url.href);
    if (running) return running;
    if (!known && !approved.has(url) && unknown.take(addressShareOf(address)) > 0) {
      throw new DocumentError('too many documents were fetched for this address: try again later');
    }
    if (fetching.size >= MOST_FETCHES)
      throw new DocumentError('too many documents are being fetched: try again');
    const started = follow(url, known, address)
      .catch((error: unknown) => Promise.reject(asDocumentError(error)))
      .finally(() => fetching.delete(url.href));
    fetching.set(url.href, started);
    return started;
  }

  /**
   * The document of a client that waits for an administrator, or that an administrator disabled, is not
   * fetched again.
   */
  function isFresh(url: URL, { client }: KnownClient): boolean {
    if (client.state === 'disabled') return true;
    if (client.state === 'waiting') return !approved.has(url);
    return (fresh.get(url.href) ?? 0) > clock.now();
  }

  return {
    async find(id, address) {
      const url = documentUrl(id);
      if (!url) return undefined;
      const known = await knownClients.find(id);
      if (known && isFresh(url, known)) return known;
      await followOnce(url, known, address);
      return knownClients.find(id);
    },
  };
}

/** The rules for all clients apply to documents, too. */
function asDocumentError(error: unknown): unknown {
  const isUnfit = error instanceof GatehouseError && error.code === 'unprocessable';
  return isUnfit ? new DocumentError(error.message.replace(/\.$/, ''), { cause: error }) : error;
}

async function requireRoom({ database, store }: ClientDocumentsDeps): Promise<void> {
  if ((await store.countClients(database.read, 'waiting')) < MOST_WAITING) return;
  throw new DocumentError('too many clients wait for approval: try again later');
}
