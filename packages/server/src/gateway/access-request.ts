// What the policy evaluates about a request: the caller, the method, the route and the circumstances.
import type { AccessRequest } from '../platform/access.ts';
import type { Principal } from '../platform/principal.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayRoute } from './route-table.ts';
import { parametersOf } from './route-table.ts';

export function accessRequestOf(
  { request, path, address, requestId }: Exchange,
  principal: Principal,
  { route, time }: { route: GatewayRoute; time: number },
): AccessRequest {
  const { method = '' } = request;
  return {
    principal,
    action: method,
    resource: { id: route.id, attributes: route },
    context: { method, path, params: parametersOf(route, path), address, time, requestId },
  };
}
