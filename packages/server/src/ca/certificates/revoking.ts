// Revoking a certificate: the row, the number of the next list and the ledger in one act. Refuses roots, the
// intermediate in force, and certificates that a root elsewhere must revoke. To revoke by serial number, the
// inventory must have the certificate. To revoke by the certificate itself, it need not.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { ParsedCertificate, RevocationReason } from '@gatehouse/x509';
import { readCertificate } from '@gatehouse/x509';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import { recoveredEvent, revokedEvent } from '../events.ts';
import type { CaStore, HierarchyRow, StoredCertificate } from '../store/store.ts';
import { addCompromisedKey } from './compromised-keys.ts';
import { isSame, readPresented, recoveredCertificate, requireOurs } from './recovery.ts';

export interface RevokingDeps {
  database: Database;
  store: CaStore;
  events: Events;
  clock: Clock;
  /** Further effects of a revocation. Its answer waits for them. */
  revoked(certificate: StoredCertificate): Promise<void>;
}

export interface Revocation {
  reason: RevocationReason;
  actor: Actor;
}

export interface Revoking {
  /** Throws `not_found`, and `conflict` if it was already revoked. */
  bySerialNumber(serialNumber: string, revocation: Revocation): Promise<StoredCertificate>;
  /**
   * Revokes any certificate (PEM) that one of our authorities signed. Throws `unprocessable`, and as
   * `bySerialNumber`.
   */
  byCertificate(pem: string, revocation: Revocation): Promise<StoredCertificate>;
}

export function createRevoking(deps: RevokingDeps): Revoking {
  const { database, store, events, clock } = deps;

  async function revoke(
    find: (tx: Tx, actor: Actor) => Promise<StoredCertificate>,
    { reason, actor }: Revocation,
  ): Promise<StoredCertificate> {
    const at = clock.now();
    const stored = await database.write(async (tx) => {
      const found = requireRevocable(await find(tx, actor));
      if (found.profile === 'intermediate') requireReplaced(found, await store.hierarchy(tx));
      await store.markRevoked(tx, found.serialNumber, { at, reason });
      if (reason === 'keyCompromise') await addCompromisedKey(tx, store, found.pem);
      const crlNumber = await store.nextCrlNumber(tx, found.issuerId, at);
      await events.publish(tx, revokedEvent(found, { reason, crlNumber }, actor));
      return found;
    });
    const revoked = { ...stored, revokedAt: at, reason };
    await deps.revoked(revoked);
    return revoked;
  }

  async function recover(tx: Tx, presented: ParsedCertificate, actor: Actor): Promise<StoredCertificate> {
    const issuerId = requireOurs(presented, await store.hierarchy(tx));
    const known = await store.certificate(tx, presented.serialNumber);
    if (known) return requireSame(known, presented);
    const recovered = recoveredCertificate(presented, issuerId);
    await store.insertCertificate(tx, recovered);
    await events.publish(tx, recoveredEvent(recovered, actor));
    return recovered;
  }

  return {
    bySerialNumber: (serialNumber, revocation) =>
      revoke(async (tx) => {
        const known = await store.certificate(tx, serialNumber);
        if (known) return known;
        throw unknownCertificate(serialNumber);
      }, revocation),
    async byCertificate(pem, revocation) {
      const presented = readPresented(pem);
      return revoke((tx, actor) => recover(tx, presented, actor), revocation);
    },
  };
}

export function unknownCertificate(serialNumber: string): GatehouseError {
  return new GatehouseError(
    'not_found',
    `There is no certificate ${serialNumber}: see 'gatehouse cert list'.`,
  );
}

function requireSame(known: StoredCertificate, presented: ParsedCertificate): StoredCertificate {
  if (isSame(known, presented)) return known;
  throw new GatehouseError(
    'conflict',
    `Another certificate has the serial number ${known.serialNumber} in the inventory.`,
  );
}

function requireRevocable(stored: StoredCertificate): StoredCertificate {
  if (stored.profile === 'root') {
    throw new GatehouseError('conflict', 'A root cannot be revoked: clients must stop trusting it.');
  }
  if (stored.revokedAt === undefined) return stored;
  const since = new Date(stored.revokedAt).toISOString();
  throw new GatehouseError(
    'conflict',
    `The certificate ${stored.serialNumber} was already revoked at ${since}.`,
  );
}

/**
 * Without an intermediate in force, nothing could be signed. And only a root whose key is here can revoke its
 * intermediates.
 */
function requireReplaced({ serialNumber, issuerId }: StoredCertificate, rows: readonly HierarchyRow[]): void {
  const root = rows.find(({ id }) => id === issuerId);
  if (root && root.key_name === null) {
    throw new GatehouseError(
      'conflict',
      root.state === 'active'
        ? "The root's key is stored elsewhere: revoke its intermediates there."
        : 'This intermediate cannot be revoked, because its root was replaced and the root’s key was destroyed: clients must stop trusting that root.',
    );
  }
  const inForce = rows.find(({ role, state }) => role === 'intermediate' && state === 'active');
  if (inForce?.certificate && readCertificate(inForce.certificate).serialNumber === serialNumber) {
    throw new GatehouseError(
      'conflict',
      "This intermediate is in force: replace it with 'gatehouse ca rotate' first.",
    );
  }
}
