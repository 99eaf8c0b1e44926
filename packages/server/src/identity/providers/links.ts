// Links between users and accounts at sign-in providers. People make them on their account page. An equal
// name or e-mail address never makes a link. A subject of a provider belongs to one user, and a user has one
// subject there.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Actor, DomainEvent, Events } from '../../platform/feed/events.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { LinkStore, ProviderLink, Subject } from '../store/link-queries.ts';

export type { ProviderLink, Subject } from '../store/link-queries.ts';

export interface NewLink extends Subject {
  user: string;
  /** The name of the person at the provider. */
  label: string | null;
}

export interface Links {
  /** By the name of the provider. */
  listOf(user: string): Promise<ProviderLink[]>;
  find(subject: Subject): Promise<ProviderLink | undefined>;
  /** Throws `conflict` if the subject is linked with a user, or the user with another subject. */
  add(tx: Tx, link: NewLink, actor: Actor): Promise<void>;
  /**
   * Also ends the sessions that came from it, except the one with the id `except`. Throws `not_found`.
   */
  remove(link: Pick<ProviderLink, 'user' | 'provider'>, actor: Actor, except?: string): Promise<void>;
}

export interface LinksDeps {
  database: Database;
  store: LinkStore;
  events: Events;
  clock: Clock;
  sessions: Pick<Sessions, 'endThrough'>;
}

export function createLinks({ database, store, events, clock, sessions }: LinksDeps): Links {
  return {
    listOf: (user) => store.linksOf(database.read, user),
    find: (subject) => store.link(database.read, subject),
    async add(tx, link, actor) {
      const isNew = await store.insertLink(tx, { ...link, createdAt: clock.now(), lastUsedAt: null });
      if (!isNew) throw taken(link.provider);
      await events.publish(tx, linkEvent('provider_linked', actor, link));
    },
    async remove({ user, provider }, actor, except) {
      await database.write(async (tx) => {
        const link = await store.deleteLink(tx, user, provider);
        if (!link) throw unknownLink(user, provider);
        await events.publish(tx, linkEvent('provider_unlinked', actor, link));
        await sessions.endThrough(tx, { provider, subject: link.subject }, { actor, except });
      });
    },
  };
}

/**
 * Deletes the links of a user who is removed. Records when a link is used, and rolls back a sign-in if its
 * link was removed in the meantime.
 */
export function followLinks({ events, store, clock }: Pick<LinksDeps, 'events' | 'store' | 'clock'>): void {
  events.subscribe(async (tx, { type, subject: user, data }) => {
    if (user === null) return;
    if (type === 'identity.user_removed') await store.deleteLinksOf(tx, user);
    if (type !== 'identity.sign_in' || typeof data.provider !== 'string') return;
    const link = { user, provider: data.provider, subject: String(data.sub) };
    if (!(await store.useLink(tx, link, clock.now()))) throw unlinked(data.provider);
  });
}

function linkEvent(
  fact: string,
  actor: Actor,
  { user, provider, issuer, subject }: Subject & { user: string },
) {
  const data = { provider, issuer, sub: subject };
  return { type: `identity.${fact}`, actor, outcome: 'success', subject: user, data } satisfies DomainEvent;
}

function taken(provider: string): GatehouseError {
  return new GatehouseError(
    'conflict',
    `This account at ${provider} is already linked with a user here, or you have linked another account of this provider: remove that link first.`,
  );
}

function unlinked(provider: string): GatehouseError {
  return new GatehouseError(
    'account_not_linked',
    `The link with ${provider} was removed in the meantime: sign in again.`,
  );
}

function unknownLink(user: string, provider: string): GatehouseError {
  return new GatehouseError(
    'not_found',
    `${user} has no link with the provider ${provider}: see 'gatehouse user show ${user}'.`,
  );
}
