// The SQL of sessions.
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { SessionRow, StoredSession, ThroughProvider } from './session-rows.ts';
import { rowFromSession, sessionFromRow } from './session-rows.ts';

/** At least one of `subject` and `sid` is given. */
export interface SignInsThrough extends Pick<ThroughProvider, 'provider'> {
  subject?: string | undefined;
  sid?: string | undefined;
}

export type SessionStore = ReturnType<typeof createSessionQueries>;

export function createSessionQueries() {
  const within = (connection: Connection) => connection.withTables<{ sessions: SessionRow }>();
  return {
    async insertSession(tx: Tx, session: StoredSession): Promise<void> {
      await within(tx).insertInto('sessions').values(rowFromSession(session)).execute();
    },
    async putIdToken(tx: Tx, id: string, sealed: Uint8Array): Promise<void> {
      const change = { provider_id_token: sealed };
      await within(tx).updateTable('sessions').set(change).where('id', '=', id).execute();
    },
    /** The sealed ID token of the sign-in that the session came from. */
    async idToken(connection: Connection, id: string): Promise<Uint8Array | undefined> {
      const row = await within(connection)
        .selectFrom('sessions')
        .select('provider_id_token')
        .where('id', '=', id)
        .executeTakeFirst();
      return row?.provider_id_token ?? undefined;
    },
    async session(connection: Connection, id: string): Promise<StoredSession | undefined> {
      const row = await within(connection)
        .selectFrom('sessions')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && sessionFromRow(row);
    },
    /** At most `limit` sessions of the control listener, or of the gateway, whose ids come after `after`. */
    async sessionsAfter(
      connection: Connection,
      { at, after, limit }: { at: 'control' | 'gateway'; after: string; limit: number },
    ): Promise<StoredSession[]> {
      const rows = await within(connection)
        .selectFrom('sessions')
        .selectAll()
        .where('id', '>', after)
        .where('host', at === 'control' ? 'is' : 'is not', null)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(sessionFromRow);
    },
    /** The newest first; of one user, or of all. */
    async sessions(connection: Connection, user?: string): Promise<StoredSession[]> {
      let query = within(connection).selectFrom('sessions').selectAll().orderBy('created_at', 'desc');
      if (user !== undefined) query = query.where('user_name', '=', user);
      return (await query.execute()).map(sessionFromRow);
    },
    /**
     * Sessions that came from sign-ins at a provider: of a subject, or of one session there. With both,
     * sessions of the subject whose session there is not known are among them.
     */
    async sessionsThrough(connection: Connection, from: SignInsThrough): Promise<StoredSession[]> {
      let query = within(connection).selectFrom('sessions').selectAll().where('provider', '=', from.provider);
      if (from.subject !== undefined) query = query.where('provider_subject', '=', from.subject);
      const { subject, sid } = from;
      if (sid !== undefined) {
        query = query.where(({ eb, or }) => {
          const isSame = eb('provider_sid', '=', sid);
          return subject === undefined ? isSame : or([isSame, eb('provider_sid', 'is', null)]);
        });
      }
      return (await query.execute()).map(sessionFromRow);
    },
    /** Deletes the session and those that came from it. Returns their ids. */
    async deleteSession(tx: Tx, id: string): Promise<string[]> {
      const rows = await within(tx)
        .deleteFrom('sessions')
        .where(({ or, eb }) => or([eb('id', '=', id), eb('parent', '=', id)]))
        .returning('id')
        .execute();
      return rows.map((row) => row.id);
    },
    /** Deletes only the session. Those that came from it belong to `to` after that. */
    async replaceSession(tx: Tx, from: string, to: string): Promise<void> {
      await within(tx).updateTable('sessions').set({ parent: to }).where('parent', '=', from).execute();
      await within(tx).deleteFrom('sessions').where('id', '=', from).execute();
    },
    async deleteSessionsOf(tx: Tx, user: string): Promise<string[]> {
      const rows = await within(tx)
        .deleteFrom('sessions')
        .where('user_name', '=', user)
        .returning('id')
        .execute();
      return rows.map((row) => row.id);
    },
    async touchSession(tx: Tx, id: string, at: number): Promise<void> {
      await within(tx).updateTable('sessions').set({ last_seen_at: at }).where('id', '=', id).execute();
    },
    /** Deletes the sessions that ended before `now`, or were not used since `idleSince`. */
    async deleteOver(
      tx: Tx,
      { now, idleSince }: { now: number; idleSince: number },
    ): Promise<Pick<StoredSession, 'id' | 'user'>[]> {
      const rows = await within(tx)
        .deleteFrom('sessions')
        .where(({ or, eb }) => or([eb('expires_at', '<=', now), eb('last_seen_at', '<=', idleSince)]))
        .returning(['id', 'user_name'])
        .execute();
      return rows.map(({ id, user_name: user }) => ({ id, user }));
    },
  };
}
