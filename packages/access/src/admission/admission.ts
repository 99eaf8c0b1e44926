// Decides whether a request may pass. It finds the route, the credential and the principal, and then asks the
// policy. Every denial is in the ledger before the answer.
import { GatehouseError } from '../errors/errors.ts';
import type { Decision, PolicyError } from '../policy/policy.ts';
import { requireLevel, requireStrength } from '../principals/authentication-strength.ts';
import type { Principal } from '../principals/principal.ts';
import type { GatewayRoute } from '../routes/route-table.ts';
import type { Snapshot } from '../sections/snapshot.ts';
import { claimedCredential } from '../ways-in/claimed-credential.ts';
import type { Presented } from '../ways-in/way-in.ts';
import { accessRequestOf } from './access-request.ts';
import type { AdmissionRequest, AdmissionState } from './admission-state.ts';
import type { FactRecorder } from './facts.ts';
import { createUseReporter } from './facts.ts';
import { queryParameters } from './query-parameters.ts';
import { recordedPath } from './recorded-path.ts';
import { invitation, isInvitation, isNonceRequest, isRefusal, mayInvite, reasonOf } from './refusals.ts';

type Admitted = GatewayRoute | Promise<GatewayRoute>;

/** Decides on requests. Every denial is recorded before the answer. */
export interface Admission {
  /**
   * Fills in the state’s route, principal and decision. Throws or rejects with the error for the client.
   * Returns a promise only if something must be recorded first.
   */
  admit(state: AdmissionState, request: AdmissionRequest, snapshot: Snapshot): Admitted;
  /**
   * Denies an admitted request because of its body. Rejects with `error` after the denial was recorded.
   */
  denyBody(state: AdmissionState, error: GatehouseError): Promise<never>;
  /**
   * Whether an admitted request may continue under `snapshot`. If its route was replaced, the route that now
   * has its path decides. False for a request that is still being admitted, or was denied.
   */
  holds(state: AdmissionState, snapshot: Snapshot): boolean;
}

/**
 * `now` returns milliseconds since the epoch. `policyFailed` is called with policies that could not be
 * evaluated.
 * @example
 * const admission = createAdmission(facts, systemClock.now);
 * const route = await admission.admit(state, request, snapshot);
 */
export function createAdmission(
  facts: FactRecorder,
  now: () => number,
  policyFailed: (errors: readonly PolicyError[]) => void = () => {},
): Admission {
  const reportUse = createUseReporter(facts, now);

  /**
   * Returns a promise if something must be claimed or recorded first. Throws or rejects with the errors of
   * the ways in.
   */
  function identify(
    state: AdmissionState,
    request: AdmissionRequest,
    { waysIn }: Snapshot,
  ): Promise<void> | undefined {
    const { accept } = state.route as GatewayRoute;
    const identified = waysIn.identify(presentedBy(state, request), accept);
    return identified instanceof Promise
      ? identified.then((principal) => noteCaller(state, principal))
      : noteCaller(state, identified);
  }

  function noteCaller(state: AdmissionState, principal: Principal): Promise<void> | undefined {
    state.principal = principal;
    const { keyId: id, sessionId, via, name } = principal;
    // No request waits for this: if it is lost, the session only ends earlier.
    if (via === 'session' && sessionId !== undefined) {
      reportUse({ type: 'sessionUsed', id: sessionId })?.catch(() => {});
    }
    if (id === undefined) return undefined;
    const { address, requestId } = state;
    return reportUse({ type: 'keyUsed', id, name, address, requestId });
  }

  function admitPublic(state: AdmissionState, request: AdmissionRequest, snapshot: Snapshot): Admitted {
    const { authorization, apiKey, browser } = request;
    const isAnonymous = authorization === undefined && apiKey === undefined && !browser && !state.presented;
    if (isAnonymous) {
      state.isRepeatable = true;
      return allow(state);
    }
    try {
      const pending = identify(state, request, snapshot);
      return pending
        ? pending.then(
            () => allow(state),
            (error) => allowAnonymous(state, error),
          )
        : allow(state);
    } catch (error) {
      return allowAnonymous(state, error);
    }
  }

  /** On a public route, a credential may be for the upstream. */
  function allowAnonymous(state: AdmissionState, error: unknown): GatewayRoute {
    if (isRefusal(error) && (error.status === 401 || error.code === 'cross_site_request'))
      return allow(state);
    throw error;
  }

  function admitAuthenticated(
    state: AdmissionState,
    request: AdmissionRequest,
    snapshot: Snapshot,
  ): Admitted {
    const refuse = (error: unknown) => {
      if (isInvitation(error) || isNonceRequest(error)) throw error;
      if (mayInvite(state, request, error)) throw invitation();
      if (isRefusal(error)) return deny(state, request, error);
      throw error;
    };
    try {
      const pending = identify(state, request, snapshot);
      return pending
        ? pending.then(() => authorize(state, request, snapshot), refuse)
        : authorize(state, request, snapshot);
    } catch (error) {
      return refuse(error);
    }
  }

  /** Why the caller’s sign-in is not sufficient for the route; undefined if it is. */
  function weakness(principal: Principal, { require }: GatewayRoute): GatehouseError | undefined {
    try {
      if (require) requireStrength(principal, require, Math.floor(now() / 1000));
      return undefined;
    } catch (error) {
      if (isRefusal(error)) return error;
      throw error;
    }
  }

  function authorize(state: AdmissionState, request: AdmissionRequest, snapshot: Snapshot): Admitted {
    const { principal, route } = state as AdmissionState & Known;
    const weak = weakness(principal, route);
    if (weak) {
      // A person with a browser can sign in again.
      if (principal.via === 'session' && request.canSignIn?.()) throw invitation(weak.requirement);
      return deny(state, request, weak);
    }
    const decision = snapshot.policy.decide(accessRequestOf(state, principal, { route, time: now() }));
    if (decision.errors) policyFailed(decision.errors);
    if (decision.allowed && decision.alarms.length > 0) return raise(state, decision);
    if (decision.allowed) {
      state.isRepeatable = isRepeatable(state, decision, snapshot);
      return allow(state);
    }
    state.reason = decision.reason;
    state.policies = decision.policies;
    return deny(state, request, new GatehouseError('forbidden', NOT_ALLOWED));
  }

  /** Allows the request after the alarms of its policies are in the ledger. */
  async function raise(state: AdmissionState, { alarms }: Decision): Promise<GatewayRoute> {
    const { principal, address, requestId, method, route, path } = state as AdmissionState & Known;
    const { kind, name } = principal;
    const what = { method, path: recordedPath(path), route: route.id };
    await facts.record({
      type: 'alarm',
      policies: alarms,
      principal: { kind, name },
      ...what,
      address,
      requestId,
    });
    state.policies = alarms;
    return allow(state);
  }

  async function deny(
    state: AdmissionState,
    request: AdmissionRequest,
    error: GatehouseError,
  ): Promise<never> {
    state.claimed = claimedCredential({ ...request, fields: signedFields(state) });
    return recordDenial(state, error);
  }

  async function recordDenial(state: AdmissionState, error: GatehouseError): Promise<never> {
    state.decision = 'denied';
    state.reason ??= reasonOf(error);
    const { principal, address, requestId, route, reason, policies } = state;
    const who = principal && { kind: principal.kind, name: principal.name };
    const what = { method: state.method, path: recordedPath(state.path), route: route?.id ?? '' };
    await facts.record({
      type: 'denied',
      principal: who,
      code: error.code,
      reason,
      ...(policies && { policies }),
      ...state.claimed,
      ...what,
      address,
      requestId,
    });
    throw error;
  }

  return {
    admit(state, request, snapshot) {
      state.path = request.path;
      const route = snapshot.routes.match(request);
      state.route = route;
      // An ambiguous query is refused for every caller, so it is not a denial.
      if (route.query && route.access !== 'public') queryParameters(state.query, route.query);
      return route.access === 'public'
        ? admitPublic(state, request, snapshot)
        : admitAuthenticated(state, request, snapshot);
    },

    denyBody(state, error) {
      state.claimed = { keyId: state.principal?.keyId };
      return recordDenial(state, error);
    },

    holds(state, snapshot) {
      const { principal, decision } = state;
      if (!state.route || decision !== 'allowed') return true;
      const isSame = snapshot.routes.has(state.route);
      if (isSame && !principal) return true;
      try {
        const route = isSame ? state.route : snapshot.routes.match(state);
        if (!principal) return route.access === 'public';
        const current = snapshot.waysIn.current(principal, { certificate: state.presented });
        if (route.access === 'public') return true;
        if (!isSame && !accepts(route, principal)) return false;
        // If a sign-in only becomes too old, running requests continue.
        if (route.require) requireLevel(current, route.require);
        const asked = accessRequestOf(state, current, { route, time: now() });
        const { allowed, alarms } = snapshot.policy.decide(asked);
        // An alarm that was not recorded cannot be recorded now: the client must repeat the request.
        return allowed && alarms.every((id) => state.policies?.includes(id));
      } catch (error) {
        if (error instanceof GatehouseError) return false;
        throw error;
      }
    },
  };
}

/** The same for every policy, because a stranger must not learn the policies from it. */
const NOT_ALLOWED =
  'Your credential is valid, but the policies of this gateway do not allow this request. Ask an administrator for access, ' +
  'and give them the request id: the ledger has the reason.';

/** The facts about a request after the decision of the policy. */
interface Known {
  principal: Principal;
  route: GatewayRoute;
}

function accepts({ accept }: GatewayRoute, { via }: Principal): boolean {
  return accept.some((way) => way === via);
}

function presentedBy(state: AdmissionState, request: AdmissionRequest): Presented {
  const { authorization, apiKey, dpop, method, target, host, hasContent, browser } = request;
  const { presented: certificate, address, route } = state;
  const trustedOrigins = route?.cors?.credentials ? route.cors.origins : [];
  return {
    authorization,
    apiKey,
    dpop,
    certificate,
    address,
    // If the route names a host, that host has matched.
    request: { method, target, host, isOwnHost: route?.host !== undefined, hasContent },
    fields: signedFields(state),
    browser: browser && { ...browser, trustedOrigins },
  };
}

/** The header fields of a request on a route that accepts signatures. */
function signedFields({ route, fields }: AdmissionState): readonly string[] | undefined {
  return route?.accept.includes('signature') ? fields : undefined;
}

/** A certificate may expire while its connection stays open. */
function isRepeatable(
  { presented, principal }: AdmissionState,
  { isGeneral, errors }: Decision,
  { waysIn }: Snapshot,
): boolean {
  if (presented || !principal || !isGeneral || errors) return false;
  return waysIn.isRepeatable(principal);
}

function allow(state: AdmissionState): GatewayRoute {
  state.decision = 'allowed';
  return state.route as GatewayRoute;
}
