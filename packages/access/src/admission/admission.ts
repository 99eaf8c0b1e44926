// Decides whether a request may pass. It finds the route, the credential and the principal, then asks the
// policy, and has every denial recorded in the ledger before the answer.
import type { PresentedCertificate } from '../credentials/client-certificate.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Principal } from '../principals/principal.ts';
import type { GatewayRoute } from '../routes/route-table.ts';
import type { Snapshot } from '../sections/snapshot.ts';
import type { Presented } from '../ways-in/way-in.ts';
import { accessRequestOf } from './access-request.ts';
import type { FactRecorder } from './facts.ts';
import { createKeyUseReporter } from './facts.ts';
import { recordedPath } from './recorded-path.ts';

/** A request whose syntax was accepted: what admission reads. */
export interface AdmissionRequest {
  method: string;
  /** In lower case, with its port: `localhost:8443`. */
  host: string;
  /** Canonical. */
  path: string;
  authorization: string | undefined;
  apiKey: string | undefined;
}

/** What is known about a request so far. Admission fills in the fields that are not readonly. */
export interface AdmissionState {
  readonly requestId: string;
  /** The peer's IP address. */
  readonly address: string;
  /** The client certificate of the connection. */
  readonly presented: PresentedCertificate | undefined;
  readonly method: string;
  /** Canonical once known; never with a query. */
  path: string;
  route: GatewayRoute | undefined;
  principal: Principal | undefined;
  decision: 'allowed' | 'denied' | 'refused';
  /** Why the request was denied, refused or broken off. For the log only. */
  reason: string | undefined;
}

/** Decides on requests, and has every denial recorded before it is answered. */
export interface Admission {
  /** Fills in the state’s route, principal and decision. Throws the error that the client gets. */
  admit(state: AdmissionState, request: AdmissionRequest, snapshot: Snapshot): Promise<GatewayRoute>;
  /**
   * Whether a request that was admitted before may go on under `snapshot`. False for a request that is still
   * being admitted, or was denied.
   */
  holds(state: AdmissionState, snapshot: Snapshot): boolean;
}

/**
 * `now` gives milliseconds since the epoch.
 * @example
 * const admission = createAdmission(facts, systemClock.now);
 * const route = await admission.admit(state, request, snapshot);
 */
export function createAdmission(facts: FactRecorder, now: () => number): Admission {
  const reportKeyUse = createKeyUseReporter(facts, now);

  async function identify(
    state: AdmissionState,
    request: AdmissionRequest,
    snapshot: Snapshot,
  ): Promise<void> {
    const { address, requestId } = state;
    const { accept } = state.route as GatewayRoute;
    const known = snapshot.waysIn.identify(presentedBy(state, request), accept);
    const principal = known instanceof Promise ? await known : known;
    state.principal = principal;
    if (principal.keyId === undefined) return;
    const { keyId: id, name } = principal;
    await reportKeyUse({ type: 'keyUsed', id, name, address, requestId });
  }

  async function identifyIfPossible(state: AdmissionState, request: AdmissionRequest, snapshot: Snapshot) {
    const { authorization, apiKey } = request;
    if (authorization === undefined && apiKey === undefined && !state.presented) return;
    try {
      await identify(state, request, snapshot);
    } catch (error) {
      // On a public route, a credential may be meant for the upstream.
      const foreign = error instanceof GatehouseError && error.status === 401;
      if (!foreign) throw error;
    }
  }

  async function deny(
    state: AdmissionState,
    request: AdmissionRequest,
    error: GatehouseError,
  ): Promise<never> {
    state.decision = 'denied';
    state.reason ??= reasonOf(error);
    const { principal, address, requestId, route, reason } = state;
    const who = principal && { kind: principal.kind, name: principal.name };
    const what = { method: request.method, path: recordedPath(request.path), route: route?.id ?? '' };
    await facts.record({
      type: 'denied',
      principal: who,
      code: error.code,
      reason,
      ...what,
      address,
      requestId,
    });
    throw error;
  }

  return {
    async admit(state, request, snapshot) {
      state.path = request.path;
      const route = snapshot.routes.match(request);
      state.route = route;
      if (route.access === 'public') {
        await identifyIfPossible(state, request, snapshot);
      } else {
        try {
          await identify(state, request, snapshot);
          authorize(state, snapshot, now());
        } catch (error) {
          if (error instanceof GatehouseError && error.status < 500) await deny(state, request, error);
          throw error;
        }
      }
      state.decision = 'allowed';
      return route;
    },

    holds(state, snapshot) {
      const { principal, route, decision } = state;
      if (!principal || !route || decision !== 'allowed') return true;
      try {
        const current = snapshot.waysIn.current(principal, { certificate: state.presented });
        if (route.access === 'public') return true;
        const asked = accessRequestOf(state, current, { route, time: now() });
        return snapshot.policy.decide(asked).allowed;
      } catch (error) {
        if (error instanceof GatehouseError) return false;
        throw error;
      }
    },
  };
}

/** The code, and for a certificate also what is wrong with it: no other record says so. */
function reasonOf({ code, message }: GatehouseError): string {
  return code === 'client_certificate_invalid' ? `${code}: ${message}` : code;
}

function presentedBy({ presented }: AdmissionState, { authorization, apiKey }: AdmissionRequest): Presented {
  return { authorization, apiKey, certificate: presented };
}

function authorize(state: AdmissionState, { policy }: Snapshot, time: number): void {
  const { principal, route } = state as { principal: Principal; route: GatewayRoute };
  const decision = policy.decide(accessRequestOf(state, principal, { route, time }));
  if (decision.allowed) return;
  state.reason = decision.reason;
  throw new GatehouseError('forbidden', 'You may not do this here.');
}
