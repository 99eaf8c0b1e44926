// Clients, artifacts, revocations, consents and messages: the only SQL of this capability. The first
// parameter is a connection, of a transaction or for reading.
import type { Connection } from '../../platform/store/database.ts';
import { artifactQueries } from './artifact-queries.ts';
import { clientQueries } from './client-queries.ts';
import { logoutQueries } from './logout-queries.ts';
import type { OauthTables } from './rows.ts';

export type OauthStore = ReturnType<typeof createOauthStore>;

export function createOauthStore() {
  return { ...clientQueries(tables), ...artifactQueries(tables), ...logoutQueries(tables) };
}

function tables(connection: Connection) {
  return connection.withTables<OauthTables>();
}
