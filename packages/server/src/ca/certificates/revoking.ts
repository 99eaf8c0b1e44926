// Revoking a certificate: the row, the number of the next list and the ledger in one act. Refuses roots, the intermediate in force,
// and what a root elsewhere must revoke. By its serial number, a certificate must be in the inventory; the certificate itself need not be.
import type { ParsedCertificate, RevocationReason } from '@gatehouse/x509';
import { readCertificate } from '@gatehouse/x509';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database.ts';
import { GatehouseError } from '../../platform/errors.ts';
import type { Actor, Events } from '../../platform/events.ts';
import { recoveredEvent, revokedEvent } from '../events.ts';
import type { Authorities } from '../hierarchy/authorities.ts';
import type { CaStore, StoredCertificate } from '../store/store.ts';
import type { CompromisedKeys } from './compromised-keys.ts';
import { readPresented, recoveredCertificate, requireOurs } from './recovery.ts';

export interface RevokingDeps {
  database: Database;
  store: CaStore;
  events: Events;
  clock: Clock;
  authorities: Authorities;
  compromisedKeys: CompromisedKeys;
  /** What else a revocation asks for; its answer waits for it. */
  revoked(): Promise<void>;
}

export interface Revocation {
  reason: RevocationReason;
  actor: Actor;
}

export interface Revoking {
  /** Throws `not_found`; `conflict` when it was revoked already. */
  bySerialNumber(serialNumber: string, revocation: Revocation): Promise<StoredCertificate>;
  /** Any certificate (PEM) that one of our authorities signed. Throws `unprocessable`, and as `bySerialNumber`. */
  byCertificate(pem: string, revocation: Revocation): Promise<StoredCertificate>;
}

export function createRevoking(deps: RevokingDeps): Revoking {
  const { database, store, events, clock, authorities } = deps;

  async function revoke(
    find: (tx: Tx, actor: Actor) => Promise<StoredCertificate>,
    { reason, actor }: Revocation,
  ): Promise<StoredCertificate> {
    const at = clock.now();
    const stored = await database.write(async (tx) => {
      const found = requireRevocable(await find(tx, actor));
      requireReplaced(found, authorities);
      await store.markRevoked(tx, found.serialNumber, { at, reason });
      if (reason === 'keyCompromise') await deps.compromisedKeys.add(tx, found.pem);
      const crlNumber = await store.nextCrlNumber(tx, found.issuerId, at);
      await events.publish(tx, revokedEvent(found, { reason, crlNumber }, actor));
      return found;
    });
    await deps.revoked();
    return { ...stored, revokedAt: at, reason };
  }

  async function recover(tx: Tx, presented: ParsedCertificate, actor: Actor): Promise<StoredCertificate> {
    const issuerId = requireOurs(presented, await store.hierarchy(tx));
    const known = await store.certificate(presented.serialNumber, tx);
    if (known) return requireSame(known, presented);
    const recovered = recoveredCertificate(presented, issuerId);
    await store.insertCertificate(tx, recovered);
    await events.publish(tx, recoveredEvent(recovered, actor));
    return recovered;
  }

  return {
    bySerialNumber: (serialNumber, revocation) =>
      revoke(async (tx) => {
        const known = await store.certificate(serialNumber, tx);
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
  if (Buffer.compare(readCertificate(known.pem).der, presented.der) === 0) return known;
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
    `The certificate ${stored.serialNumber} is revoked already, since ${since}.`,
  );
}

/** Without an intermediate in force nothing could be signed, and no root whose key is not here revokes from here. */
function requireReplaced(
  { profile, serialNumber, issuerId }: StoredCertificate,
  authorities: Authorities,
): void {
  if (profile !== 'intermediate') return;
  const { roots, intermediates } = authorities.current();
  const root = roots.find(({ id }) => id === issuerId);
  if (root && !root.signer) {
    throw new GatehouseError(
      'conflict',
      root.state === 'active'
        ? "The root's key is kept elsewhere: revoke its intermediates there."
        : 'The root above it was replaced and its key destroyed: it cannot be revoked, and clients must stop trusting that root.',
    );
  }
  if (intermediates[0].certificate.serialNumber === serialNumber) {
    throw new GatehouseError(
      'conflict',
      "This intermediate is in force: replace it with 'gatehouse ca rotate' first.",
    );
  }
}
