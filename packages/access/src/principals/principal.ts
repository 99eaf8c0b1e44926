// The caller. Identity creates these values, authorisation evaluates them, the gateway forwards them and the
// ledger records them.

import type { Attributes } from './attributes.ts';

/**
 * All ways in, in the order in which messages list them. Each is a file in ways-in/.
 * @example
 * const accept = AUTHENTICATION_METHODS.filter((way) => way !== 'mtls');
 */
export const AUTHENTICATION_METHODS = [
  'bearer',
  'apiKey',
  'basic',
  'digest',
  'signature',
  'session',
  'mtls',
] as const;

/** The name of a way in. */
export type AuthenticationMethod = (typeof AUTHENTICATION_METHODS)[number];

/**
 * The ways in of a route that names none. A route must name Basic and Digest, because browsers and libraries
 * ask people for a password if a 401 offers them. It must also name signatures, because the gateway holds the
 * bodies of signed requests in memory.
 * @example
 * const accept = route.accept ?? DEFAULT_METHODS;
 */
export const DEFAULT_METHODS: readonly AuthenticationMethod[] = ['bearer', 'apiKey', 'session', 'mtls'];

/** An authenticated caller. The object never changes: caches are keyed by it. */
export interface Principal {
  readonly kind: 'user' | 'service' | 'operator';
  readonly name: string;
  readonly roles: readonly string[];
  /** OAuth scopes of the presented token (RFC 8693 §4.2); empty for other credentials. */
  readonly scopes: readonly string[];
  /** The attributes of the caller, by name, for policies. No attributes if absent. */
  readonly attributes?: Attributes;
  /** The groups of the user. No groups if absent. `roles` includes their roles. */
  readonly groups?: readonly string[];
  /** Authentication Method References (RFC 8176). */
  readonly amr: readonly string[];
  /** When the person proved who they are (`auth_time`), as a NumericDate; absent if that is not known. */
  readonly authTime?: number;
  /**
   * The session of the browser, or the sign-in of the presented token (`sid`). When it ends, the credential
   * becomes void.
   */
  readonly sessionId?: string;
  /** How this request was authenticated. */
  readonly via: AuthenticationMethod | 'socket';
  /** The id of the presented API key, or of the key that signed the request. */
  readonly keyId?: string;
  /** The epoch of the user's tokens, if a token was presented. It changes when the tokens become void. */
  readonly tokenEpoch?: number;
  /** The origin of the presented access token. */
  readonly tokenOrigin?: TokenOrigin;
  /** Lower-case hex; set when a client certificate identifies the caller. */
  readonly certificateSerial?: string;
  /**
   * base64url of the SHA-256 of that certificate's DER: `x5t#S256` (RFC 8705 §3.1). Also set when a token is
   * bound to the certificate.
   */
  readonly certificateThumbprint?: string;
  /** The thumbprint of the key that the token is bound to: `jkt` (RFC 9449 §6.1). */
  readonly keyThumbprint?: string;
}

/** The origin of an access token: the objects that can revoke it, besides its subject. */
export interface TokenOrigin {
  /** Its id (`jti`). */
  readonly id: string;
  /** The id of the OAuth client that it was issued to. */
  readonly client: string;
  /** The epoch of the client's tokens (`client_epoch`, a private claim); undefined for our own sign-in. */
  readonly clientEpoch: number | undefined;
  /** The person's grant for it (`grant_id`, a private claim). */
  readonly grant: string | undefined;
  /** The party that acts for the subject (RFC 8693 §4.1). */
  readonly actor: string | undefined;
}

/** The owner of a client certificate. */
export interface Owner {
  kind: 'user' | 'service';
  name: string;
}

/**
 * Any user who can open the Unix socket in the data folder: file permissions are the credential.
 * @example
 * policy.decide({ principal: localOperator, action, resource, context });
 */
export const localOperator: Principal = {
  kind: 'operator',
  name: 'local',
  roles: ['admin'],
  scopes: [],
  amr: ['user'],
  via: 'socket',
};
