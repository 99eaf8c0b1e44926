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

export const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    roles: z.array(z.string()),
    createdAt: timestamp,
    expiresAt: timestamp.nullable().describe('null: it does not expire'),
    lastUsedAt: timestamp.nullable().describe('To the minute; null: it was never used'),
  })
  .meta({ id: 'ApiKey' });

/** An API key, without the key itself. */
export type KeyView = z.output<typeof keySchema>;

export function keyView({ id, name, roles, createdAt, expiresAt, lastUsedAt }: StoredKey): KeyView {
  return {
    id,
    name,
    roles,
    createdAt: toTimestamp(createdAt),
    expiresAt: expiresAt === null ? null : toTimestamp(expiresAt),
    lastUsedAt: lastUsedAt === null ? null : toTimestamp(lastUsedAt),
  };
}

export const createdKeySchema = keySchema
  .extend({ key: z.string().describe('The key itself. Only this answer has it') })
  .meta({ id: 'CreatedApiKey' });

/** A new API key, with the key itself. */
export type CreatedKeyView = z.output<typeof createdKeySchema>;

export const serviceSchema = z
  .object({ name: z.string(), roles: z.array(z.string()), createdAt: timestamp })
  .meta({ id: 'Service' });

/** A service. */
export type ServiceView = z.output<typeof serviceSchema>;

export function serviceView({ name, roles, createdAt }: Service): ServiceView {
  return { name, roles, createdAt: toTimestamp(createdAt) };
}

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
