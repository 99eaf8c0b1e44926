// The permissions that people have given to clients. A decision is stored, and applies at the next sign-in,
// so a person is asked once for each scope.

import type { Clock } from '@gatehouse/access';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { Database } from '../../platform/store/database.ts';
import { oauthEvent } from '../events.ts';
import type { OauthStore } from '../store/store.ts';

export interface Consents {
  /** The grant for the request; undefined if the person must be asked. */
  loadGrant(ctx: KoaContextWithOIDC): Promise<InstanceType<Provider['Grant']> | undefined>;
  /** Records that the user allows it. Earlier permissions stay. */
  allow(consent: { user: string; client: string; scopes: readonly string[] }, actor: Actor): Promise<void>;
  /** Records that the user does not allow it. */
  refuse(consent: { user: string; client: string; scopes: readonly string[] }, actor: Actor): Promise<void>;
}

export interface ConsentsDeps {
  database: Database;
  store: OauthStore;
  events: Events;
  clock: Clock;
}

export function createConsents({ database, store, events, clock }: ConsentsDeps): Consents {
  async function remembered(ctx: KoaContextWithOIDC) {
    const { client, account, provider, resourceServers = {} } = ctx.oidc;
    if (!client || !account) return undefined;
    const allowed = await store.consent(database.read, account.accountId, client.clientId);
    if (!allowed) return undefined;
    const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
    addScopes(grant, allowed, Object.keys(resourceServers));
    await grant.save();
    return grant;
  }

  return {
    async loadGrant(ctx) {
      const { client, session, result, provider } = ctx.oidc;
      if (!client) return undefined;
      const decided = result?.consent?.grantId;
      const id = decided ?? session?.grantIdFor(client.clientId);
      const grant = id === undefined ? undefined : await provider.Grant.find(id);
      if (grant && grant.accountId === ctx.oidc.account?.accountId) return grant;
      return decided === undefined ? remembered(ctx) : undefined;
    },
    allow: ({ user, client, scopes }, actor) =>
      database.write(async (tx) => {
        const before = (await store.consent(tx, user, client)) ?? [];
        const all = [...new Set([...before, ...scopes])];
        await store.putConsent(tx, { user, client, scopes: all, grantedAt: clock.now() });
        await events.publish(tx, oauthEvent('consent_given', actor, user, { client, scopes: [...scopes] }));
      }),
    refuse: ({ user, client, scopes }, actor) =>
      database.write(async (tx) => {
        const event = oauthEvent('consent_refused', actor, user, { client, scopes: [...scopes] });
        await events.publish(tx, { ...event, outcome: 'failure' });
      }),
  };
}

/** Adds the scopes to a grant, for people’s data and for each resource. */
export function addScopes(
  grant: InstanceType<Provider['Grant']>,
  scopes: readonly string[],
  resources: readonly string[],
): void {
  const text = scopes.join(' ');
  if (text === '') return;
  grant.addOIDCScope(text);
  for (const resource of resources) grant.addResourceScope(resource, text);
}
