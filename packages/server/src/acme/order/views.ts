// The JSON of accounts, orders, authorizations and challenges (RFC 8555 §7.1).
import { z } from 'zod';
import { timestamp, toTimestamp } from '../../platform/http/schemas.ts';
import { acmeProblemSchema, identifierSchema } from '../problem.ts';
import type { Account, Authorization, ChallengeType } from '../types.ts';
import { CHALLENGE_TYPES } from '../types.ts';
import type { Urls } from '../urls.ts';
import type { AuthorizationStatus } from './authorizations.ts';
import { authorizationStatus, challengesOf } from './authorizations.ts';
import { identifierOf, isWildcard } from './identifiers.ts';
import type { CurrentOrder } from './order-status.ts';

export const accountSchema = z
  .object({
    status: z.enum(['valid', 'deactivated']),
    contact: z.array(z.string()),
    termsOfServiceAgreed: z.literal(true).optional(),
    orders: z.string().describe('The URL of the list of orders'),
  })
  .meta({ id: 'AcmeAccount' });

type AccountView = z.output<typeof accountSchema>;

export const orderSchema = z
  .object({
    status: z.enum(['pending', 'ready', 'valid', 'invalid']),
    expires: timestamp,
    identifiers: z.array(identifierSchema),
    notBefore: timestamp.optional(),
    notAfter: timestamp.optional(),
    replaces: z.string().optional(),
    error: acmeProblemSchema.optional(),
    authorizations: z.array(z.string()).describe('URLs'),
    finalize: z.string().describe('A URL'),
    certificate: z.string().optional().describe('A URL, once the order is valid'),
  })
  .meta({ id: 'AcmeOrder' });

type OrderView = z.output<typeof orderSchema>;

export const challengeSchema = z
  .object({
    type: z.enum(CHALLENGE_TYPES),
    url: z.string(),
    status: z.enum(['pending', 'processing', 'valid', 'invalid']),
    token: z.string(),
    validated: timestamp.optional(),
    error: acmeProblemSchema.optional(),
  })
  .meta({ id: 'AcmeChallenge' });

type ChallengeView = z.output<typeof challengeSchema>;

export const authorizationSchema = z
  .object({
    status: z.enum(['pending', 'valid', 'invalid', 'deactivated', 'expired']),
    expires: timestamp,
    identifier: identifierSchema,
    wildcard: z.literal(true).optional(),
    challenges: z.array(challengeSchema),
  })
  .meta({ id: 'AcmeAuthorization' });

type AuthorizationView = z.output<typeof authorizationSchema>;

export function accountView({ id, status, contact, termsAgreed }: Account, urls: Urls): AccountView {
  return {
    status,
    contact,
    ...(termsAgreed && { termsOfServiceAgreed: true }),
    orders: urls.orders(id),
  };
}

export function orderView(order: CurrentOrder, urls: Urls): OrderView {
  const { notBefore, notAfter, error, certificate, replaces } = order;
  return {
    status: order.status,
    expires: toTimestamp(order.expiresAt),
    identifiers: order.names.map(identifierOf),
    ...(notBefore !== undefined && { notBefore: toTimestamp(notBefore) }),
    ...(notAfter !== undefined && { notAfter: toTimestamp(notAfter) }),
    ...(replaces !== undefined && { replaces }),
    ...(error && { error }),
    authorizations: order.authorizations.map(urls.authorization),
    finalize: urls.finalize(order.id),
    ...(certificate !== undefined && { certificate: urls.certificate(certificate) }),
  };
}

export function authorizationView(authorization: Authorization, now: number, urls: Urls): AuthorizationView {
  const { name, expiresAt } = authorization;
  const { type, value } = identifierOf(name);
  const wildcard = isWildcard({ type, value });
  return {
    status: authorizationStatus(authorization, now),
    expires: toTimestamp(expiresAt),
    identifier: { type, value: wildcard ? value.slice(2) : value },
    ...(wildcard && { wildcard: true }),
    challenges: challengesOf(authorization).map((each) => challengeView(authorization, each, now, urls)),
  };
}

export function challengeView(
  authorization: Authorization,
  type: ChallengeType,
  now: number,
  urls: Urls,
): ChallengeView {
  const { id, token, challenge, validatedAt, error } = authorization;
  const answered = challenge === type;
  return {
    type,
    url: urls.challenge(id, type),
    status: answered ? challengeStatus(authorization, authorizationStatus(authorization, now)) : 'pending',
    token,
    ...(answered && validatedAt !== undefined && { validated: toTimestamp(validatedAt) }),
    ...(answered && error && { error }),
  };
}

/** The status of the challenge that was answered (RFC 8555 §7.1.6). */
function challengeStatus(
  { status, validatedAt }: Authorization,
  current: AuthorizationStatus,
): ChallengeView['status'] {
  if (validatedAt !== undefined) return 'valid';
  return status === 'processing' && current === 'pending' ? 'processing' : 'invalid';
}
