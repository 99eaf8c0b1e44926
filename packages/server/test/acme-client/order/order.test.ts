// One order (RFC 8555 §7.4): its requests, and what happens if the directory refuses a part.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRequest, verifyRequest } from '@gatehouse/x509';
import type { Answer, Directory, Session } from '../../../src/acme-client/directory/session.ts';
import { OrderFailure } from '../../../src/acme-client/failure.ts';
import type { OrderWish } from '../../../src/acme-client/order/order.ts';
import { placeOrder } from '../../../src/acme-client/order/order.ts';

const ORDER = 'https://ca.example/order/1';
const WISH: OrderWish = { names: ['a.example', '*.a.example'], profile: undefined, replaces: undefined };

interface World {
  directory?: Partial<Directory>;
  /** Refuses a new order with these problems, one after the other. */
  problems?: string[];
  /** The order after the finalization. */
  status?: string;
}

/**
 * A directory without authorizations. It delivers no certificate: the order ends with a refusal of its text.
 */
function world({ directory = {}, problems = [], status = 'valid' }: World = {}) {
  const orders: Record<string, unknown>[] = [];
  const requests: Uint8Array[] = [];
  const session = {
    thumbprint: 'thumb',
    directory: async () => ({ newOrder: 'https://ca.example/new-order', ...directory }),
    async post(url: string, { payload }: { payload?: Record<string, unknown> }) {
      if (url.endsWith('/new-order')) {
        orders.push({ ...payload });
        const type = problems.shift();
        if (type !== undefined) throw new OrderFailure(`no (${type})`, { type });
      }
      if (typeof payload?.csr === 'string') requests.push(Buffer.from(payload.csr, 'base64url'));
      const error = { type: 'urn:ietf:params:acme:error:caa', detail: 'forbidden by CAA' };
      const state = requests.length === 0 ? 'ready' : status;
      const body = {
        status: state,
        authorizations: [],
        finalize: `${ORDER}/finalize`,
        certificate: ORDER,
        error,
      };
      return { body, location: ORDER, text: 'no certificate' } as unknown as Answer;
    },
  } as unknown as Session;
  const { signal } = new AbortController();
  const proof = { kind: 'http-01', answer: async () => async () => {}, leftBehind() {} } as const;
  const run = (wish: Partial<OrderWish> = {}) =>
    placeOrder({ session, kid: 'k', now: () => 0, signal }, { ...WISH, ...wish }, proof);
  return { run, orders, requests };
}

test('orders the names, and requests them for a new key with an empty subject', async () => {
  const { run, orders, requests } = world();
  await assert.rejects(run(), /The certificate of the directory cannot be used/);
  await assert.rejects(run(), OrderFailure);
  assert.deepEqual(orders[0], {
    identifiers: [
      { type: 'dns', value: 'a.example' },
      { type: 'dns', value: '*.a.example' },
    ],
  });
  const read = requests.map((der) => readRequest(der));
  assert.deepEqual(read.map(verifyRequest), ['P-256', 'P-256']);
  assert.notDeepEqual(read[0]?.spki, read[1]?.spki);
  assert.deepEqual(
    read[0]?.extensions.subjectAltNames?.map((name) => 'value' in name && name.value),
    WISH.names,
  );
});

test('says why an order became invalid', async () => {
  await assert.rejects(world({ status: 'invalid' }).run(), {
    message: 'The order is invalid: forbidden by CAA (caa)',
    type: 'caa',
  });
});

test('names the replaced certificate only to a directory with renewal information (RFC 9773 §5)', async () => {
  const without = world();
  await assert.rejects(without.run({ replaces: 'a.b' }));
  assert.equal(without.orders[0]?.replaces, undefined);
  const renewalInfo = 'https://ca.example/info';
  const informed = world({ directory: { renewalInfo } });
  await assert.rejects(informed.run({ replaces: 'a.b' }));
  assert.equal(informed.orders[0]?.replaces, 'a.b');
  const replaced = world({ directory: { renewalInfo }, problems: ['alreadyReplaced'] });
  await assert.rejects(replaced.run({ replaces: 'a.b' }));
  assert.deepEqual(
    replaced.orders.map(({ replaces }) => replaces),
    ['a.b', undefined],
  );
  const limited = world({ directory: { renewalInfo }, problems: ['rateLimited'] });
  await assert.rejects(limited.run({ replaces: 'a.b' }), { type: 'rateLimited' });
  assert.equal(limited.orders.length, 1);
});

test('orders a profile that the directory has, and otherwise lists the profiles', async () => {
  const { run, orders } = world({ directory: { profiles: ['classic', 'shortlived'] } });
  await assert.rejects(run({ profile: 'shortlived' }));
  assert.equal(orders[0]?.profile, 'shortlived');
  await assert.rejects(run({ profile: 'short' }), /has no profile short, only classic, shortlived\./);
  await assert.rejects(world().run({ profile: 'x' }), /has no profile x: it has none\./);
});
