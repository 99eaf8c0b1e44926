// Writes the gateway's facts to the ledger. Each denial is an event. The use of a key goes through
// identity, which knows its last use.
import type { Fact } from '@gatehouse/access';
import type { Capabilities } from './capabilities.ts';
import type { Database } from './platform/database.ts';
import type { Actor, Events } from './platform/events.ts';

export interface FactDeps {
  database: Database;
  events: Events;
  capabilities: Capabilities;
}

/** Resolves when the fact is on disk. */
export function recordFact({ database, events, capabilities }: FactDeps, fact: Fact): Promise<void> {
  const { identity } = capabilities;
  if (fact.type === 'keyUsed') return identity.noteKeyUse(fact);
  if (fact.type === 'sessionUsed') return noted(() => identity.sessions.used([fact.id]));
  if (fact.type === 'signedIn') return identity.gatewaySignIn.finish(fact);
  if (fact.type === 'signedOut') return identity.gatewaySignIn.end(fact);
  const { principal, address, code, reason, keyId, tokenId, method, path, route, requestId } = fact;
  const actor: Actor = principal
    ? { ...principal, address }
    : { kind: 'anonymous', name: 'anonymous', address };
  const credential = { ...(keyId !== undefined && { keyId }), ...(tokenId !== undefined && { tokenId }) };
  const data = { code, reason, ...credential, method, path, route, requestId };
  return database.write((tx) =>
    events.publish(tx, { type: 'gateway.request_denied', actor, outcome: 'failure', subject: route, data }),
  );
}

async function noted(note: () => void): Promise<void> {
  note();
}
