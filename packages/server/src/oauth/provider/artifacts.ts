// The store of oidc-provider: codes, refresh tokens, grants, sessions and others, each a row until it
// expires. Ids are stored as hashes, and values are sealed. A code or refresh token is consumed in one step.
// If two requests use it at the same time, one succeeds, and the other revokes the grant (RFC 9700 §4.14.2).
import type { Clock } from '@gatehouse/access';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Sealing } from '../../platform/keys/row-sealing.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import { keyOf } from '../store/artifact-key.ts';
import type { ArtifactRow } from '../store/rows.ts';
import type { OauthStore } from '../store/store.ts';
import type { Revocations } from '../token/revocations.ts';

export interface ArtifactsDeps {
  database: Database;
  store: OauthStore;
  clock: Clock;
  sealing: Sealing;
  revocations: Revocations;
  /** The error for a second use of a value that may be used only once. */
  usedBefore(kind: string): Error;
}

export interface Artifacts {
  /** The adapter for one kind. */
  of(kind: string): Adapter;
  open(row: ArtifactRow): AdapterPayload;
}

/** The lifetime of kinds without a specific lifetime. */
const LONGEST_SECONDS = 90 * 86_400;

export function createArtifacts(deps: ArtifactsDeps): Artifacts {
  const { database, store, clock, sealing, revocations } = deps;

  function opened(row: ArtifactRow | undefined): AdapterPayload | undefined {
    if (!row || row.ends_at <= clock.now()) return undefined;
    const payload = sealing.open(row.sealed, row.key) as AdapterPayload;
    return row.consumed_at === null ? payload : { ...payload, consumed: Math.floor(row.consumed_at / 1000) };
  }

  function rowOf(
    kind: string,
    id: string,
    payload: AdapterPayload,
    expiresIn: number | undefined,
  ): ArtifactRow {
    const key = keyOf(kind, id);
    const { grantId, clientId, accountId, uid, userCode, consumed } = payload;
    const lookup = kind === 'Session' ? uid : userCode;
    return {
      key,
      kind,
      sealed: sealing.seal(payload, key),
      grant_key: grantId === undefined ? null : keyOf('Grant', grantId),
      lookup_key: lookup === undefined ? null : keyOf(`${kind} lookup`, lookup),
      client: clientId ?? null,
      account: accountId ?? null,
      consumed_at: consumed ? clock.now() : null,
      ends_at: clock.now() + (expiresIn ?? LONGEST_SECONDS) * 1000,
    };
  }

  /** After a second use, everything that the grant issued is void, too. */
  async function revokeReused(tx: Tx, kind: string, key: string): Promise<void> {
    const row = await store.artifact(tx, key);
    const grantId = row && (sealing.open(row.sealed, key) as AdapterPayload).grantId;
    if (grantId !== undefined) await revocations.revokeGrant(tx, grantId, `${kind} used twice`);
  }

  function of(kind: string): Adapter {
    return {
      async upsert(id, payload, expiresIn) {
        const row = rowOf(kind, id, payload, expiresIn);
        // The id of a proof or assertion. The second use must fail, even if both come at once.
        const isNew = kind === 'ReplayDetection';
        const stored = await database.write((tx) =>
          isNew ? store.insertArtifact(tx, row) : store.putArtifact(tx, row),
        );
        if (!stored) throw deps.usedBefore(kind);
      },
      find: async (id) => opened(await store.artifact(database.read, keyOf(kind, id))),
      findByUid: async (uid) =>
        opened(await store.artifactByLookup(database.read, keyOf(`${kind} lookup`, uid), kind)),
      findByUserCode: async (code) =>
        opened(await store.artifactByLookup(database.read, keyOf(`${kind} lookup`, code), kind)),
      async consume(id) {
        const key = keyOf(kind, id);
        const isFirst = await database.write(async (tx) => {
          if (await store.consumeArtifact(tx, key, clock.now())) return true;
          await revokeReused(tx, kind, key);
          return false;
        });
        if (!isFirst) throw deps.usedBefore(kind);
      },
      destroy: (id) => database.write((tx) => store.deleteArtifact(tx, keyOf(kind, id))),
      revokeByGrantId: (grantId) =>
        database.write((tx) => store.deleteOfGrant(tx, kind, keyOf('Grant', grantId))),
    };
  }

  return { of, open: (row) => sealing.open(row.sealed, row.key) as AdapterPayload };
}
