// Decides whether a request may pass. It finds the route, the credential and the principal, then asks the
// policy, and has every denial recorded in the ledger before the answer.
import type { Presented } from '../identity/worker.ts';
import { GatehouseError } from '../platform/errors.ts';
import type { Principal } from '../platform/principal.ts';
import { accessRequestOf } from './access-request.ts';
import type { Exchange } from './exchange.ts';
import { recordedPath } from './exchange.ts';
import type { FactRecorder } from './facts.ts';
import { createKeyUseReporter } from './facts.ts';
import type { CheckedRequest } from './request-check.ts';
import type { GatewayRoute } from './route-table.ts';
import type { Snapshot } from './snapshot.ts';

export interface Admission {
  /** Fills in the exchange's route, principal and decision. Throws the error that the client gets. */
  admit(exchange: Exchange, request: CheckedRequest, snapshot: Snapshot): Promise<GatewayRoute>;
  /**
   * Whether a request that was admitted before may go on under `snapshot`. False for a request that is still
   * being admitted, or was denied.
   */
  holds(exchange: Exchange, snapshot: Snapshot): boolean;
}

export function createAdmission(facts: FactRecorder, now: () => number): Admission {
  const reportKeyUse = createKeyUseReporter(facts, now);

  async function identify(exchange: Exchange, request: CheckedRequest, snapshot: Snapshot): Promise<void> {
    const { address, requestId } = exchange;
    const { accept } = exchange.route as GatewayRoute;
    const known = snapshot.waysIn.identify(presentedBy(exchange, request), accept);
    const principal = known instanceof Promise ? await known : known;
    exchange.principal = principal;
    if (principal.keyId === undefined) return;
    const { keyId: id, name } = principal;
    await reportKeyUse({ type: 'keyUsed', id, name, address, requestId });
  }

  async function identifyIfPossible(exchange: Exchange, request: CheckedRequest, snapshot: Snapshot) {
    const { authorization, apiKey } = request;
    if (authorization === undefined && apiKey === undefined && !exchange.presented) return;
    try {
      await identify(exchange, request, snapshot);
    } catch (error) {
      // On a public route, a credential may be meant for the upstream.
      const foreign = error instanceof GatehouseError && error.status === 401;
      if (!foreign) throw error;
    }
  }

  async function deny(exchange: Exchange, request: CheckedRequest, error: GatehouseError): Promise<never> {
    exchange.decision = 'denied';
    exchange.reason ??= reasonOf(error);
    const { principal, address, requestId, route, reason } = exchange;
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
    async admit(exchange, request, snapshot) {
      exchange.path = request.path;
      const route = snapshot.routes.match(request);
      exchange.route = route;
      if (route.access === 'public') {
        await identifyIfPossible(exchange, request, snapshot);
      } else {
        try {
          await identify(exchange, request, snapshot);
          authorize(exchange, snapshot, now());
        } catch (error) {
          if (error instanceof GatehouseError && error.status < 500) await deny(exchange, request, error);
          throw error;
        }
      }
      exchange.decision = 'allowed';
      return route;
    },

    holds(exchange, snapshot) {
      const { principal, route, decision } = exchange;
      if (!principal || !route || decision !== 'allowed') return true;
      try {
        const current = snapshot.waysIn.current(principal, { certificate: exchange.presented });
        if (route.access === 'public') return true;
        const asked = accessRequestOf(exchange, current, { route, time: now() });
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

function presentedBy({ presented }: Exchange, { authorization, apiKey }: CheckedRequest): Presented {
  return { authorization, apiKey, certificate: presented };
}

function authorize(exchange: Exchange, { policy }: Snapshot, time: number): void {
  const { principal, route } = exchange as { principal: Principal; route: GatewayRoute };
  const decision = policy.decide(accessRequestOf(exchange, principal, { route, time }));
  if (decision.allowed) return;
  exchange.reason = decision.reason;
  throw new GatehouseError('forbidden', 'You may not do this here.');
}
