// Accounts (RFC 8555 §7.3): created, found by their key, changed, deactivated, given another key. A key
// always belongs to the same account. So the acts of a deactivated account are never mistaken for those of a
// later account.
import type { Clock } from '@gatehouse/access';
import { z } from 'zod';
import type { Events } from '../../platform/feed/events.ts';
import { addressShareOf } from '../../platform/limits/address-share.ts';
import { createTokenBuckets } from '../../platform/limits/token-buckets.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import { acmeEvent, actorOfAccount } from '../events.ts';
import type { Ids } from '../ids.ts';
import { ACCOUNTS_AT_ONCE, SOURCES_KNOWN } from '../limits.ts';
import { AcmeError } from '../problem.ts';
import type { AccountKey } from '../request/account-key.ts';
import { readAccountKey, verifySignature } from '../request/account-key.ts';
import type { AccountRequest, SignedRequest } from '../request/gate.ts';
import { jsonPayload, readJws, requireMembers } from '../request/jws.ts';
import { readPayload } from '../request/reply.ts';
import type { AcmeStore } from '../store/store.ts';
import type { Account, EabKey } from '../types.ts';
import type { Urls } from '../urls.ts';
import type { ActiveAccounts } from './active-accounts.ts';
import { requireMailboxes } from './contacts.ts';
import type { ExternalAccounts } from './external-account.ts';

export interface Accounts {
  /** Finds or creates the account of the key (RFC 8555 §7.3, §7.3.1). Throws `rateLimited`. */
  open(request: SignedRequest): Promise<Opened>;
  /** Changes the contacts, or deactivates the account (§7.3.2, §7.3.6). */
  update(request: AccountRequest): Promise<Account>;
  /** Changes the key of the account (§7.3.5). */
  changeKey(request: AccountRequest, urls: Pick<Urls, 'account' | 'accountId'>): Promise<Account>;
}

export interface Opened {
  account: Account;
  isNew: boolean;
}

export interface AccountsDeps {
  database: Database;
  store: AcmeStore;
  activeAccounts: ActiveAccounts;
  events: Events;
  clock: Clock;
  externalAccounts: ExternalAccounts;
  ids: Ids;
}

const MAX_CONTACTS = 10;
const contact = z
  .array(z.string('must be a text'), 'must be a list of URLs')
  .max(MAX_CONTACTS, `must have ${MAX_CONTACTS} URLs at most`);
const newAccount = z.object({
  contact: contact.default([]),
  termsOfServiceAgreed: z.boolean('must be true or false').default(false),
  onlyReturnExisting: z.boolean('must be true or false').default(false),
  externalAccountBinding: z.unknown().optional(),
});
const accountUpdate = z.object({
  contact: contact.optional(),
  status: z.string('must be a text').optional(),
});
const innerPayload = z.object({ account: z.string('must be a text'), oldKey: z.unknown() });

export function createAccounts(
  deps: AccountsDeps,
  settings: { requireEab: boolean; accountsPerHour: number },
): Accounts {
  const { database, store, activeAccounts, events, clock, externalAccounts } = deps;
  const rate = { atOnce: ACCOUNTS_AT_ONCE, perHour: settings.accountsPerHour, keys: SOURCES_KNOWN };
  const newAccounts = createTokenBuckets(rate, clock);

  async function existing(request: SignedRequest): Promise<Account | undefined> {
    const account = await store.accountOfKey(database.read, request.key.thumbprint);
    if (account) await activeAccounts.require(account);
    return account;
  }

  function requireRoom({ call }: SignedRequest): void {
    const seconds = newAccounts.take(addressShareOf(call.address));
    if (seconds === 0) return;
    throw new AcmeError('rateLimited', 'Too many new accounts come from this address: try again later.', {
      headers: { 'retry-after': String(seconds) },
    });
  }

  async function create(request: SignedRequest, wish: z.output<typeof newAccount>): Promise<Opened> {
    const { contact, termsOfServiceAgreed: termsAgreed, externalAccountBinding: binding } = wish;
    requireMailboxes(contact);
    if (binding === undefined && settings.requireEab) {
      throw new AcmeError(
        'externalAccountRequired',
        'An external account binding is needed: ask the operator for a key.',
      );
    }
    const eabKey = binding === undefined ? undefined : await externalAccounts.verify(binding, request);
    const { jwk, thumbprint } = request.key;
    const account: Account = {
      id: deps.ids.next(),
      thumbprint,
      jwk: JSON.stringify(jwk),
      status: 'valid',
      contact,
      termsAgreed,
      eabKid: eabKey?.kid,
      owner: eabKey?.owner,
      createdAt: clock.now(),
    };
    return database.write(async (tx) => {
      // Since the first check, the same key may have been registered, or the binding's key removed.
      const other = await store.accountOfKey(tx, thumbprint);
      if (other) return { account: other, isNew: false };
      if (eabKey) await requireStillBinding(tx, eabKey);
      await store.insertAccount(tx, account);
      const data = { contact, thumbprint, eabKid: eabKey?.kid ?? null };
      const actor = actorOfAccount(account, request.call.address);
      await events.publish(tx, acmeEvent('account_created', actor, account.id, data));
      return { account, isNew: true };
    });
  }

  async function requireStillBinding(tx: Tx, { kid, owner }: EabKey): Promise<void> {
    if (!(await store.eabKey(tx, kid))) {
      throw new AcmeError('unauthorized', 'The key of the external account binding was removed.');
    }
    await activeAccounts.requireOwner(owner, tx);
  }

  async function change(
    { account, call }: AccountRequest,
    fact: string,
    changed: Partial<Pick<Account, 'contact' | 'status' | 'jwk' | 'thumbprint'>>,
    check: (tx: Tx) => Promise<void> = async () => {},
  ): Promise<Account> {
    await database.write(async (tx) => {
      await activeAccounts.requireStill(tx, account);
      await check(tx);
      if (!(await store.updateAccount(tx, account, changed))) {
        throw new AcmeError(
          'unauthorized',
          'The account was changed at the same time: read it and try again.',
        );
      }
      const { jwk: _long, ...data } = changed;
      await events.publish(tx, acmeEvent(fact, actorOfAccount(account, call.address), account.id, data));
    });
    return { ...account, ...changed };
  }

  return {
    async open(request) {
      const wish = readPayload(newAccount, request);
      const known = await existing(request);
      if (known) return { account: known, isNew: false };
      if (wish.onlyReturnExisting) {
        throw new AcmeError('accountDoesNotExist', 'There is no account with this key (RFC 8555 §7.3.1).');
      }
      requireRoom(request);
      return create(request, wish);
    },
    async update(request) {
      const { contact, status } = readPayload(accountUpdate, request);
      if (status === 'deactivated') return change(request, 'account_deactivated', { status });
      if (status !== undefined && status !== request.account.status) {
        throw new AcmeError('malformed', 'The status of an account can only be set to "deactivated".');
      }
      if (contact === undefined) return request.account;
      requireMailboxes(contact);
      return change(request, 'account_updated', { contact });
    },
    async changeKey(request, urls) {
      const { jwk, thumbprint } = readNewKey(request, urls);
      const changed = { jwk: JSON.stringify(jwk), thumbprint };
      return change(request, 'account_key_changed', changed, async (tx) => {
        const other = await store.accountOfKey(tx, thumbprint);
        if (other) throw keyTaken(urls.account(other.id));
      });
    },
  };
}

/** The inner JWS (RFC 8555 §7.3.5): the new key signs it, and it names the account and the old key. */
function readNewKey(request: AccountRequest, { accountId }: Pick<Urls, 'accountId'>): AccountKey {
  const inner = readJws(jsonPayload(request), 'The payload');
  const { url } = requireMembers(inner, {
    texts: ['alg', 'url'],
    others: ['jwk'],
    absent: ['kid', 'nonce'],
  });
  const key = readAccountKey(inner.header.jwk);
  verifySignature(inner, key);
  const { account, oldKey } = readPayload(innerPayload, inner);
  if (url !== request.url) throw new AcmeError('malformed', 'The inner JWS is for another URL.');
  if (accountId(account) !== request.account.id)
    throw new AcmeError('malformed', 'The inner JWS names another account.');
  if (readAccountKey(oldKey).thumbprint === request.key.thumbprint) return key;
  throw new AcmeError('malformed', 'The inner JWS names another old key.');
}

/** The error with the URL of the account that has the key (RFC 8555 §7.3.5). */
function keyTaken(location: string): AcmeError {
  return new AcmeError('malformed', 'Another account already has this key.', {
    status: 409,
    headers: { location },
  });
}
