// Authorisation: the policies of the admin API. Those of the gateway are in @gatehouse/access.
export { adminPolicy, OWN_ACCOUNT } from './admin-policy.ts';
export type { AppliedPolicies } from './applied-policies.ts';
export { createDefaultPolicies } from './applied-policies.ts';
export { authorizationSettings, roleInclusions } from './settings.ts';
