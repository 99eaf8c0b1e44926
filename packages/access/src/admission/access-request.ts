// What the policy evaluates about a request: the caller, the method, the route and the circumstances.
import type { AccessRequest } from '../policy/policy.ts';
import type { Principal } from '../principals/principal.ts';
import type { GatewayRoute } from '../routes/route-table.ts';
import { parametersOf } from '../routes/route-table.ts';
import type { AdmissionState } from './admission.ts';

export function accessRequestOf(
  { method, path, address, requestId }: AdmissionState,
  principal: Principal,
  { route, time }: { route: GatewayRoute; time: number },
): AccessRequest {
  return {
    principal,
    action: method,
    resource: { id: route.id, attributes: route },
    context: { method, path, params: parametersOf(route, path), address, time, requestId },
  };
}
