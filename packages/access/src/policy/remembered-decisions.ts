// Decisions that are valid for later requests. If no policy read a part of the request itself, the decision
// depends only on the caller, the route and the method. Their objects never change, so any change of them
// leads to a new decision.
import type { Principal } from '../principals/principal.ts';
import type { Decision } from './policy.ts';
import type { RouteAction } from './route-entities.ts';
import { createSharedValues } from './shared-values.ts';

export interface RememberedDecisions {
  find(about: RouteAction, principal: Principal): Decision | undefined;
  add(about: RouteAction, principal: Principal, decision: Decision): void;
}

/**
 * Both keys are weak: a decision disappears with its caller, and with its route.
 * @example
 * const remembered = createRememberedDecisions();
 * const decision = remembered.find(about, principal) ?? evaluate(request);
 */
export function createRememberedDecisions(): RememberedDecisions {
  const known = new WeakMap<RouteAction, WeakMap<Principal, Decision>>();
  const shared = createSharedValues((decision: Decision) => decision);
  return {
    find: (about, principal) => known.get(about)?.get(principal),
    add(about, principal, decision) {
      const ofCallers = known.get(about);
      if (ofCallers) ofCallers.set(principal, shared(decision));
      else known.set(about, new WeakMap([[principal, shared(decision)]]));
    },
  };
}
