// Certificate revocation lists (RFC 5280 §5), one for each authority whose key is here: made anew right after a revocation, and
// at half of their life. Entries are encoded once and kept joined, so that a list costs one copy and one signature.
import { signRevocationList } from '@gatehouse/x509';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { CommittedEvent, Events } from '../../platform/events.ts';
import type { Projection } from '../../platform/feed.ts';
import { isRevocation, listPublishedEvent } from '../events.ts';
import type { Authorities } from '../hierarchy/authorities.ts';
import type { Authority, Hierarchy } from '../hierarchy/hierarchy.ts';
import type { CaStore, RevocationList } from '../store/store.ts';
import type { RevokedEntries } from './revoked-entries.ts';
import { createRevokedEntries } from './revoked-entries.ts';

export interface RevocationLists {
  /** The list of an authority, the last one where its key is gone; undefined when its key was never here. */
  list(issuerId: string): RevocationList | undefined;
  isRevoked(serialNumber: string): boolean;
  /** Makes the lists that are missing, past half of their life, or dated after now. Gives whether one was dated after now. */
  refresh(): Promise<boolean>;
  /** Puts what was revoked on its list; revocations that are committed together share one signature. */
  projection: Projection;
}

export interface RevocationListsDeps {
  database: Database;
  store: CaStore;
  events: Events;
  clock: Clock;
  authorities: Authorities;
}

interface Issued {
  entries: RevokedEntries;
  number: number;
  list: RevocationList | undefined;
}

/** Reads what was revoked and makes every list. */
export async function openRevocationLists(
  deps: RevocationListsDeps,
  { crlLifetime }: { crlLifetime: number },
): Promise<RevocationLists> {
  const { database, store, events, clock, authorities } = deps;
  const lifetimeMs = crlLifetime * 1000;
  const issuers = new Map<string, Issued>();
  let lastLists = await store.lastLists();

  function issued(issuerId: string): Issued {
    const known = issuers.get(issuerId);
    if (known) return known;
    const created = { entries: createRevokedEntries(), number: 0, list: undefined };
    issuers.set(issuerId, created);
    return created;
  }

  function sign(authority: SigningAuthority): void {
    const its = issued(authority.id);
    const now = clock.now();
    const { der } = signRevocationList({
      issuer: authority.certificate,
      signer: authority.signer,
      number: BigInt(its.number),
      thisUpdate: new Date(now),
      nextUpdate: new Date(now + lifetimeMs),
      entries: its.entries.joined(),
    });
    its.list = { der, number: its.number, thisUpdate: now, nextUpdate: now + lifetimeMs };
  }

  async function publishAnew(authority: SigningAuthority): Promise<void> {
    const its = issued(authority.id);
    // An entry stays until its certificate has expired and a list has said so once more (RFC 5280 §3.3).
    if (its.list) its.entries.dropExpired(Math.min(its.list.thisUpdate, clock.now()));
    await database.write(async (tx) => {
      its.number = await store.nextCrlNumber(tx, authority.id, clock.now());
      const published = { number: its.number, entries: its.entries.size };
      await events.publish(tx, listPublishedEvent(authority.id, published));
    });
    sign(authority);
  }

  async function refresh(): Promise<boolean> {
    lastLists = await store.lastLists();
    const now = clock.now();
    const wasAhead = [...issuers.values()].some(({ list }) => list !== undefined && list.thisUpdate > now);
    if (wasAhead) await undoFuture(now);
    for (const authority of signing(authorities.current())) {
      const { list } = issued(authority.id);
      if (!list || now < list.thisUpdate || now >= list.nextUpdate - lifetimeMs / 2)
        await publishAnew(authority);
    }
    return wasAhead;
  }

  /** While the clock was ahead, certificates that are valid still had expired, and left the lists. */
  async function undoFuture(now: number): Promise<void> {
    for (const { entries } of issuers.values()) entries.revokedBefore(now);
    await load();
  }

  async function load(): Promise<void> {
    for (const certificate of await store.revoked(clock.now())) {
      issued(certificate.issuerId).entries.add(certificate);
    }
  }

  async function add(events: readonly CommittedEvent[]): Promise<void> {
    const changed = new Set<string>();
    for (const event of events.filter(isRevocation)) {
      const certificate = await store.revokedCertificate(event.subject);
      if (!certificate) continue;
      const its = issued(certificate.issuerId);
      its.entries.add(certificate);
      its.number = Math.max(its.number, Number(event.data.crlNumber));
      changed.add(certificate.issuerId);
    }
    for (const authority of signing(authorities.current())) if (changed.has(authority.id)) sign(authority);
  }

  await load();
  await refresh();

  return {
    list: (issuerId) => lastLists.get(issuerId) ?? issuers.get(issuerId)?.list,
    isRevoked: (serialNumber) => [...issuers.values()].some(({ entries }) => entries.has(serialNumber)),
    refresh,
    projection: { name: 'revocation lists', build: load, advance: add },
  };
}

interface SigningAuthority extends Authority {
  signer: NonNullable<Authority['signer']>;
}

function signing({ roots, intermediates }: Hierarchy): SigningAuthority[] {
  return [...roots, ...intermediates].filter(
    (authority) => authority.signer !== undefined,
  ) as SigningAuthority[];
}
