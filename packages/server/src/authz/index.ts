// Authorisation: the policies that decide on requests at the gateway and in the admin API.
export type { AllowRule, PolicySource } from './policy.ts';
export { adminPolicy, compilePolicy } from './policy.ts';
