// Authorisation: the policies of the admin API. Those of the gateway are in @gatehouse/access.
export { adminPolicy } from './admin-policy.ts';
