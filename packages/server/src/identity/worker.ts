// What the gateway's workers import from identity: it authenticates a request from memory. It loads no store,
// no routes and no schemas, because every worker would load them again.
export type { TokenTrust } from './access-token.ts';
export type { KeyFacts, Principals, ServiceFacts, UserFacts } from './principals.ts';
export type { ClientTrust } from './ways-in/mtls.ts';
export type { Presented } from './ways-in/way-in.ts';
export type { WaysIn } from './ways-in/ways-in.ts';
export { createWaysIn } from './ways-in/ways-in.ts';
