// The tables of this capability, and the values that their rows represent.
import type { JWK } from 'jose';
import type { Kysely } from 'kysely';
import type { Connection } from '../../platform/store/database.ts';

export type OauthTables = {
  oauth_clients: {
    id: string;
    name: string;
    service: string | null;
    metadata: string;
    epoch: number;
    state: ClientState;
    created_at: number;
  };
  oauth_client_secrets: SecretRow;
  /**
   * Values that the authorization server stores for minutes or days: codes, refresh tokens, grants, sessions.
   */
  oauth_artifacts: ArtifactRow;
  oauth_logouts: LogoutRow;
  /** The ids of tokens and grants that were revoked, until the last of their tokens has expired. */
  oauth_revocations: { id: string; ends_at: number };
  oauth_consents: { user: string; client: string; scopes: string; granted_at: number };
};

export type Within = (connection: Connection) => Kysely<OauthTables>;

export type ClientState = 'active' | 'disabled' | 'waiting';

export interface SecretRow {
  /** SHA-256 in hex. A secret has 256 random bits. */
  hash: string;
  client: string;
  created_at: number;
  /** null: until it is replaced. */
  ends_at: number | null;
}

export interface ArtifactRow {
  /** SHA-256 of the kind and the id. The id itself is a secret, and is not stored. */
  key: string;
  kind: string;
  sealed: Uint8Array;
  grant_key: string | null;
  /** A second id: of a session, or the code that a person types. */
  lookup_key: string | null;
  client: string | null;
  /** The person that it belongs to. */
  account: string | null;
  consumed_at: number | null;
  ends_at: number;
}

/** A message about a sign-out, for one client. */
export interface LogoutRow {
  /** The `sid` of the ID token. */
  sid: string;
  client: string;
  user_name: string;
  failures: number;
  /** When it is sent next; null: the client has it, or will not get it. */
  due_at: number | null;
  /** When the row can be removed. */
  ends_at: number;
}

export const GRANTS = ['client_credentials', 'authorization_code', 'device_code', 'token_exchange'] as const;

export type Grant = (typeof GRANTS)[number];

export const AUTH_METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'none',
] as const;

export type AuthMethod = (typeof AUTH_METHODS)[number];

/** The rights of a client, and its authentication (RFC 7591 §2). */
export interface ClientMetadata {
  grants: Grant[];
  authMethod: AuthMethod;
  /** `native`: the port of a loopback redirect URI may vary (RFC 8252 §7.3). */
  applicationType: 'web' | 'native';
  redirectUris: string[];
  postLogoutRedirectUris: string[];
  /** The scopes that it may request, besides those of OpenID Connect. */
  scopes: string[];
  /** For private_key_jwt. */
  keys: JWK[];
  /** Whether its access tokens are bound to its certificate (RFC 8705 §3). */
  certificateBoundTokens: boolean;
  /** Whether its access tokens must be bound to a key (RFC 9449). */
  dpopBoundTokens: boolean;
  backchannelLogoutUri: string | null;
  /**
   * Only for a client whose id is the URL of a document: its name in the document, and the host of the
   * document.
   */
  document?: { name: string | null; host: string };
}

export interface Client {
  /** The `client_id`. Random, so that no later client gets the tokens of a removed one. */
  id: string;
  /** For people. */
  name: string;
  /** The service that the client acts as; null for one that acts for people only. */
  service: string | null;
  metadata: ClientMetadata;
  /**
   * Its tokens contain the epoch. It changes when the client is disabled, so they stay void when it is
   * enabled again.
   */
  epoch: number;
  /** `waiting`: it registered itself, and is not approved yet. */
  state: ClientState;
  /** Milliseconds since the epoch, like all times here. */
  createdAt: number;
}

export function clientFromRow(row: OauthTables['oauth_clients']): Client {
  const { id, name, service, metadata, epoch, state, created_at: createdAt } = row;
  return { id, name, service, metadata: JSON.parse(metadata), epoch, state, createdAt };
}

export function rowFromClient(client: Client): OauthTables['oauth_clients'] {
  const { id, name, service, metadata, epoch, state, createdAt } = client;
  return { id, name, service, metadata: JSON.stringify(metadata), epoch, state, created_at: createdAt };
}
