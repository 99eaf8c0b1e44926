// Whether a request may pass: route, credential, principal, policy, in that order, and the ledger's record of every denial
// before it is answered.
import type { Credential } from '../identity/worker.ts';
import { credentialFrom } from '../identity/worker.ts';
import { GatehouseError } from '../platform/errors.ts';
import type { Principal } from '../platform/principal.ts';
import type { Exchange } from './exchange.ts';
import { recordedPath } from './exchange.ts';
import type { FactRecorder } from './facts.ts';
import { createKeyUseReporter } from './facts.ts';
import type { CheckedRequest } from './request-check.ts';
import type { Route } from './route-table.ts';
import type { CompiledSnapshot } from './snapshot.ts';

export interface Admission {
  /** Fills in the exchange's route, principal and decision. Throws what the client is to be told. */
  admit(exchange: Exchange, request: CheckedRequest, snapshot: CompiledSnapshot): Promise<Route>;
}

export function createAdmission(facts: FactRecorder, now: () => number): Admission {
  const reportKeyUse = createKeyUseReporter(facts, now);

  async function identify(
    exchange: Exchange,
    request: CheckedRequest,
    snapshot: CompiledSnapshot,
  ): Promise<void> {
    const { address, requestId, route } = exchange;
    const credential = credentialFrom(request.authorization, request.apiKey);
    if (!credential) throw new GatehouseError('unauthenticated', 'Send an access token or an API key.');
    if (route && !route.accept.includes(credential.via)) throw notAccepted(credential, route);
    const known = snapshot.authenticator.authenticate(credential);
    const principal = known instanceof Promise ? await known : known;
    exchange.principal = principal;
    if (principal.keyId === undefined) return;
    const { keyId: id, name } = principal;
    await reportKeyUse({ type: 'keyUsed', id, name, address, requestId });
  }

  async function identifyIfPossible(exchange: Exchange, request: CheckedRequest, snapshot: CompiledSnapshot) {
    if (request.authorization === undefined && request.apiKey === undefined) return;
    try {
      await identify(exchange, request, snapshot);
    } catch (error) {
      // On a public route a credential may as well be meant for the upstream.
      const foreign = error instanceof GatehouseError && error.status === 401;
      if (!foreign) throw error;
    }
  }

  async function deny(exchange: Exchange, request: CheckedRequest, error: GatehouseError): Promise<never> {
    exchange.decision = 'denied';
    exchange.reason ??= error.code;
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
          authorize(exchange, request, snapshot);
        } catch (error) {
          if (error instanceof GatehouseError && error.status < 500) await deny(exchange, request, error);
          throw error;
        }
      }
      exchange.decision = 'allowed';
      return route;
    },
  };
}

function authorize(exchange: Exchange, request: CheckedRequest, { policy }: CompiledSnapshot): void {
  const { principal, route } = exchange as { principal: Principal; route: Route };
  const decision = policy.decide({ principal, action: request.method, resource: route.id });
  if (decision.allowed) return;
  exchange.reason = decision.reason;
  throw new GatehouseError('forbidden', 'You may not do this here.');
}

function notAccepted(credential: Credential, route: Route): GatehouseError {
  const wanted = route.accept.join(' or ');
  return new GatehouseError(
    'credential_invalid',
    `This route does not accept ${credential.via}: use ${wanted}.`,
  );
}
