// The sections of OAuth that the gateway's workers copy: clients, and the tokens and grants that were
// revoked.
import type { ClientFacts } from '@gatehouse/access';
import type { TableSection } from '../platform/feed/section.ts';
import { createTableSection } from '../platform/feed/section.ts';
import type { Database } from '../platform/store/database.ts';
import { changedClient, revokedId } from './events.ts';
import type { Client } from './store/rows.ts';
import type { OauthStore } from './store/store.ts';

export type OauthSections = {
  /** By `client_id`. */
  clients: TableSection<ClientFacts>;
  /** By the id of the token or grant. The value is the expiry of the last of its tokens, in milliseconds. */
  revocations: TableSection<number>;
};

export function createOauthSections(database: Database, store: OauthStore): OauthSections {
  return {
    clients: createTableSection<ClientFacts>(database, {
      name: 'clients',
      touches: changedClient,
      row: async (connection, id) => {
        const client = await store.client(connection, id);
        return client && factsOf(client);
      },
      page: async (connection, after, limit) =>
        (await store.clientsAfter(connection, after, limit)).map((client) => [client.id, factsOf(client)]),
    }),
    revocations: createTableSection<number>(database, {
      name: 'revocations',
      touches: revokedId,
      row: (connection, id) => store.revocation(connection, id),
      page: async (connection, after, limit) =>
        (await store.revocationsAfter(connection, after, limit)).map((row) => [row.id, row.ends_at]),
    }),
  };
}

function factsOf({ service, state, epoch }: Client): ClientFacts {
  return { service, disabled: state !== 'active', epoch };
}
