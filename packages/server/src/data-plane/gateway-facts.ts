// Writes the gateway's facts to the ledger. A denial is an event, and equal ones within a minute are counted.
// Identity records the use of a key, because it has the last use.
import type { Alarm, Fact } from '@gatehouse/access';
import type { Capabilities } from '../capabilities.ts';
import type { Actor, Events } from '../platform/feed/events.ts';
import type { RepeatedEvents } from '../platform/ledger/repeated-events.ts';
import type { Database } from '../platform/store/database.ts';

export interface FactDeps {
  repeated: Pick<RepeatedEvents, 'record'>;
  database: Pick<Database, 'write'>;
  events: Events;
  capabilities: Capabilities;
}

/** Resolves when the fact is on disk, or is counted with an equal one on disk. */
export function recordFact(
  { repeated, database, events, capabilities }: FactDeps,
  fact: Fact,
): Promise<void> {
  const { identity } = capabilities;
  if (fact.type === 'keyUsed') return identity.noteKeyUse(fact);
  if (fact.type === 'sessionUsed') return noted(() => identity.sessions.used([fact.id]));
  if (fact.type === 'signedIn') return identity.gatewaySignIn.finish(fact);
  if (fact.type === 'signedOut') return identity.gatewaySignIn.end(fact);
  if (fact.type === 'alarm') return recordAlarm({ database, events }, fact);
  const { principal, address, code, reason, keyId, tokenId, method, path, route, requestId } = fact;
  const { policies } = fact;
  const actor: Actor = principal
    ? { ...principal, address }
    : { kind: 'anonymous', name: 'anonymous', address };
  const credential = { ...(keyId !== undefined && { keyId }), ...(tokenId !== undefined && { tokenId }) };
  const data = {
    code,
    reason,
    ...(policies && { policies: [...policies] }),
    ...credential,
    method,
    path,
    route,
    requestId,
  };
  return repeated.record({
    type: 'gateway.request_denied',
    actor,
    outcome: 'failure',
    subject: route,
    data,
  });
}

/** Each of these is a separate entry, because none may be lost in a count. */
function recordAlarm(
  { database, events }: Pick<FactDeps, 'database' | 'events'>,
  { policies, principal, address, method, path, route, requestId }: Alarm,
): Promise<void> {
  const actor: Actor = { ...principal, address };
  const data = { policies: [...policies], method, path, route, requestId };
  return database.write((tx) =>
    events.publish(tx, { type: 'policy.alarm', actor, outcome: 'success', subject: route, data }),
  );
}

async function noted(note: () => void): Promise<void> {
  note();
}
