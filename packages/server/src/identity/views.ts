// The form of users, API keys and services in the admin API.
import { z } from 'zod';
import { timestamp, toTimestamp } from '../platform/http/schemas.ts';
import type { Service, StoredKey, User } from './store/store.ts';

export const userSchema = z
  .object({
    name: z.string(),
    roles: z.array(z.string()),
    disabled: z.boolean().describe('Whether the user may not sign in'),
    createdAt: timestamp,
  })
  .meta({ id: 'User' });

/** A user, without the password. */
export type UserView = z.output<typeof userSchema>;

export function userView({ name, roles, disabled, createdAt }: User): UserView {
  return { name, roles, disabled, createdAt: toTimestamp(createdAt) };
}

/** Sentences about roles that no rule names. */
export type RoleWarnings = (roles: readonly string[]) => string[];

const warnings = z.array(z.string()).describe('What may be a mistake: roles that no route or policy names');

export const changedUserSchema = userSchema.extend({ warnings }).meta({ id: 'ChangedUser' });

/** A user who was added or got other roles. */
export type ChangedUserView = z.output<typeof changedUserSchema>;
export const digestPasswordSchema = z
  .object({ name: z.string(), password: z.string().describe('Only this answer has it') })
  .meta({ id: 'DigestPassword' });

/** A new password for the way in digest. */
export type DigestPasswordView = z.output<typeof digestPasswordSchema>;

export const keySchema = z
  .object({
    id: z.string(),
    name: z.string().describe('The service that it belongs to'),
    roles: z.array(z.string()),
    scopes: z.array(z.string()),
    addresses: z.array(z.string()).describe('The networks that it is accepted from; none: anywhere'),
    state: z.enum(['active', 'expired', 'revoked']),
    createdAt: timestamp,
    expiresAt: timestamp.nullable().describe('null: it does not expire'),
    lastUsedAt: timestamp.nullable().describe('To the minute; null: it was never used'),
    revokedAt: timestamp.nullable(),
  })
  .meta({ id: 'ApiKey' });

/** An API key, without the key itself. */
export type KeyView = z.output<typeof keySchema>;

/** `now`: milliseconds since the epoch. */
export function keyView({ id, name, roles, scopes, addresses, ...key }: StoredKey, now: number): KeyView {
  return {
    id,
    name,
    roles,
    scopes,
    addresses,
    state: stateOf(key, now),
    createdAt: toTimestamp(key.createdAt),
    expiresAt: orNull(key.expiresAt),
    lastUsedAt: orNull(key.lastUsedAt),
    revokedAt: orNull(key.revokedAt),
  };
}

function stateOf(
  { revokedAt, expiresAt }: Pick<StoredKey, 'revokedAt' | 'expiresAt'>,
  now: number,
): KeyView['state'] {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
}

function orNull(time: number | null): string | null {
  return time === null ? null : toTimestamp(time);
}

export const createdKeySchema = keySchema
  .extend({ key: z.string().describe('The key itself. Only this answer has it'), warnings })
  .meta({ id: 'CreatedApiKey' });

export const rotatedKeySchema = createdKeySchema
  .extend({
    replaces: z.object({ id: z.string(), expiresAt: timestamp }).describe('The old key, and when it ends'),
  })
  .meta({ id: 'RotatedApiKey' });

/** The key that replaces another. */
export type RotatedKeyView = z.output<typeof rotatedKeySchema>;

/** A new API key, with the key itself. */
export type CreatedKeyView = z.output<typeof createdKeySchema>;

export const serviceSchema = z
  .object({ name: z.string(), roles: z.array(z.string()), createdAt: timestamp })
  .meta({ id: 'Service' });

/** A service. */
export type ServiceView = z.output<typeof serviceSchema>;

export const createdServiceSchema = serviceSchema.extend({ warnings }).meta({ id: 'CreatedService' });

/** A service that was registered. */
export type CreatedServiceView = z.output<typeof createdServiceSchema>;

export function serviceView({ name, roles, createdAt }: Service): ServiceView {
  return { name, roles, createdAt: toTimestamp(createdAt) };
}

export const serviceWithKeysSchema = serviceSchema
  .extend({ keys: z.array(keySchema).describe('The keys that are not revoked') })
  .meta({ id: 'ServiceWithKeys' });

/** A service with its API keys. */
export type ServiceWithKeysView = z.output<typeof serviceWithKeysSchema>;

/** The answer to a sign-in (RFC 6749 §5.1). */
export const signedInSchema = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().describe('Seconds'),
  })
  .meta({ id: 'SignedIn' });

/** The result of a sign-in. */
export type SignedIn = z.output<typeof signedInSchema>;
