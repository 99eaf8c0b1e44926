// Sign-in of people through any function like `fetch`: the entry `@gatehouse/client/oauth`, for programs that
// store tokens in their own way.

export { whileLocked } from '../lock.ts';
export { type Fetch, type OAuthClient, refusalCode } from './authorization-server.ts';
export type { BrowserGrant, DeviceCode, DeviceGrant, SignInTools } from './grants.ts';
export type { TokenStore, Tokens } from './tokens.ts';
export {
  type SignInOptions,
  type StoredGrant,
  signInThrough,
  signOutThrough,
  storedTokens,
  type UserGrant,
} from './user-tokens.ts';
