// Identity's face for the gateway's workers: what authenticates a request from a snapshot. It loads no store, no routes and no
// schemas, for every worker pays again for what it loads.
export type { Authenticator, Credential, IdentitySnapshot } from './authenticator.ts';
export { createAuthenticator, credentialFrom } from './authenticator.ts';
