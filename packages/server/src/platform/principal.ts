// Who calls: the one shape that identity makes, authorisation judges, the gateway forwards and the ledger records.

export type AuthenticationMethod = 'bearer' | 'apiKey';

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
