// Accounts, orders, authorizations and challenges as clients see them (RFC 8555 §7.1).

import type { Account, Authorization, ChallengeType } from '../types.ts';
import type { Urls } from '../urls.ts';
import type { AuthorizationStatus } from './authorizations.ts';
import { challengesOf, statusOf } from './authorizations.ts';
import { identifierOf, isWildcard } from './identifiers.ts';
import type { CurrentOrder } from './order-status.ts';

export function accountView({ id, status, contact, termsAgreed }: Account, urls: Urls) {
  return {
    status,
    contact,
    ...(termsAgreed && { termsOfServiceAgreed: true }),
    orders: urls.orders(id),
  };
}

export function orderView(order: CurrentOrder, urls: Urls) {
  const { notBefore, notAfter, error, certificate, replaces } = order;
  return {
    status: order.status,
    expires: timestamp(order.expiresAt),
    identifiers: order.names.map(identifierOf),
    ...(notBefore !== undefined && { notBefore: timestamp(notBefore) }),
    ...(notAfter !== undefined && { notAfter: timestamp(notAfter) }),
    ...(replaces !== undefined && { replaces }),
    ...(error && { error }),
    authorizations: order.authorizations.map(urls.authorization),
    finalize: urls.finalize(order.id),
    ...(certificate !== undefined && { certificate: urls.certificate(certificate) }),
  };
}

export function authorizationView(authorization: Authorization, now: number, urls: Urls) {
  const { name, expiresAt } = authorization;
  const { type, value } = identifierOf(name);
  const wildcard = isWildcard({ type, value });
  return {
    status: statusOf(authorization, now),
    expires: timestamp(expiresAt),
    identifier: { type, value: wildcard ? value.slice(2) : value },
    ...(wildcard && { wildcard }),
    challenges: challengesOf(authorization).map((each) => challengeView(authorization, each, now, urls)),
  };
}

export function challengeView(authorization: Authorization, type: ChallengeType, now: number, urls: Urls) {
  const { id, token, challenge, validatedAt, error } = authorization;
  const answered = challenge === type;
  return {
    type,
    url: urls.challenge(id, type),
    status: answered ? challengeStatus(authorization, statusOf(authorization, now)) : 'pending',
    token,
    ...(answered && validatedAt !== undefined && { validated: timestamp(validatedAt) }),
    ...(answered && error && { error }),
  };
}

/** Of the one challenge that was answered (RFC 8555 §7.1.6). */
function challengeStatus({ status, validatedAt }: Authorization, current: AuthorizationStatus): string {
  if (validatedAt !== undefined) return 'valid';
  return status === 'processing' && current === 'pending' ? 'processing' : 'invalid';
}

function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
