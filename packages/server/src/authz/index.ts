// Authorisation: the policy for routes, and the permission check of the admin API.
import { GatehouseError } from '../platform/errors.ts';
import type { Principal } from '../platform/principal.ts';

export type { AccessRequest, AllowRule, Decision, Policy, PolicySource } from './policy.ts';
export { compilePolicy } from './policy.ts';

/** Throws `unauthenticated` or `forbidden`. Every permission of the admin API belongs to role `admin`. */
export function requirePermission(principal: Principal | undefined, permission: string): void {
  if (!principal)
    throw new GatehouseError('unauthenticated', 'Send an access token: Authorization: Bearer ….');
  if (!principal.roles.includes('admin')) {
    throw new GatehouseError('forbidden', `You may not do this (it takes ${permission}).`);
  }
}
