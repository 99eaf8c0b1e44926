// Back-channel logout (OpenID Connect Back-Channel Logout 1.0): when one of our sessions ends, for any
// reason, the clients that used it get a message.

import type { Clock } from '@gatehouse/access';
import type { Adapter, AdapterPayload, Provider } from 'oidc-provider';
import type { Events } from '../../platform/feed/events.ts';
import type { Log } from '../../platform/log/log.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import { keyOf } from '../store/artifact-key.ts';
import type { ArtifactRow } from '../store/rows.ts';
import type { OauthStore } from '../store/store.ts';
import type { Revocations } from '../token/revocations.ts';

export interface BackChannelDeps {
  database: Database;
  store: OauthStore;
  events: Events;
  clock: Clock;
  log: Log;
  revocations: Revocations;
}

/** Reads stored sessions of oidc-provider. */
export interface SessionReader {
  provider: Provider;
  open(row: ArtifactRow): AdapterPayload;
  sessions: Adapter;
}

export interface BackChannel {
  /** Remembers which session of oidc-provider belongs to one of our sessions. */
  link(sessionId: string, uid: string): Promise<void>;
  /** The clients get the message in another way. */
  unlink(sessionId: string): Promise<void>;
}

const LINK = 'SessionLink';
const LINK_MS = 24 * 3600 * 1000;
/** They also delete what oidc-provider has stored, in the same transaction. */
export const VOIDS_TOKENS = /^identity\.(?:user_removed|user_disabled|password_changed)$/;

export function createBackChannel(deps: BackChannelDeps, reader: () => Promise<SessionReader>): BackChannel {
  const { database, store, events, clock, log, revocations } = deps;
  /** The links that this process has made. */
  const linked = new Map<string, string>();

  async function notify(rows: readonly ArtifactRow[]): Promise<void> {
    const { provider, open, sessions } = await reader();
    for (const row of rows) {
      const session = open(row);
      for (const [id, { sid }] of Object.entries(session.authorizations ?? {})) {
        if (sid === undefined) continue;
        const client = await provider.Client.find(id);
        if (!client?.backchannelLogoutUri || session.accountId === undefined) continue;
        await logOut(client, session.accountId, sid);
      }
      if (session.jti !== undefined) await sessions.destroy(session.jti);
    }
  }

  /**
   * In the same transaction: the gateway refuses the tokens before the act is answered, whatever clients do.
   */
  async function revokeGrants(tx: Tx, rows: readonly ArtifactRow[]): Promise<void> {
    if (rows.length === 0) return;
    const { open } = await reader();
    for (const { grantId, persistsLogout } of rows.flatMap((row) => authorizationsOf(open(row)))) {
      // What may go on without the person (offline_access) does so.
      if (grantId !== undefined && !persistsLogout) {
        await revocations.revokeGrant(tx, grantId, 'the session ended');
      }
    }
  }

  function notifyAfter(tx: Tx, rows: readonly ArtifactRow[]): void {
    if (rows.length === 0) return;
    tx.afterCommit(() => {
      notify(rows).catch((error: unknown) => log.event('oauth.back_channel_failed', { error }));
    });
  }

  async function rowsOfLinks(tx: Tx, ids: readonly unknown[]): Promise<ArtifactRow[]> {
    const rows: ArtifactRow[] = [];
    for (const id of ids) {
      const link = await store.artifact(tx, keyOf(LINK, String(id)));
      const row = link?.lookup_key ? await store.artifactByLookup(tx, link.lookup_key, 'Session') : undefined;
      if (row) rows.push(row);
      linked.delete(String(id));
    }
    return rows;
  }

  events.subscribe(async (tx, { type, subject, data }) => {
    if (type === 'identity.session_ended' && Array.isArray(data.ids)) {
      const rows = await rowsOfLinks(tx, data.ids);
      await revokeGrants(tx, rows);
      notifyAfter(tx, rows);
    }
    if (subject !== null && VOIDS_TOKENS.test(type)) {
      notifyAfter(tx, await store.artifactsOfAccount(tx, subject, 'Session'));
    }
  });

  return {
    async link(sessionId, uid) {
      if (linked.get(sessionId) === uid) return;
      const key = keyOf(LINK, sessionId);
      const lookup = keyOf('Session lookup', uid);
      await database.write((tx) => store.putArtifact(tx, linkRow(key, lookup, clock.now() + LINK_MS)));
      linked.set(sessionId, uid);
    },
    async unlink(sessionId) {
      linked.delete(sessionId);
      await database.write((tx) => store.deleteArtifact(tx, keyOf(LINK, sessionId)));
    },
  };
}

function authorizationsOf({ authorizations }: AdapterPayload) {
  return Object.values(authorizations ?? {});
}

/** The types of oidc-provider do not have this method. */
function logOut(client: object, accountId: string, sid: string): Promise<void> {
  return (client as { backchannelLogout(sub: string, sid: string): Promise<void> }).backchannelLogout(
    accountId,
    sid,
  );
}

function linkRow(key: string, lookup: string, endsAt: number): ArtifactRow {
  const nothing = {
    sealed: new Uint8Array(),
    grant_key: null,
    client: null,
    account: null,
    consumed_at: null,
  };
  return { key, kind: LINK, lookup_key: lookup, ...nothing, ends_at: endsAt };
}
