// Certificates of `gateway.acme` over time: ordered, stored, renewed, tried again, and always served.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { NamedIdentity } from '@gatehouse/access';
import { OrderFailure } from '../../src/acme-client/failure.ts';
import type {
  ListenerCertificates,
  ListenerCertificatesDeps,
} from '../../src/acme-client/listener-certificates.ts';
import { openListenerCertificates } from '../../src/acme-client/listener-certificates.ts';
import type { OrderSettings } from '../../src/acme-client/settings.ts';
import { certificateOrders } from '../../src/acme-client/settings.ts';
import { createCertificateStore } from '../../src/acme-client/store/certificate-store.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import type { TestStore } from '../support/store.ts';
import { createStore } from '../support/store.ts';
import { obtainedFor } from './support/issued.ts';

const DAY_SECONDS = 86_400;

function wanted(names: string[], more: object = {}): OrderSettings {
  const order = { directory: 'https://ca.example/dir', names, challenge: 'http-01', ...more };
  const [settings] = certificateOrders.parse([order]);
  return settings as OrderSettings;
}

const SHOP = wanted(['shop.example', 'www.shop.example']);

interface World {
  store: TestStore;
  certificates: ListenerCertificates;
  /** The certificates that the listener presents now. */
  presented: Map<string, NamedIdentity>;
  orders: { names: readonly string[]; replaces: string | undefined; signal: AbortSignal }[];
  log: ReturnType<typeof createMemoryLog>;
  /** Runs the job, and waits until its work is done. */
  turn(): Promise<void>;
}

/** `isEndless`: an order ends only when its signal aborts. */
type Behaviour = { isEndless?: boolean } & Partial<
  Pick<ListenerCertificatesDeps, 'obtain' | 'renewalInfo' | 'store' | 'present'>
>;

async function openWorld(store: TestStore, behaviour: Behaviour = {}): Promise<World> {
  const orders: World['orders'] = [];
  const presented = new Map<string, NamedIdentity>();
  const log = createMemoryLog();
  let underWay = 0;
  const watched =
    <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> => {
      underWay += 1;
      return act(...args).finally(() => {
        underWay -= 1;
      });
    };
  const obtain: ListenerCertificatesDeps['obtain'] = async (settings, order) => {
    orders.push({ names: settings.names, ...order });
    return behaviour.obtain?.(settings, order) ?? obtainedFor(settings.names, store.clock.now());
  };
  const { open, save, saveCertificate } = behaviour.store ?? createCertificateStore(store);
  const certificates = await openListenerCertificates({
    clock: store.clock,
    log: log.log,
    store: { open, save: watched(save), saveCertificate: watched(saveCertificate) },
    chance: () => 0,
    present: behaviour.present ?? (async (key, identity) => void presented.set(key, identity)),
    renewalInfo: behaviour.renewalInfo ?? (async () => undefined),
    obtain: behaviour.isEndless ? obtain : watched(obtain),
  });
  return {
    store,
    certificates,
    presented,
    orders,
    log,
    async turn() {
      await certificates.job.run();
      for (let idle = 0; idle < IDLE_STEPS; ) {
        await new Promise((resolve) => setImmediate(resolve));
        idle = underWay === 0 ? idle + 1 : 0;
      }
    },
  };
}

const IDLE_STEPS = 10;

async function startWorld(t: TestContext, behaviour: Behaviour = {}, settings = [SHOP]): Promise<World> {
  const world = await openWorld(await createStore(t), behaviour);
  world.certificates.use(settings);
  return world;
}

const view = ({ certificates }: World, name = 'shop.example') => certificates.views()[name];

test('orders at once, presents the certificate, and records it', async (t) => {
  const world = await startWorld(t);
  assert.equal(view(world)?.state, 'ordering');
  await world.turn();
  const [[, identity] = []] = world.presented;
  assert.deepEqual(identity?.names, SHOP.names);
  assert.equal(view(world)?.state, 'valid');
  const [event] = world.store.published;
  assert.deepEqual([event?.type, event?.subject], ['acme-client.certificate_obtained', 'shop.example']);
  await world.turn();
  assert.equal(world.orders.length, 1);
});

test('a restart orders nothing: the certificate and its key are stored, the key sealed', async (t) => {
  const world = await startWorld(t);
  await world.turn();
  const [[key, identity] = []] = world.presented;
  const again = await openWorld(world.store);
  assert.deepEqual(again.certificates.entries([SHOP]), [[key, identity]]);
  again.certificates.use([SHOP]);
  await again.turn();
  assert.deepEqual(again.orders, []);
  const rows = await world.store.keyStore.load(`acme-client/certificate/${key?.split('.').at(-1)}`);
  assert.equal(Buffer.from(rows ?? '').toString(), identity?.privateKey);
});

test('renews after about two thirds of the life, and names the replaced certificate (RFC 9773 §5)', async (t) => {
  const world = await startWorld(t);
  await world.turn();
  world.store.clock.advance(56 * DAY_SECONDS);
  await world.turn();
  assert.equal(world.orders.length, 1);
  world.store.clock.advance(2 * DAY_SECONDS);
  await world.turn();
  assert.equal(world.orders.length, 2);
  assert.match(world.orders[1]?.replaces ?? '', /^[\w-]+\.[\w-]+$/);
});

test('the suggestion of the directory moves the renewal; without it, our own time stays (RFC 9773 §4)', async (t) => {
  let ask: ListenerCertificatesDeps['renewalInfo'] = () => Promise.reject(new OrderFailure('down'));
  const world = await startWorld(t, { renewalInfo: (...args) => ask(...args) });
  await world.turn();
  await world.turn();
  assert.match(JSON.stringify(world.log.lines()), /the directory did not say when to renew/);
  const now = world.store.clock.now();
  const window = { start: now + 40 * DAY_SECONDS * 1000, end: now + 41 * DAY_SECONDS * 1000 };
  ask = async () => ({ window, askAt: now + DAY_SECONDS * 1000 * 50 });
  world.store.clock.advance(6 * 3600);
  await world.turn();
  assert.equal(Date.parse(view(world)?.nextAttempt ?? ''), window.start);
  world.store.clock.advance(40 * DAY_SECONDS);
  await world.turn();
  assert.equal(world.orders.length, 2);
});

test('after failures, the last certificate stays, and the pauses grow', async (t) => {
  let isDown = false;
  const world = await startWorld(t, {
    obtain: async ({ names }) => {
      if (isDown) throw new OrderFailure('https://ca.example cannot be reached: nothing listens there.');
      return obtainedFor(names, world.store.clock.now());
    },
  });
  await world.turn();
  const before = [...world.presented];
  isDown = true;
  world.store.clock.advance(80 * DAY_SECONDS);
  const pauses: number[] = [];
  for (let attempts = 0; attempts < 4; attempts += 1) {
    await world.turn();
    const pause = Date.parse(view(world)?.nextAttempt ?? '') - world.store.clock.now();
    pauses.push(pause / 60_000);
    world.store.clock.advance(pause / 1000 - 1);
    await world.turn();
    assert.equal(world.orders.length, attempts + 2, 'not before its time');
    world.store.clock.advance(1);
  }
  assert.deepEqual(pauses, [1, 2, 4, 8]);
  assert.deepEqual([...world.presented], before);
  assert.equal(view(world)?.state, 'failing');
  assert.match(view(world)?.problem ?? '', /nothing listens there/);
  assert.ok(view(world)?.notAfter);
  assert.equal(world.store.published.filter(({ type }) => type === 'acme-client.order_failed').length, 4);
  isDown = false;
  await world.turn();
  assert.equal(view(world)?.state, 'valid');
});

test('a restart does not shorten the pause after a failure, but other settings do', async (t) => {
  const obtain = () => Promise.reject(new OrderFailure('no'));
  const world = await startWorld(t, { obtain });
  await world.turn();
  const again = await openWorld(world.store, { obtain });
  again.certificates.use([SHOP]);
  await again.turn();
  assert.equal(again.orders.length, 0);
  const corrected = await openWorld(world.store, { obtain });
  corrected.certificates.use([{ ...SHOP, challenge: 'tls-alpn-01' }]);
  await corrected.turn();
  assert.equal(corrected.orders.length, 1);
});

test('a server that is killed during its orders makes the same pauses', async (t) => {
  const store = await createStore(t);
  const pauses: number[] = [];
  for (let starts = 0; starts < 3; starts += 1) {
    const killed = await openWorld(store, { isEndless: true, obtain: () => new Promise(() => {}) });
    killed.certificates.use([SHOP]);
    await killed.turn();
    assert.equal(killed.orders.length, 1);
    const again = await openWorld(store);
    again.certificates.use([SHOP]);
    await again.turn();
    assert.equal(again.orders.length, 0);
    assert.match(view(again)?.problem ?? '', /ended during the last attempt/);
    const pause = Date.parse(view(again)?.nextAttempt ?? '') - store.clock.now();
    pauses.push(pause / 60_000);
    store.clock.advance(pause / 1000);
  }
  assert.deepEqual(pauses, [1, 2, 4]);
  const last = await openWorld(store);
  last.certificates.use([SHOP]);
  await last.turn();
  assert.equal(view(last)?.state, 'valid');
});

test('another renewBefore applies from the reload on', async (t) => {
  const world = await startWorld(t);
  await world.turn();
  const start = world.store.clock.now();
  world.certificates.use([{ ...SHOP, renewBefore: 30 * DAY_SECONDS }]);
  assert.equal(Date.parse(view(world)?.nextAttempt ?? ''), start + 60 * DAY_SECONDS * 1000);
});

test('a reload tries again at once, unless the directory wants us to wait', async (t) => {
  let retryAt: number | undefined;
  const world = await startWorld(t, { obtain: () => Promise.reject(new OrderFailure('no', { retryAt })) });
  await world.turn();
  world.certificates.use([SHOP]);
  retryAt = world.store.clock.now() + 3_600_000;
  await world.turn();
  assert.equal(world.orders.length, 2);
  world.certificates.use([SHOP]);
  await world.turn();
  assert.equal(world.orders.length, 2);
  world.store.clock.advance(3600);
  await world.turn();
  assert.equal(world.orders.length, 3);
});

test('after a change of the names, the old certificate is served for the names that it has', async (t) => {
  const world = await startWorld(t);
  await world.turn();
  const more = wanted(['shop.example', 'new.example']);
  const [[, identity] = []] = world.certificates.entries([more]);
  assert.deepEqual(identity?.names, ['shop.example']);
  world.certificates.use([more]);
  await world.turn();
  const [[, fresh] = []] = world.certificates.entries([more]);
  assert.deepEqual(fresh?.names, ['shop.example', 'new.example']);
  assert.deepEqual(world.certificates.entries([wanted(['other.example'])]), []);
});

test('has one order at once for a certificate, and ends it when it is no longer wanted', async (t) => {
  const never = Promise.withResolvers<never>();
  const world = await startWorld(t, {
    isEndless: true,
    obtain(_, { signal }) {
      signal.addEventListener('abort', () => never.reject(signal.reason));
      return never.promise;
    },
  });
  await world.turn();
  await world.turn();
  world.certificates.use([SHOP]);
  await world.turn();
  assert.equal(world.orders.length, 1);
  assert.equal(world.orders[0]?.signal.aborted, false);
  world.certificates.use([]);
  assert.equal(world.orders[0]?.signal.aborted, true);
  await world.turn();
  assert.deepEqual(world.store.published, [], 'an ended order did not fail');
});

test('a stop of the server ends the running orders', async (t) => {
  const world = await startWorld(t, {
    isEndless: true,
    obtain: (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });
  await world.turn();
  await world.certificates.close();
  await world.turn();
  assert.equal(world.orders.length, 1);
  assert.deepEqual(world.store.published, []);
});

test('a certificate that cannot be stored is served, and stored later without another order', async (t) => {
  const opened = await createStore(t);
  const real = createCertificateStore(opened);
  let isFull = true;
  const world = await openWorld(opened, {
    store: {
      ...real,
      saveCertificate: (...args) =>
        isFull ? Promise.reject(new Error('full')) : real.saveCertificate(...args),
    },
  });
  world.certificates.use([SHOP]);
  await world.turn();
  assert.equal(world.presented.size, 1);
  isFull = false;
  opened.clock.advance(60);
  await world.turn();
  assert.equal(world.orders.length, 1);
  assert.equal((await real.open())[0]?.certificateChain, [...world.presented.values()][0]?.certificateChain);
});

test('does not order again if a worker refuses a certificate', async (t) => {
  const world = await startWorld(t, { present: () => Promise.reject(new Error('no')) });
  await world.turn();
  await world.turn();
  assert.equal(world.orders.length, 1);
  assert.equal(view(world)?.state, 'valid');
});

test('removes unwanted certificates a month after their end', async (t) => {
  const world = await startWorld(t);
  await world.turn();
  world.store.clock.advance(119 * DAY_SECONDS);
  assert.equal((await createCertificateStore(world.store).open()).length, 1);
  world.store.clock.advance(2 * DAY_SECONDS);
  assert.equal((await createCertificateStore(world.store).open()).length, 0);
});

test('counts orders by their result', async (t) => {
  const world = await startWorld(t);
  await world.turn();
  const [metric] = world.certificates.metrics;
  const samples = (await metric?.read()) ?? [];
  assert.deepEqual(
    samples.map(({ labels, value }) => [labels?.result, value]),
    [
      ['obtained', 1],
      ['failed', 0],
    ],
  );
});
