// The tables of this capability, and the values that their rows represent.
import type { PrincipalAttributes } from '@gatehouse/access';
import type { Kysely } from 'kysely';
import type { Connection } from '../../platform/store/database.ts';

export type IdentityTables = {
  users: {
    name: string;
    password_hash: string;
    roles: string;
    disabled: number;
    created_at: number;
    token_epoch: number;
    attributes: string;
  };
  api_keys: {
    id: string;
    name: string;
    secret_hash: string;
    roles: string;
    scopes: string;
    addresses: string;
    public_key: string | null;
    created_at: number;
    expires_at: number | null;
    last_used_at: number | null;
    revoked_at: number | null;
    disabled: number;
  };
  services: { name: string; roles: string; created_at: number; attributes: string; disabled: number };
  /** The users who have a password for Digest. The hash is in the key store. */
  digest_passwords: { name: string; created_at: number };
  /**
   * The names of users and services, in lower case: an upstream may ignore the difference between
   * upper and lower case.
   */
  principal_names: { folded: string };
  groups: { name: string; roles: string; created_at: number; disabled: number };
  group_members: { group_name: string; user_name: string };
  totp_factors: {
    id: string;
    user_name: string;
    created_at: number;
    confirmed_at: number | null;
    last_step: number;
  };
  recovery_codes: { hash: string; user_name: string; used_at: number | null };
  sign_ins: {
    id: string;
    user_name: string;
    handle: string;
    secret_hash: string;
    token_epoch: number;
    amr: string;
    auth_time: number;
    created_at: number;
    used_at: number;
    expires_at: number;
    access_ends_at: number;
    ended_at: number | null;
  };
  known_addresses: { user_name: string; address: string; seen_at: number };
  /** How many failed sign-ins each limit still allows. `key` is a hash. */
  sign_in_failures: { limit_name: string; key: string; tokens: number; at: number; ends_at: number };
  password_resets: { token_hash: string; user_name: string; created_at: number; expires_at: number };
};

/** These tables on a connection. */
export type Within = (connection: Connection) => Kysely<IdentityTables>;

export interface User {
  name: string;
  passwordHash: string;
  roles: string[];
  disabled: boolean;
  /** Milliseconds since the epoch, like all times here. */
  createdAt: number;
  /**
   * Tokens contain the epoch. It changes with the password. A new user with the name of a removed one has
   * another epoch.
   */
  tokenEpoch: number;
  attributes: PrincipalAttributes;
}

/** A user with their groups. */
export interface UserInGroups extends User {
  /** By name, without those that are disabled. */
  groups: string[];
  /** By name. They have no effect until they are enabled. */
  disabledGroups: string[];
  /** The roles of the user, then those that only the groups add. */
  effectiveRoles: string[];
}

export interface Group {
  name: string;
  roles: string[];
  createdAt: number;
  /** Whether the group is disabled: its members then do not have its roles. */
  disabled: boolean;
}

/** A public key as JSON, with only the members that make it. */
export type PublicKey = Readonly<Record<string, string>>;

export interface StoredKey {
  id: string;
  /** The name of the service that the key belongs to. */
  name: string;
  /** Empty for a key that signs requests. */
  secretHash: string;
  /** The JWK of a key that signs requests (RFC 7517); null for an API key. */
  publicKey: PublicKey | null;
  /** The roles of the service. */
  roles: string[];
  scopes: string[];
  /** The networks from which the key is accepted; empty: from anywhere. */
  addresses: string[];
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
  /** A revoked key stays in the table, so that an operator can see which key a client still tries. */
  revokedAt: number | null;
  /** Refused until it is enabled again. */
  disabled: boolean;
}

export interface Service {
  name: string;
  roles: string[];
  createdAt: number;
  attributes: PrincipalAttributes;
  /** The keys and certificates of a disabled service are refused. */
  disabled: boolean;
}

export function serviceFromRow(row: IdentityTables['services']): Service {
  return {
    name: row.name,
    roles: JSON.parse(row.roles),
    createdAt: row.created_at,
    attributes: JSON.parse(row.attributes),
    disabled: row.disabled !== 0,
  };
}

export function groupFromRow(row: IdentityTables['groups']): Group {
  const { name, roles, created_at: createdAt, disabled } = row;
  return { name, roles: JSON.parse(roles), createdAt, disabled: disabled !== 0 };
}

export function userFromRow(row: IdentityTables['users']): User {
  return {
    name: row.name,
    passwordHash: row.password_hash,
    roles: JSON.parse(row.roles),
    disabled: row.disabled !== 0,
    createdAt: row.created_at,
    tokenEpoch: row.token_epoch,
    attributes: JSON.parse(row.attributes),
  };
}

export function rowFromUser(user: User): IdentityTables['users'] {
  return {
    name: user.name,
    password_hash: user.passwordHash,
    roles: JSON.stringify(user.roles),
    disabled: user.disabled ? 1 : 0,
    created_at: user.createdAt,
    token_epoch: user.tokenEpoch,
    attributes: JSON.stringify(user.attributes),
  };
}

export function keyFromRow(row: IdentityTables['api_keys']): StoredKey {
  return {
    id: row.id,
    name: row.name,
    secretHash: row.secret_hash,
    roles: JSON.parse(row.roles),
    scopes: JSON.parse(row.scopes),
    addresses: JSON.parse(row.addresses),
    publicKey: row.public_key === null ? null : JSON.parse(row.public_key),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
    disabled: row.disabled !== 0,
  };
}

export function rowFromKey(key: StoredKey): IdentityTables['api_keys'] {
  return {
    id: key.id,
    name: key.name,
    secret_hash: key.secretHash,
    roles: JSON.stringify(key.roles),
    scopes: JSON.stringify(key.scopes),
    addresses: JSON.stringify(key.addresses),
    public_key: key.publicKey && JSON.stringify(key.publicKey),
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    last_used_at: key.lastUsedAt,
    revoked_at: key.revokedAt,
    disabled: Number(key.disabled),
  };
}
