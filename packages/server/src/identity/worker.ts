// Identity's face for the gateway's workers: what authenticates a request from memory. It loads no store, no routes and no
// schemas, for every worker pays again for what it loads.
export type { TokenTrust } from './access-token.ts';
export type { Authenticator, Credential } from './authenticator.ts';
export { createAuthenticator, credentialFrom } from './authenticator.ts';
export type { KeyFacts, Principals, ServiceFacts, UserFacts } from './principals.ts';
