// A root that is replaced by one stored elsewhere: its key is destroyed, so that an attacker cannot use it.
// Before that, it signs its last revocation list (RFC 5280 §5). No other list can follow, so this list is
// valid until everything below the root has expired.
import type { Clock } from '@gatehouse/access';
import { encodeRevokedEntry, signRevocationList } from '@gatehouse/x509';
import type { Events } from '../../platform/feed/events.ts';
import type { KeyStore } from '../../platform/keys/key-store.ts';
import type { Tx } from '../../platform/store/database.ts';
import { listPublishedEvent } from '../events.ts';
import type { CaStore } from '../store/store.ts';
import type { Authority, Hierarchy } from './hierarchy.ts';
import { isIssuedBy } from './hierarchy.ts';

export interface RetiredRootDeps {
  store: CaStore;
  events: Events;
  keyStore: KeyStore;
  clock: Clock;
}

/** Retires the roots in force, in the transaction that puts another root in force. */
export async function retireRoots(tx: Tx, deps: RetiredRootDeps, hierarchy: Hierarchy): Promise<void> {
  const { store, keyStore } = deps;
  for (const { id, role, state, key_name } of await store.hierarchy(tx)) {
    if (role !== 'root' || state !== 'active') continue;
    const root = hierarchy.roots.find((each) => each.id === id);
    if (root?.signer) await publishLastList(tx, deps, { root, signer: root.signer, hierarchy });
    if (key_name !== null) await keyStore.remove(tx, key_name);
    await store.updateAuthority(tx, id, { state: 'retired', key_name: null });
  }
}

interface LastSigning {
  root: Authority;
  signer: NonNullable<Authority['signer']>;
  hierarchy: Hierarchy;
}

async function publishLastList(
  tx: Tx,
  { store, events, clock }: RetiredRootDeps,
  { root, signer, hierarchy }: LastSigning,
): Promise<void> {
  const now = clock.now();
  const revoked = (await store.revoked(tx, now)).filter(({ issuerId }) => issuerId === root.id);
  const number = await store.nextCrlNumber(tx, root.id, now);
  const nextUpdate = lastEnd(root, hierarchy);
  const { der } = signRevocationList({
    issuer: root.certificate,
    signer,
    number: BigInt(number),
    thisUpdate: new Date(now),
    nextUpdate: new Date(nextUpdate),
    entries: revoked.map((each) => encodeRevokedEntry({ ...each, revokedAt: new Date(each.revokedAt) })),
  });
  await store.saveList(tx, root.id, { number, der, thisUpdate: now, nextUpdate });
  await events.publish(tx, listPublishedEvent(root.id, { number, entries: revoked.length }));
}

/** When the last intermediate below it expires; for a root without intermediates, its own expiry. */
function lastEnd(root: Authority, { intermediates }: Hierarchy): number {
  const below = intermediates.filter((intermediate) => isIssuedBy(intermediate, root));
  const ends = (below.length > 0 ? below : [root]).map(({ certificate }) => certificate.notAfter.getTime());
  return Math.max(...ends);
}
