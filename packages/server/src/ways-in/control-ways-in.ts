// The ways into the admin API. They are the same as at the gateway, but accept tokens of the control plane.
import type { WaysIn } from '@gatehouse/access';
import { createWaysIn } from '@gatehouse/access';
import type { Capabilities } from '../capabilities.ts';
import type { Foundation } from '../foundation.ts';
import type { Places } from '../places.ts';
import type { OnceOnly } from './once-only.ts';

export interface ControlWaysInDeps extends OnceOnly {
  foundation: Foundation;
  capabilities: Capabilities;
  places: Places;
}

/** The verifiers change with the keys that sign tokens. */
export function controlWaysIn(deps: ControlWaysInDeps): () => WaysIn {
  let waysIn = create(deps);
  deps.foundation.feed.subscribe({
    async apply(changes) {
      if (changes.some(({ section }) => section === 'trust')) waysIn = create(deps);
    },
  });
  return () => waysIn;
}

function create({ foundation, capabilities, places, claims, trust }: ControlWaysInDeps): WaysIn {
  const { identity, ca, oauth } = capabilities;
  const { users, keys, services, digests, endedSignIns } = identity.sections;
  const { issuers, certificates } = ca.sections;
  const { url } = places.control;
  return createWaysIn({
    principals: {
      users: users.entries,
      keys: keys.entries,
      services: services.entries,
      digests: digests.entries,
      // The sessions of the gateway. This listener has its own cookie.
      sessions: new Map(),
      endedSignIns: endedSignIns.entries,
      clients: oauth.sections.clients.entries,
      revocations: oauth.sections.revocations.entries,
    },
    trust: { issuers: issuers.entries, certificates: certificates.entries },
    tokens: identity.trust({ issuer: url, audience: url }),
    ...trust.current,
    claims,
    clock: foundation.clock,
  });
}
