// Clients, their secrets, and the consents of people.
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { Client, ClientState, SecretRow, Within } from './rows.ts';
import { clientFromRow, rowFromClient } from './rows.ts';

export function clientQueries(within: Within) {
  return {
    async clients(connection: Connection): Promise<Client[]> {
      const rows = await within(connection).selectFrom('oauth_clients').selectAll().orderBy('name').execute();
      return rows.map(clientFromRow);
    },
    /** At most `limit` clients whose ids come after `after`. */
    async clientsAfter(connection: Connection, after: string, limit: number): Promise<Client[]> {
      const rows = await within(connection)
        .selectFrom('oauth_clients')
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(clientFromRow);
    },
    async client(connection: Connection, id: string): Promise<Client | undefined> {
      const row = await within(connection)
        .selectFrom('oauth_clients')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && clientFromRow(row);
    },
    async clientNamed(connection: Connection, name: string): Promise<Client | undefined> {
      const row = await within(connection)
        .selectFrom('oauth_clients')
        .selectAll()
        .where('name', '=', name)
        .executeTakeFirst();
      return row && clientFromRow(row);
    },
    async clientsOf(connection: Connection, service: string): Promise<Client[]> {
      const rows = await within(connection)
        .selectFrom('oauth_clients')
        .selectAll()
        .where('service', '=', service)
        .execute();
      return rows.map(clientFromRow);
    },
    async countClients(connection: Connection, state: ClientState): Promise<number> {
      const { count } = await within(connection)
        .selectFrom('oauth_clients')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('state', '=', state)
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async insertClient(tx: Tx, client: Client): Promise<void> {
      await within(tx).insertInto('oauth_clients').values(rowFromClient(client)).execute();
    },
    async replaceClient(tx: Tx, client: Client): Promise<void> {
      await within(tx)
        .updateTable('oauth_clients')
        .set(rowFromClient(client))
        .where('id', '=', client.id)
        .execute();
    },
    /** Also removes its secrets, and everything that was issued to it. */
    async deleteClient(tx: Tx, id: string): Promise<void> {
      await within(tx).deleteFrom('oauth_clients').where('id', '=', id).execute();
      await within(tx).deleteFrom('oauth_client_secrets').where('client', '=', id).execute();
      await within(tx).deleteFrom('oauth_artifacts').where('client', '=', id).execute();
      await within(tx).deleteFrom('oauth_consents').where('client', '=', id).execute();
    },
    async secretsOf(connection: Connection, client: string): Promise<SecretRow[]> {
      return within(connection)
        .selectFrom('oauth_client_secrets')
        .selectAll()
        .where('client', '=', client)
        .orderBy('created_at')
        .execute();
    },
    async insertSecret(tx: Tx, row: SecretRow): Promise<void> {
      await within(tx).insertInto('oauth_client_secrets').values(row).execute();
    },
    /** Sets the expiry of the secrets of a client. Secrets that expire sooner do not change. */
    async endSecrets(tx: Tx, client: string, endsAt: number): Promise<void> {
      await within(tx)
        .updateTable('oauth_client_secrets')
        .set({ ends_at: endsAt })
        .where('client', '=', client)
        .where(({ eb, or }) => or([eb('ends_at', 'is', null), eb('ends_at', '>', endsAt)]))
        .execute();
    },
    async consent(connection: Connection, user: string, client: string): Promise<string[] | undefined> {
      const row = await within(connection)
        .selectFrom('oauth_consents')
        .select('scopes')
        .where('user', '=', user)
        .where('client', '=', client)
        .executeTakeFirst();
      return row && JSON.parse(row.scopes);
    },
    async putConsent(
      tx: Tx,
      {
        user,
        client,
        scopes,
        grantedAt,
      }: { user: string; client: string; scopes: string[]; grantedAt: number },
    ): Promise<void> {
      const row = { scopes: JSON.stringify(scopes), granted_at: grantedAt };
      await within(tx)
        .insertInto('oauth_consents')
        .values({ user, client, ...row })
        .onConflict((conflict) => conflict.columns(['user', 'client']).doUpdateSet(row))
        .execute();
    },
    async deleteConsentsOf(tx: Tx, user: string): Promise<void> {
      await within(tx).deleteFrom('oauth_consents').where('user', '=', user).execute();
    },
  };
}
