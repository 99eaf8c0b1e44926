// The input of the policy for a request: the caller, the method, the route and the context. Expensive values,
// such as the parameters of the path, are computed on demand.
import type { Fields } from '@gatehouse/cedar';
import type { AccessContext, AccessRequest, ConnectionSecurity } from '../policy/policy.ts';
import type { Principal } from '../principals/principal.ts';
import { parameterFields } from '../routes/path-parameters.ts';
import type { GatewayRoute } from '../routes/route-table.ts';
import type { AdmissionState } from './admission-state.ts';
import { headerFields } from './header-fields.ts';
import { queryParameters } from './query-parameters.ts';

export function accessRequestOf(
  state: AdmissionState,
  principal: Principal,
  { route, time }: { route: GatewayRoute; time: number },
): AccessRequest {
  const context = new RouteContext(state, route, time);
  return { principal, action: state.method, resource: route, context };
}

class RouteContext implements AccessContext {
  readonly time: number;
  readonly #state: AdmissionState;
  readonly #route: GatewayRoute;
  #query: Fields | undefined;
  #headers: Fields | undefined;

  constructor(state: AdmissionState, route: GatewayRoute, time: number) {
    this.time = time;
    this.#state = state;
    this.#route = route;
  }

  get method(): string {
    return this.#state.method;
  }

  get path(): string {
    return this.#state.path;
  }

  get address(): string {
    return this.#state.address;
  }

  get requestId(): string {
    return this.#state.requestId;
  }

  get params(): Fields {
    return parameterFields(this.#route.path, this.#state.path);
  }

  get query(): Fields {
    this.#query ??= queryParameters(this.#state.query, this.#route.query ?? NO_NAMES);
    return this.#query;
  }

  get headers(): Fields {
    this.#headers ??= headerFields(this.#state.fields, this.#route.headers ?? NO_NAMES);
    return this.#headers;
  }

  get tls(): ConnectionSecurity | undefined {
    const { tls, presented } = this.#state;
    const serial = presented?.certificate?.serialNumber;
    return tls && { version: tls.version, group: tls.group, certificateSerial: serial };
  }
}

const NO_NAMES: readonly string[] = [];
