// Who calls: the one shape that identity makes, authorisation judges, the gateway forwards and the ledger records.

/** Every way in there is, in the order in which clients are told of them; each is a file in identity/ways-in. */
export const AUTHENTICATION_METHODS = ['bearer', 'apiKey', 'mtls'] as const;

export type AuthenticationMethod = (typeof AUTHENTICATION_METHODS)[number];

export interface Principal {
  kind: 'user' | 'service' | 'operator';
  name: string;
  roles: readonly string[];
  /** OAuth scopes of the token presented (RFC 8693 §4.2); none for other credentials. */
  scopes: readonly string[];
  /** Authentication Method References (RFC 8176). */
  amr: readonly string[];
  /** How this request was authenticated. */
  via: AuthenticationMethod | 'socket';
  /** The id of the API key, when one was presented. */
  keyId?: string;
  /** Of the user's tokens, when one was presented: it changes when they are voided. */
  tokenEpoch?: number;
  /** Lower-case hex, when a client certificate says who it is. */
  certificateSerial?: string;
  /** base64url of the SHA-256 of that certificate's DER: `x5t#S256` (RFC 8705 §3.1). */
  certificateThumbprint?: string;
}

/** Whom a client certificate belongs to. */
export interface Owner {
  kind: 'user' | 'service';
  name: string;
}

/** Whoever can open the Unix socket in the data folder: file permissions are the credential. */
export const localOperator: Principal = {
  kind: 'operator',
  name: 'local',
  roles: ['admin'],
  scopes: [],
  amr: ['user'],
  via: 'socket',
};
