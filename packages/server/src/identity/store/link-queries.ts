// Links between users and their accounts at sign-in providers. The SQL, the table and its rows.
import type { Connection, Tx } from '../../platform/store/database.ts';

export interface ProviderLinkRow {
  provider: string;
  issuer: string;
  subject: string;
  user_name: string;
  label: string | null;
  created_at: number;
  last_used_at: number | null;
}

export interface ProviderLink {
  /** The name of the provider in the settings. */
  provider: string;
  /** With the subject, it names one person (OpenID Connect Core §2). */
  issuer: string;
  subject: string;
  user: string;
  /** The name of the person at the provider; for people to read. */
  label: string | null;
  /** Milliseconds since the epoch, like all times here. */
  createdAt: number;
  lastUsedAt: number | null;
}

/** The identity of a person at the provider. */
export type Subject = Pick<ProviderLink, 'provider' | 'issuer' | 'subject'>;

export type LinkStore = ReturnType<typeof createLinkQueries>;

export function createLinkQueries() {
  const within = (connection: Connection) => connection.withTables<{ provider_links: ProviderLinkRow }>();
  return {
    /** False if the subject is linked, or if the user has a link with this provider. */
    async insertLink(tx: Tx, link: ProviderLink): Promise<boolean> {
      const result = await within(tx)
        .insertInto('provider_links')
        .values(rowFromLink(link))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    async link(
      connection: Connection,
      { provider, issuer, subject }: Subject,
    ): Promise<ProviderLink | undefined> {
      const row = await within(connection)
        .selectFrom('provider_links')
        .selectAll()
        .where('provider', '=', provider)
        .where('issuer', '=', issuer)
        .where('subject', '=', subject)
        .executeTakeFirst();
      return row && linkFromRow(row);
    },
    /** By the name of the provider. */
    async linksOf(connection: Connection, user: string): Promise<ProviderLink[]> {
      const rows = await within(connection)
        .selectFrom('provider_links')
        .selectAll()
        .where('user_name', '=', user)
        .orderBy('provider')
        .execute();
      return rows.map(linkFromRow);
    },
    /** False if the user has no such link. */
    async useLink(
      tx: Tx,
      { provider, subject, user }: Pick<ProviderLink, 'provider' | 'subject' | 'user'>,
      at: number,
    ): Promise<boolean> {
      const result = await within(tx)
        .updateTable('provider_links')
        .set({ last_used_at: at })
        .where('user_name', '=', user)
        .where('provider', '=', provider)
        .where('subject', '=', subject)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    /** The removed link; undefined if there was none. */
    async deleteLink(tx: Tx, user: string, provider: string): Promise<ProviderLink | undefined> {
      const row = await within(tx)
        .deleteFrom('provider_links')
        .where('user_name', '=', user)
        .where('provider', '=', provider)
        .returningAll()
        .executeTakeFirst();
      return row && linkFromRow(row);
    },
    async deleteLinksOf(tx: Tx, user: string): Promise<void> {
      await within(tx).deleteFrom('provider_links').where('user_name', '=', user).execute();
    },
  };
}

function linkFromRow(row: ProviderLinkRow): ProviderLink {
  return {
    provider: row.provider,
    issuer: row.issuer,
    subject: row.subject,
    user: row.user_name,
    label: row.label,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

function rowFromLink(link: ProviderLink): ProviderLinkRow {
  return {
    provider: link.provider,
    issuer: link.issuer,
    subject: link.subject,
    user_name: link.user,
    label: link.label,
    created_at: link.createdAt,
    last_used_at: link.lastUsedAt,
  };
}
