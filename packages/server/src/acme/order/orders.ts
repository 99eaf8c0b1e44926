// Orders (RFC 8555 §7.4): created, read, finalized. The transaction of each act reads the order's status
// again, so two finalizations of one order give one certificate.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { ParsedRequest } from '@gatehouse/x509';
import { z } from 'zod';
import type { NameRules, SignedCertificate } from '../../ca/index.ts';
import type { Events } from '../../platform/feed/events.ts';
import { mapInTurn } from '../../platform/jobs/in-turn.ts';
import type { Connection, Database, Tx } from '../../platform/store/database.ts';
import type { ActiveAccounts } from '../account/active-accounts.ts';
import { acmeEvent, actorOfAccount, finalizationRefused } from '../events.ts';
import type { Ids } from '../ids.ts';
import { RETENTION_MS, UNFINISHED_ORDERS } from '../limits.ts';
import { AcmeError, unknownResource } from '../problem.ts';
import type { AccountRequest } from '../request/gate.ts';
import { readPayload } from '../request/reply.ts';
import type { AcmeStore } from '../store/store.ts';
import type { Account, AcmeCertificates, Order } from '../types.ts';
import type { Networks } from '../validation/networks.ts';
import { createOpenWork } from '../validation/open-work.ts';
import type { Authorizations } from './authorizations.ts';
import { PENDING_MS } from './authorizations.ts';
import { formatCertificateId, parseCertificateId } from './certificate-id.ts';
import { readIdentifiers } from './identifiers.ts';
import { datesOf, readValidity } from './order-dates.ts';
import type { CurrentOrder } from './order-status.ts';
import { currentOrder } from './order-status.ts';
import { createRecentChains } from './recent-chains.ts';
import { readSigningRequest } from './signing-request.ts';

export interface Orders {
  create(request: AccountRequest): Promise<CurrentOrder>;
  /** Throws `malformed` (404) for an order that is not this account's. */
  find(account: Account, id: string): Promise<CurrentOrder>;
  /** Signs the certificate (§7.4). Throws `orderNotReady`, `badCSR`, and as `find`. */
  finalize(request: AccountRequest, id: string): Promise<CurrentOrder>;
  /** The certificate of an order of the account, PEM, leaf first (§7.4.2). Throws `malformed` (404). */
  chain(account: Account, serialNumber: string): Promise<string>;
  /**
   * The account's orders, newest first, without the invalid ones (§7.1.2.1). The result has `next` if there
   * may be more.
   */
  list(account: Account, after: string | undefined): Promise<{ ids: string[]; next: string | undefined }>;
}

export interface OrdersDeps {
  database: Database;
  store: AcmeStore;
  activeAccounts: ActiveAccounts;
  authorizations: Authorizations;
  events: Events;
  clock: Clock;
  certificates: AcmeCertificates;
  ids: Ids;
  /** Called when an order is on disk. */
  created(): void;
}

export interface OrderRules {
  names: NameRules;
  networks: Networks;
  profile: string;
  /** Seconds. */
  maxLifetime: number;
}

/** The same lifetime as its pending authorizations. */
const ORDER_LIFETIME_MS = PENDING_MS;
const PAGE = 100;

const text = z.string('must be a text');
// "t" and "z" may be lower case (RFC 3339 §5.6).
const date = text
  .toUpperCase()
  .pipe(z.iso.datetime({ offset: true, error: 'must be a date such as 2026-03-01T12:00:00Z (RFC 3339)' }));
const newOrder = z.object({
  identifiers: z
    .array(z.object({ type: text, value: text }, 'must have "type" and "value"'), 'must be a list')
    .min(1, 'must have at least one'),
  notBefore: date.optional(),
  notAfter: date.optional(),
  replaces: text.optional(),
});
const finalization = z.object({ csr: text });

export function createOrders(deps: OrdersDeps, rules: OrderRules): Orders {
  const { database, store, activeAccounts, authorizations, events, clock, certificates, ids, created } = deps;
  const recentChains = createRecentChains();
  const unfinishedOrders = createOpenWork(
    {
      database,
      clock,
      count: (connection, id) => store.unfinishedOrders(connection, id, clock.now() - ORDER_LIFETIME_MS),
    },
    { limit: UNFINISHED_ORDERS, what: 'unfinished orders' },
  );
  /** The identifier of the certificate that the order replaces (RFC 9773 §5). Throws `malformed`. */
  async function predecessor(account: Account, text: string, names: readonly string[]): Promise<string> {
    const id = parseCertificateId(text);
    const { serialNumber, issuerKeyId } = id;
    const order = await store.orderOfCertificate(database.read, serialNumber);
    const certificate = order?.accountId === account.id ? await certificates.find(serialNumber) : undefined;
    if (certificate?.issuerKeyId !== issuerKeyId) {
      throw new AcmeError('malformed', '"replaces" does not name a certificate of this account.');
    }
    if (certificate.names.some((name) => names.includes(name))) return formatCertificateId(id);
    throw new AcmeError('malformed', '"replaces" names a certificate that shares no name with this order.');
  }

  async function refuseSecondSuccessor(tx: Tx, certificateId: string): Promise<void> {
    for (const other of await store.ordersReplacing(tx, certificateId)) {
      const { status } = await withStatus(tx, other);
      if (status === 'invalid') continue;
      throw new AcmeError(
        'alreadyReplaced',
        'Another order already replaces that certificate (RFC 9773 §5).',
      );
    }
  }

  async function withStatus(connection: Connection, order: Order): Promise<CurrentOrder> {
    if (order.status === 'valid') return { ...order, status: 'valid' };
    return currentOrder(order, await store.authorizations(connection, order.authorizations), clock.now());
  }

  async function load(connection: Connection, account: Account, id: string): Promise<Order> {
    const order = await store.order(connection, id);
    if (order?.accountId === account.id) return order;
    throw unknownResource('order');
  }

  async function sign(
    tx: Tx,
    { order, account, request }: { order: Order; account: Account; request: ParsedRequest },
  ): Promise<SignedCertificate> {
    const { profile } = rules;
    const { names } = order;
    // The inventory and the ledger always record the owner. A certificate names the owner only if it is for
    // clients.
    const owner = certificates.isForClients(profile) ? account.owner : undefined;
    try {
      return await certificates.sign(tx, {
        request,
        profile,
        names,
        ...datesOf(order, clock.now()),
        owner,
        source: 'acme',
      });
    } catch (error) {
      if (error instanceof GatehouseError && error.status < 500) throw badRequest(error.message, error);
      throw error;
    }
  }

  async function recordRefusal({ account, call }: AccountRequest, id: string, error: unknown): Promise<void> {
    if (!(error instanceof AcmeError) || error.type !== 'badCSR') return;
    const event = finalizationRefused(account, call.address, { id, detail: error.message });
    await database.write((tx) => events.publish(tx, event));
  }

  async function complete(
    { account, call, key }: AccountRequest,
    id: string,
    csr: string,
  ): Promise<CurrentOrder> {
    return database.write(async (tx) => {
      await activeAccounts.requireStill(tx, account);
      const order = await load(tx, account, id);
      const { status } = await withStatus(tx, order);
      if (status !== 'ready')
        throw new AcmeError('orderNotReady', `The order is ${status}, so it cannot be finalized.`);
      const request = readSigningRequest(csr, order.names, key);
      const signed = await sign(tx, { order, account, request });
      const actor = actorOfAccount(account, call.address);
      await certificates.record(tx, signed, actor);
      const completion = {
        certificate: signed.serialNumber,
        removableAt: signed.notAfter.getTime() + RETENTION_MS,
      };
      await store.completeOrder(tx, id, completion);
      const data = { serialNumber: signed.serialNumber, names: order.names, account: account.id };
      await events.publish(tx, acmeEvent('order_finalized', actor, id, data));
      const { serialNumber, chain } = signed;
      tx.afterCommit(() => recentChains.add(serialNumber, { accountId: account.id, chain }));
      return { ...order, ...completion, status: 'valid' };
    });
  }

  return {
    async create(request) {
      const { account } = request;
      const wish = readPayload(newOrder, request);
      const names = readIdentifiers(wish.identifiers, rules).map(({ value }) => value);
      const validity = readValidity(wish, { now: clock.now(), maxLifetime: rules.maxLifetime });
      const { replaces } = wish;
      const replaced = replaces === undefined ? undefined : await predecessor(account, replaces, names);
      return database.write(async (tx) => {
        if (replaced !== undefined) await refuseSecondSuccessor(tx, replaced);
        await activeAccounts.requireStill(tx, account);
        await unfinishedOrders.admit(tx, account.id, 1);
        const authorized = await authorizations.forOrder(tx, account, names);
        const now = clock.now();
        const expiresAt = Math.min(now + ORDER_LIFETIME_MS, ...authorized.map((each) => each.expiresAt));
        const order: Order = {
          id: ids.next(),
          accountId: account.id,
          status: 'pending',
          names,
          authorizations: authorized.map(({ id }) => id),
          ...validity,
          replaces: replaced,
          certificate: undefined,
          createdAt: now,
          expiresAt,
          removableAt: expiresAt + RETENTION_MS,
        };
        await store.insertOrder(tx, order);
        tx.afterCommit(created);
        return currentOrder(order, authorized, now);
      });
    },
    async find(account, id) {
      return withStatus(database.read, await load(database.read, account, id));
    },
    async finalize(request, id) {
      const { csr } = readPayload(finalization, request);
      try {
        return await complete(request, id, csr);
      } catch (error) {
        await recordRefusal(request, id, error);
        throw error;
      }
    },
    async chain(account, serialNumber) {
      const recent = recentChains.take(serialNumber, account.id);
      if (recent !== undefined) return recent;
      const order = await store.orderOfCertificate(database.read, serialNumber);
      const known = order?.accountId === account.id ? await certificates.find(serialNumber) : undefined;
      if (known) return known.chain;
      throw unknownResource('certificate');
    },
    async list(account, after) {
      const page = await store.orders(database.read, PAGE, { accountId: account.id, after });
      const last = page.length === PAGE ? page.at(-1) : undefined;
      const seen = await mapInTurn(page, (order) => withStatus(database.read, order));
      return {
        ids: seen.filter(({ status }) => status !== 'invalid').map(({ id }) => id),
        next: last?.id,
      };
    },
  };
}

function badRequest(detail: string, cause: unknown): AcmeError {
  return new AcmeError('badCSR', detail, { cause });
}
