// Rows of this capability's tables, and their conversion to objects and back.
import type { Owner } from '@gatehouse/access';
import type { Kysely } from 'kysely';
import type { Connection } from '../../platform/store/database.ts';
import type { Account, Authorization, ChallengeType, EabKey, Order } from '../types.ts';

export type AcmeTables = {
  acme_accounts: AccountRow;
  acme_eab_keys: { kid: string; owner_kind: string; owner_name: string; created_at: number };
  acme_authorizations: AuthorizationRow;
  acme_orders: OrderRow;
};

/** These tables on a connection. */
export type Within = (connection: Connection) => Kysely<AcmeTables>;

interface AccountRow {
  id: string;
  thumbprint: string;
  jwk: string;
  status: string;
  contact: string;
  terms_agreed: number;
  eab_kid: string | null;
  owner_kind: string | null;
  owner_name: string | null;
  created_at: number;
}

interface AuthorizationRow {
  id: string;
  account_id: string;
  name: string;
  token: string;
  status: string;
  challenge: string | null;
  validated_at: number | null;
  error: string | null;
  expires_at: number;
}

interface OrderRow {
  id: string;
  account_id: string;
  status: string;
  names: string;
  authorizations: string;
  not_before: number | null;
  not_after: number | null;
  replaces: string | null;
  certificate: string | null;
  created_at: number;
  expires_at: number;
  kept_until: number;
}

/** The result of a validation. */
export type Outcome = Pick<
  Authorization,
  'id' | 'status' | 'challenge' | 'validatedAt' | 'error' | 'expiresAt'
>;

/** In the order of the columns. */
export type OutcomeColumns = [
  status: string,
  challenge: string | null,
  validatedAt: number | null,
  error: string | null,
  expiresAt: number,
];

/** In the order of the columns. A new order has no certificate yet. */
export type OrderColumns = [
  id: string,
  accountId: string,
  status: string,
  names: string,
  authorizations: string,
  notBefore: number | null,
  notAfter: number | null,
  replaces: string | null,
  createdAt: number,
  expiresAt: number,
  removableAt: number,
];

export function accountFrom(row: AccountRow): Account {
  return {
    id: row.id,
    thumbprint: row.thumbprint,
    jwk: row.jwk,
    status: row.status as Account['status'],
    contact: JSON.parse(row.contact),
    termsAgreed: row.terms_agreed !== 0,
    eabKid: row.eab_kid ?? undefined,
    owner: ownerFrom(row),
    createdAt: row.created_at,
  };
}

export function rowFromAccount(account: Account): AccountRow {
  return {
    id: account.id,
    thumbprint: account.thumbprint,
    jwk: account.jwk,
    status: account.status,
    contact: JSON.stringify(account.contact),
    terms_agreed: account.termsAgreed ? 1 : 0,
    eab_kid: account.eabKid ?? null,
    owner_kind: account.owner?.kind ?? null,
    owner_name: account.owner?.name ?? null,
    created_at: account.createdAt,
  };
}

export function eabKeyFrom(row: AcmeTables['acme_eab_keys']): EabKey {
  const owner: Owner = { kind: row.owner_kind === 'user' ? 'user' : 'service', name: row.owner_name };
  return { kid: row.kid, owner, createdAt: row.created_at };
}

export function authorizationFrom(row: AuthorizationRow): Authorization {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    token: row.token,
    status: row.status as Authorization['status'],
    challenge: (row.challenge as ChallengeType | null) ?? undefined,
    validatedAt: row.validated_at ?? undefined,
    error: row.error === null ? undefined : JSON.parse(row.error),
    expiresAt: row.expires_at,
  };
}

export function columnsOf({
  status,
  challenge,
  validatedAt,
  error,
  expiresAt,
}: Omit<Outcome, 'id'>): OutcomeColumns {
  return [status, challenge ?? null, validatedAt ?? null, error ? JSON.stringify(error) : null, expiresAt];
}

export function orderFrom(row: OrderRow): Order {
  return {
    id: row.id,
    accountId: row.account_id,
    status: row.status as Order['status'],
    names: JSON.parse(row.names),
    authorizations: JSON.parse(row.authorizations),
    notBefore: row.not_before ?? undefined,
    notAfter: row.not_after ?? undefined,
    replaces: row.replaces ?? undefined,
    certificate: row.certificate ?? undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    removableAt: row.kept_until,
  };
}

export function columnsOfOrder(order: Order): OrderColumns {
  const { id, accountId, status, names, authorizations, createdAt, expiresAt, removableAt } = order;
  const lists = [JSON.stringify(names), JSON.stringify(authorizations)] as const;
  const dates = [order.notBefore ?? null, order.notAfter ?? null] as const;
  return [
    id,
    accountId,
    status,
    ...lists,
    ...dates,
    order.replaces ?? null,
    createdAt,
    expiresAt,
    removableAt,
  ];
}

function ownerFrom({
  owner_kind: kind,
  owner_name: name,
}: Pick<AccountRow, 'owner_kind' | 'owner_name'>): Owner | undefined {
  return name !== null && (kind === 'user' || kind === 'service') ? { kind, name } : undefined;
}
