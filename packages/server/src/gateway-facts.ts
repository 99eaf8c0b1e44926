// Writes the gateway's facts to the ledger. A denial is an event; equal ones within a minute are counted. The
// use of a key goes through identity, which knows its last use.
import type { Fact } from '@gatehouse/access';
import type { Capabilities } from './capabilities.ts';
import type { Actor } from './platform/events.ts';
import type { RepeatedEvents } from './platform/repeated-events.ts';

export interface FactDeps {
  repeated: Pick<RepeatedEvents, 'record'>;
  capabilities: Capabilities;
}

/** Resolves when the fact is on disk, or is counted with an equal one that is. */
export function recordFact({ repeated, capabilities }: FactDeps, fact: Fact): Promise<void> {
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
  return repeated.record({
    type: 'gateway.request_denied',
    actor,
    outcome: 'failure',
    subject: route,
    data,
  });
}

async function noted(note: () => void): Promise<void> {
  note();
}
