// Revokes access tokens and grants (RFC 7009). A revoked id is in the section `revocations` of every worker
// before the answer, and stays there until the last of its tokens has expired.
import type { Clock } from '@gatehouse/access';
import type { Events } from '../../platform/feed/events.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import { oauthEvent, SYSTEM } from '../events.ts';
import { keyOf } from '../store/artifact-key.ts';
import type { OauthStore } from '../store/store.ts';

export interface Revocations {
  /** Revokes one access token, by its `jti`. */
  revokeToken(tx: Tx, jti: string): Promise<void>;
  /** Revokes a grant of a person, and every token that comes from it. */
  revokeGrant(tx: Tx, grantId: string, why: string): Promise<void>;
}

export interface RevocationsDeps {
  database: Database;
  store: OauthStore;
  events: Events;
  clock: Clock;
  /** The lifetime of access tokens. */
  lifetimeSeconds: number;
}

/** Extra time for clocks that differ, and for running requests. */
const MARGIN_MS = 120_000;
const OF_GRANTS = ['Grant', 'AuthorizationCode', 'RefreshToken', 'DeviceCode'] as const;

export function createRevocations({ store, events, clock, lifetimeSeconds }: RevocationsDeps): Revocations {
  async function revoke(tx: Tx, id: string, what: { kind: string; why: string }): Promise<void> {
    // The end of a session may have revoked it before the client does.
    if ((await store.revocation(tx, id)) !== undefined) return;
    await store.revoke(tx, id, clock.now() + lifetimeSeconds * 1000 + MARGIN_MS);
    await events.publish(tx, oauthEvent('revoked', SYSTEM, id, what));
  }

  return {
    revokeToken: (tx, jti) => revoke(tx, jti, { kind: 'token', why: 'revoked' }),
    async revokeGrant(tx, grantId, why) {
      const grantKey = keyOf('Grant', grantId);
      await store.deleteArtifact(tx, grantKey);
      for (const kind of OF_GRANTS) await store.deleteOfGrant(tx, kind, grantKey);
      await revoke(tx, grantId, { kind: 'grant', why });
    },
  };
}
