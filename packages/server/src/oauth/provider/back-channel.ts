// When a person ends one of our sessions, its tokens end, too, and the clients of the session get a message
// (OpenID Connect Back-Channel Logout 1.0). All of this is in the transaction that ends the session. A
// session that only expires does not end the sign-ins at clients: people use the clients and not our pages,
// so our session is often idle before theirs.

import type { Clock } from '@gatehouse/access';
import type { AdapterPayload } from 'oidc-provider';
import type { Events } from '../../platform/feed/events.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import { keyOf } from '../store/artifact-key.ts';
import type { ArtifactRow } from '../store/rows.ts';
import type { OauthStore } from '../store/store.ts';
import type { Revocations } from '../token/revocations.ts';
import type { LogoutMessages } from './logout-messages.ts';

export interface BackChannelDeps {
  database: Database;
  store: OauthStore;
  events: Events;
  clock: Clock;
  revocations: Revocations;
  messages: Pick<LogoutMessages, 'add'>;
  /** Reads a stored session of oidc-provider. */
  open(row: ArtifactRow): Promise<AdapterPayload>;
}

export interface BackChannel {
  /** Remembers which session of oidc-provider belongs to one of our sessions. */
  link(sessionId: string, uid: string): Promise<void>;
  /** Runs `act`, which ends our session, and does not end the session of oidc-provider that belongs to it. */
  holding(sessionId: string, act: () => Promise<void>): Promise<void>;
}

const OVER = 'over';
const LINK = 'SessionLink';
const LINK_MS = 24 * 3600 * 1000;
/** They also delete the data of oidc-provider, in the same transaction. */
export const VOIDS_TOKENS = /^identity\.(?:user_removed|user_disabled|password_changed)$/;

export function createBackChannel(deps: BackChannelDeps): BackChannel {
  const { database, store, events, clock, revocations, messages, open } = deps;
  /** The links that this process has created. */
  const linked = new Map<string, string>();
  const held = new Set<string>();

  async function addMessages(
    tx: Tx,
    { accountId: user, authorizations = {} }: AdapterPayload,
  ): Promise<void> {
    for (const [id, { sid }] of Object.entries(authorizations)) {
      const client = sid === undefined ? undefined : await store.client(tx, id);
      const getsMessages = client && client.metadata.backchannelLogoutUri !== null;
      if (getsMessages && sid !== undefined && user !== undefined)
        await messages.add(tx, { client: id, user, sid });
    }
  }

  async function revokeGrants(tx: Tx, { authorizations = {} }: AdapterPayload): Promise<void> {
    for (const { grantId, persistsLogout } of Object.values(authorizations)) {
      // Tokens that may be used without the person (offline_access) stay valid.
      if (grantId !== undefined && !persistsLogout) {
        await revocations.revokeGrant(tx, grantId, 'the session ended');
      }
    }
  }

  async function follow(tx: Tx, id: string): Promise<void> {
    const key = keyOf(LINK, id);
    const link = await store.artifact(tx, key);
    await store.deleteArtifact(tx, key);
    linked.delete(id);
    const row = link?.lookup_key ? await store.artifactByLookup(tx, link.lookup_key, 'Session') : undefined;
    if (!row) return;
    const session = await open(row);
    await revokeGrants(tx, session);
    await addMessages(tx, session);
    if (!held.has(id)) await store.deleteArtifact(tx, row.key);
  }

  /** The same person has signed in again in the same browser, so the sign-ins at clients continue. */
  async function move(tx: Tx, from: string, to: string): Promise<void> {
    const key = keyOf(LINK, from);
    const link = await store.artifact(tx, key);
    await store.deleteArtifact(tx, key);
    linked.delete(from);
    if (link) await store.putArtifact(tx, { ...link, key: keyOf(LINK, to) });
  }

  events.subscribe(async (tx, { type, subject, data }) => {
    if (type === 'identity.session_ended' && Array.isArray(data.ids) && data.reason !== OVER) {
      for (const id of data.ids.map(String)) {
        await (typeof data.replacedBy === 'string' ? move(tx, id, data.replacedBy) : follow(tx, id));
      }
    }
    if (subject !== null && VOIDS_TOKENS.test(type)) {
      for (const row of await store.artifactsOfAccount(tx, subject, 'Session')) {
        await addMessages(tx, await open(row));
      }
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
    async holding(sessionId, act) {
      held.add(sessionId);
      try {
        await act();
      } finally {
        held.delete(sessionId);
      }
    },
  };
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
