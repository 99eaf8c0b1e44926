// The form of keys in the APIs.
import { z } from 'zod';
import { timestamp, toTimestamp, warnings } from '../../platform/http/schemas.ts';
import type { StoredKey } from '../store/store.ts';
import { algorithmOf } from './public-key.ts';

export const keySchema = z
  .object({
    id: z.string(),
    name: z.string().describe('The service that it belongs to'),
    roles: z.array(z.string()),
    scopes: z.array(z.string()),
    addresses: z.array(z.string()).describe('The networks from which the server accepts it; none: anywhere'),
    algorithm: z
      .string()
      .nullable()
      .describe('Its signature algorithm, as RFC 9421 names it; null: it is an API key'),
    state: z.enum(['active', 'expired', 'disabled', 'revoked']),
    createdAt: timestamp,
    expiresAt: timestamp.nullable().describe('null: it does not expire'),
    lastUsedAt: timestamp.nullable().describe('To the minute; null: it was never used'),
    revokedAt: timestamp.nullable(),
  })
  .meta({ id: 'ApiKey' });

/** A key of a service, without the secret. */
export type KeyView = z.output<typeof keySchema>;

/** `now`: milliseconds since the epoch. */
export function keyView(stored: StoredKey, now: number): KeyView {
  const { id, name, roles, scopes, addresses, publicKey, ...key } = stored;
  return {
    id,
    name,
    roles,
    scopes,
    addresses,
    algorithm: publicKey && algorithmOf(publicKey),
    state: stateOf(key, now),
    createdAt: toTimestamp(key.createdAt),
    expiresAt: timeOrNull(key.expiresAt),
    lastUsedAt: timeOrNull(key.lastUsedAt),
    revokedAt: timeOrNull(key.revokedAt),
  };
}

function stateOf(
  { revokedAt, disabled, expiresAt }: Pick<StoredKey, 'revokedAt' | 'disabled' | 'expiresAt'>,
  now: number,
): KeyView['state'] {
  if (revokedAt !== null) return 'revoked';
  if (disabled) return 'disabled';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
}

export function timeOrNull(time: number | null): string | null {
  return time === null ? null : toTimestamp(time);
}

export const createdKeySchema = keySchema
  .extend({ key: z.string().describe('The key itself. Only this answer has it'), warnings })
  .meta({ id: 'CreatedApiKey' });

export const addedKeySchema = keySchema.extend({ warnings }).meta({ id: 'AddedPublicKey' });

/** A public key that was registered. */
export type AddedKeyView = z.output<typeof addedKeySchema>;

export const rotatedKeySchema = createdKeySchema
  .extend({
    replaces: z.object({ id: z.string(), expiresAt: timestamp }).describe('The old key, with its new expiry'),
  })
  .meta({ id: 'RotatedApiKey' });

/** The key that replaces another. */
export type RotatedKeyView = z.output<typeof rotatedKeySchema>;

/** A new API key, with the key itself. */
export type CreatedKeyView = z.output<typeof createdKeySchema>;
