// Certificate revocation lists (RFC 5280 §5), one for each authority whose key is here. A list is signed
// inside the commit of its revocations, once for all acts of the commit, and stored as a row. The server
// serves this row. Lists are renewed at half of their life.
import type { Clock } from '@gatehouse/access';
import { isDiskFull } from '@gatehouse/access';
import { signRevocationList } from '@gatehouse/x509';
import type { Events } from '../../platform/feed/events.ts';
import type { Log } from '../../platform/log/log.ts';
import type { Connection, Database, Tx } from '../../platform/store/database.ts';
import { listPublishedEvent } from '../events.ts';
import type { Authorities } from '../hierarchy/authorities.ts';
import type { CaStore, RevocationList, RevokedCertificate } from '../store/store.ts';
import type { SigningAuthority } from './list-issuers.ts';
import { issuersOf, signing } from './list-issuers.ts';
import type { RevokedEntries } from './revoked-entries.ts';
import { createRevokedEntries } from './revoked-entries.ts';

export interface RevocationLists {
  /**
   * The list of an authority. If its key was destroyed, its last list; undefined if its key was never here.
   */
  list(issuerId: string): RevocationList | undefined;
  isRevoked(serialNumber: string): boolean;
  /**
   * Makes lists again if they are missing, past half of their life, or dated after now. Returns whether a
   * list was dated after now.
   */
  refresh(): Promise<boolean>;
}

export interface RevocationListsDeps {
  database: Database;
  store: CaStore;
  events: Events;
  clock: Clock;
  authorities: Authorities;
  log: Pick<Log, 'event'>;
}

/** The committed state. */
interface Published {
  entries: Map<string, RevokedEntries>;
  lists: Map<string, RevocationList>;
}

/** Reads the revocations, and makes every list again. */
export async function openRevocationLists(
  deps: RevocationListsDeps,
  { crlLifetime }: { crlLifetime: number },
): Promise<RevocationLists> {
  const { database, store, events, clock, authorities, log } = deps;
  const lifetimeMs = crlLifetime * 1000;
  const published = await loadPublished(deps);

  database.beforeCommit(async (tx, acts) => {
    for (const [issuerId, serialNumbers] of issuersOf(acts)) {
      const authority = signing(authorities.current()).find(({ id }) => id === issuerId);
      // The act itself may have signed the last list and destroyed the key.
      const row = await store.authority(tx, issuerId);
      if (authority && row && row.key_name !== null) {
        await publish(tx, authority, { number: row.crl_number, serialNumbers });
      } else {
        await adoptLast(tx, issuerId, serialNumbers);
      }
    }
  });

  async function publish(
    tx: Tx,
    authority: SigningAuthority,
    { number, serialNumbers }: { number: number; serialNumbers: readonly string[] },
  ): Promise<void> {
    const { id } = authority;
    const entries = published.entries.get(id) ?? createRevokedEntries();
    const { joined, adopt } = entries.with(await revokedCertificates(tx, serialNumbers));
    const list = sign(authority, number, joined);
    await store.saveList(tx, id, list);
    tx.afterCommit(() => {
      adopt();
      published.entries.set(id, entries);
      published.lists.set(id, list);
    });
  }

  function sign(
    { certificate, signer }: SigningAuthority,
    number: number,
    entries: Uint8Array,
  ): RevocationList {
    const now = clock.now();
    const nextUpdate = now + lifetimeMs;
    const { der } = signRevocationList({
      issuer: certificate,
      signer,
      number: BigInt(number),
      thisUpdate: new Date(now),
      nextUpdate: new Date(nextUpdate),
      entries,
    });
    return { der, number, thisUpdate: now, nextUpdate };
  }

  /** The list of an authority whose key is not here stays unchanged. */
  async function adoptLast(tx: Tx, issuerId: string, serialNumbers: readonly string[]): Promise<void> {
    const entries = published.entries.get(issuerId) ?? createRevokedEntries();
    const { adopt } = entries.with(await revokedCertificates(tx, serialNumbers));
    const last = await store.revocationList(tx, issuerId);
    tx.afterCommit(() => {
      adopt();
      published.entries.set(issuerId, entries);
      if (last) published.lists.set(issuerId, last);
    });
  }

  async function revokedCertificates(
    tx: Tx,
    serialNumbers: readonly string[],
  ): Promise<RevokedCertificate[]> {
    const found: RevokedCertificate[] = [];
    for (const serialNumber of serialNumbers) {
      const certificate = await store.revokedCertificate(tx, serialNumber);
      if (certificate) found.push(certificate);
    }
    return found;
  }

  async function renew(authoritiesDue: readonly SigningAuthority[], wasAhead: boolean): Promise<void> {
    if (authoritiesDue.length === 0) return;
    try {
      await renewStored(authoritiesDue, wasAhead);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      log.event('ca.lists_not_renewed');
      for (const authority of authoritiesDue) renewEnded(authority);
    }
  }

  /**
   * A list has only facts that are in the tables. So if the disk is full, it may be served before its row is
   * stored.
   */
  function renewEnded(authority: SigningAuthority): void {
    const { id } = authority;
    const now = clock.now();
    const last = published.lists.get(id);
    if (last && last.thisUpdate <= now && now < last.nextUpdate) return;
    const { joined } = (published.entries.get(id) ?? createRevokedEntries()).with([]);
    published.lists.set(id, sign(authority, Math.max((last?.number ?? 0) + 1, now), joined));
  }

  async function renewStored(authoritiesDue: readonly SigningAuthority[], wasAhead: boolean): Promise<void> {
    await database.write(async (tx) => {
      const now = clock.now();
      // While the clock was ahead, certificates that are still valid looked expired, and left the lists.
      if (wasAhead) published.entries = await loadEntries(database.read, store, { since: now, now });
      for (const { id } of authoritiesDue) {
        const [entries, last] = [published.entries.get(id), published.lists.get(id)];
        // An entry stays until its certificate has expired and a list has said so once more (RFC 5280 §3.3).
        if (last) entries?.dropExpired(Math.min(last.thisUpdate, now));
        const number = await store.nextCrlNumber(tx, id, now);
        await events.publish(tx, listPublishedEvent(id, { number, entries: entries?.size ?? 0 }));
      }
      await forgetGone(tx);
    });
  }

  /**
   * Authorities leave the hierarchy when the last certificate that they signed has expired. A last list
   * stays, because it could not be made again.
   */
  async function forgetGone(tx: Tx): Promise<void> {
    const { roots, intermediates } = authorities.current();
    const present = new Set([...roots, ...intermediates].map(({ id }) => id));
    for (const id of new Set([...published.lists.keys(), ...published.entries.keys()])) {
      if (present.has(id) || (await store.authority(tx, id))?.key_name === null) continue;
      await store.deleteList(tx, id);
      tx.afterCommit(() => {
        published.lists.delete(id);
        published.entries.delete(id);
      });
    }
  }

  await renew(signing(authorities.current()), false);

  return {
    list: (issuerId) => published.lists.get(issuerId),
    isRevoked: (serialNumber) => [...published.entries.values()].some((entries) => entries.has(serialNumber)),
    async refresh() {
      const now = clock.now();
      const all = signing(authorities.current());
      const listOf = ({ id }: SigningAuthority) => published.lists.get(id);
      const wasAhead = all.some((authority) => (listOf(authority)?.thisUpdate ?? now) > now);
      const due = all.filter((authority) => {
        const list = listOf(authority);
        return !list || now < list.thisUpdate || now >= list.nextUpdate - lifetimeMs / 2;
      });
      await renew(due, wasAhead);
      return wasAhead;
    },
  };
}

async function loadPublished({ database, store, clock }: RevocationListsDeps): Promise<Published> {
  return database.snapshot(async (connection) => {
    const lists = await store.revocationLists(connection);
    const now = clock.now();
    const since = Math.min(now, ...[...lists.values()].map(({ thisUpdate }) => thisUpdate));
    return { lists, entries: await loadEntries(connection, store, { since, now }) };
  });
}

/**
 * The revoked certificates that expire after `since`. A clock that was ahead may have dated a revocation
 * after `now`, and some verifiers would wait for that time.
 */
async function loadEntries(
  connection: Connection,
  store: CaStore,
  { since, now }: { since: number; now: number },
): Promise<Map<string, RevokedEntries>> {
  const entries = new Map<string, RevokedEntries>();
  const revoked = Map.groupBy(await store.revoked(connection, since), ({ issuerId }) => issuerId);
  for (const [issuerId, certificates] of revoked) {
    const created = createRevokedEntries();
    created.with(certificates.map((each) => ({ ...each, revokedAt: Math.min(each.revokedAt, now) }))).adopt();
    entries.set(issuerId, created);
  }
  return entries;
}
