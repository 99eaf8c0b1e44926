// The compiled sections. A request uses the same snapshot from its beginning to its end. Only parts with
// changed sections are compiled again, so other changes do not affect their caches.
import type { AssertionSigner } from '../admission/assertion.ts';
import { createAssertionSigner } from '../admission/assertion.ts';
import type { Claims } from '../admission/claims.ts';
import type { AnswerSigner } from '../admission/signed-answer.ts';
import { createAnswerSigner } from '../admission/signed-answer.ts';
import type { Clock } from '../clock.ts';
import type { GatewayPolicy } from '../policy/gateway-policy.ts';
import { compileGatewayPolicy } from '../policy/gateway-policy.ts';
import type { RouteTable } from '../routes/route-table.ts';
import { createRouteTable } from '../routes/route-table.ts';
import type { WaysIn } from '../ways-in/ways-in.ts';
import { createWaysIn } from '../ways-in/ways-in.ts';
import type { GatewaySections, SectionName } from './sections.ts';
import {
  answerSigningSource,
  assertionSource,
  digestTrust,
  dpopTrust,
  signatureTrust,
  tokenTrust,
} from './sections.ts';

/** All data for a decision, in force together. */
export interface Snapshot {
  waysIn: WaysIn;
  policy: GatewayPolicy;
  routes: RouteTable;
  assertions: AssertionSigner;
  answers: AnswerSigner;
}

/** The dependencies of decisions, beside the sections. */
export interface SnapshotDeps {
  clock: Clock;
  claims: Claims;
}

/**
 * Compiles all parts. Throws if the routes or the policies do not compile.
 * @example
 * const { waysIn, routes, policy } = compileSnapshot(sections, { clock: systemClock, claims });
 */
export function compileSnapshot(sections: GatewaySections, deps: SnapshotDeps): Snapshot {
  const { clock } = deps;
  return {
    waysIn: waysInto(sections, sections, deps),
    policy: compileGatewayPolicy(sections),
    routes: createRouteTable([...sections.routes.values()]),
    assertions: createAssertionSigner(assertionSource(sections), clock),
    answers: createAnswerSigner(answerSigningSource(sections), clock),
  };
}

export interface SnapshotChange {
  /**
   * The sections that compiled parts read directly: users, keys, services, ended sign-ins, clients,
   * revocations, certificates and issuers. They change in place.
   */
  sections: GatewaySections;
  /** The changed sections among the compiled ones, with their new values. */
  changed: Partial<Pick<GatewaySections, CompiledSection>>;
  deps: SnapshotDeps;
}

/** Sections whose values are compiled. */
export const COMPILED_SECTIONS = [
  'routes',
  'policies',
  'roles',
  'trust',
] as const satisfies readonly SectionName[];
export type CompiledSection = (typeof COMPILED_SECTIONS)[number];

/** The snapshot after `earlier`. Throws if the routes or the policies do not compile. */
export function nextSnapshot(earlier: Snapshot, { sections, changed, deps }: SnapshotChange): Snapshot {
  const { routes, policies, roles, trust } = changed;
  const next = { ...earlier };
  if (routes) next.routes = createRouteTable([...routes.values()]);
  if (policies || roles) next.policy = earlier.policy.next({ ...sections, ...changed });
  if (trust) {
    next.waysIn = waysInto(sections, { trust }, deps);
    next.assertions = createAssertionSigner(assertionSource({ trust }), deps.clock);
    next.answers = createAnswerSigner(answerSigningSource({ trust }), deps.clock);
  }
  return next;
}

function waysInto(
  sections: GatewaySections,
  trust: Pick<GatewaySections, 'trust'>,
  deps: SnapshotDeps,
): WaysIn {
  const [tokens, digest, dpop] = [tokenTrust(trust), digestTrust(trust), dpopTrust(trust)];
  const signatures = signatureTrust(trust);
  return createWaysIn({ principals: sections, trust: sections, tokens, digest, dpop, signatures, ...deps });
}
