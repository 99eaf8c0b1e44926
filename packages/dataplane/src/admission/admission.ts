// Connects the engine with the decisions of @gatehouse/access: request target, route, credential, policy and
// assertion, all from the snapshot that is in force.
import type { Admission as Decisions, GatewayRoute, SectionCopies, Snapshot } from '@gatehouse/access';
import {
  answerFields,
  clientPath,
  forwardedPath,
  GatehouseError,
  parseRequestTarget,
  preflightFields,
  preflightMethod,
} from '@gatehouse/access';
import type { Admission, AdmissionState, Admitted, LocalAnswer } from '../exchange/admission.ts';
import type { FieldList } from '../http1/messages.ts';
import type { RouteUpstreams } from './route-upstreams.ts';

export interface AdmissionDeps {
  decisions: Decisions;
  copies: Pick<SectionCopies, 'snapshot'>;
  upstreams: RouteUpstreams;
}

export function createAdmission({ decisions, copies, upstreams }: AdmissionDeps): Admission {
  function pass(state: AdmissionState, found: Found): Admitted | Promise<Admitted> {
    const { snapshot, route, path, query } = found;
    const passed = (assertion: string | undefined): Admitted => {
      // The end of revoked requests looks only at admitted ones, so a credential may have been revoked during
      // the admission.
      const newest = copies.snapshot();
      if (newest !== snapshot && !decisions.holds(state, newest)) {
        throw new GatehouseError('credential_invalid', 'The credential was revoked.');
      }
      return {
        route,
        upstream: upstreams.of(route),
        path: forwardedPath(route, path) + query,
        clientPath: (upstreamPath) => clientPath(route, upstreamPath),
        assertion,
        isOwnCredential: snapshot.waysIn.issuedHere,
      };
    };
    const assertion = state.principal && snapshot.assertions.sign(state.principal, route);
    return assertion instanceof Promise ? assertion.then(passed) : passed(assertion);
  }

  return {
    admit(state) {
      const snapshot = copies.snapshot();
      const { request, host } = state;
      if (request.method === 'OPTIONS' && request.target === '*') return serverOptions(state);
      const { path, query, authority } = parseRequestTarget(request.target);
      state.path = path;
      if (authority !== undefined && authority.toLowerCase() !== host) {
        throw new GatehouseError('host_invalid', 'The request target names another host than Host does.');
      }
      const origin = fieldValue(request.fields, 'origin');
      const requestMethod = fieldValue(request.fields, 'access-control-request-method');
      const { method, authorization, apiKey } = request;
      const preflight = preflightMethod({ method, origin, requestMethod });
      if (preflight !== undefined && origin !== undefined) {
        const answer = answerPreflight(state, { snapshot, path, method: preflight, origin });
        if (answer) return answer;
      }
      const asked = { method, host, path, authorization, apiKey };
      const route = snapshot.routes.match(asked);
      if (route.cors) state.answerFields = answerFields(route.cors, origin).flat();
      const admitted = decisions.admit(state, asked, snapshot);
      const found = (admittedRoute: GatewayRoute) => ({ snapshot, route: admittedRoute, path, query });
      return admitted instanceof Promise
        ? admitted.then((later) => pass(state, found(later)))
        : pass(state, found(admitted));
    },
    holds: (state) => decisions.holds(state, copies.snapshot()),
    isRevoked: ({ presented }) => copies.snapshot().waysIn.isRevoked(presented),
    challenge: (code, { route }) => copies.snapshot().waysIn.challenge(code, route?.accept),
  };
}

/** RFC 9110 §9.3.7: `OPTIONS *` asks about the server, not about a resource. */
function serverOptions(state: AdmissionState): LocalAnswer {
  state.path = '*';
  state.decision = 'allowed';
  return { status: 204, fields: [] };
}

interface Found {
  snapshot: Snapshot;
  route: GatewayRoute;
  path: string;
  query: string;
}

interface Preflight {
  snapshot: Snapshot;
  path: string;
  method: string;
  origin: string;
}

/** Browsers send no credential with a preflight. Undefined if its route has no rule: then it is a request. */
function answerPreflight(
  state: AdmissionState,
  { snapshot, path, method, origin }: Preflight,
): LocalAnswer | undefined {
  const route = snapshot.routes.match({ method, host: state.host, path });
  if (!route.cors) return undefined;
  state.route = route;
  state.decision = 'allowed';
  return { status: 204, fields: preflightFields(route.cors, origin).flat() };
}

function fieldValue(fields: FieldList, name: string): string | undefined {
  for (let index = 0; index < fields.length; index += 2) {
    const field = fields[index] as string;
    if (field.length === name.length && field.toLowerCase() === name) return fields[index + 1];
  }
  return undefined;
}
