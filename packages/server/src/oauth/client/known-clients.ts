// Clients and their secrets in memory, and the authentication of a client by its secret.
import type { Clock } from '@gatehouse/access';
import type { ProjectedCache } from '../../platform/feed/projected-cache.ts';
import { createProjectedCache } from '../../platform/feed/projected-cache.ts';
import type { Database } from '../../platform/store/database.ts';
import { changedClient } from '../events.ts';
import type { Client, SecretRow } from '../store/rows.ts';
import type { OauthStore } from '../store/store.ts';
import { secretIsOneOf } from './client-secret.ts';

export interface KnownClient {
  client: Client;
  secrets: readonly SecretRow[];
}

export type KnownClients = ProjectedCache<KnownClient>;

const CACHED = 10_000;

export function createKnownClients(database: Pick<Database, 'read'>, store: OauthStore): KnownClients {
  return createProjectedCache<KnownClient>({
    name: 'OAuth clients',
    limit: CACHED,
    touches: changedClient,
    async load(id) {
      const client = await store.client(database.read, id);
      if (!client) return undefined;
      return { client, secrets: await store.secretsOf(database.read, id) };
    },
  });
}

/** Whether the text is a secret of the client that has not ended. */
export function provesClient(known: KnownClient, text: string, clock: Clock): boolean {
  return secretIsOneOf(text, known.secrets, clock.now());
}
