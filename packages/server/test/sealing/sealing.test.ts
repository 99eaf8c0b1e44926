// The keys of sealed requests: made, offered, replaced and removed, and signed for each name of the gateway.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Sealing } from '@gatehouse/access';
import { readKeyConfigurations, readSignedConfiguration } from '@gatehouse/protocol';
import { configSchema } from '../../src/config.ts';
import { follow } from '../../src/platform/capability.ts';
import type { Section } from '../../src/platform/feed/feed.ts';
import { sealingCapability } from '../../src/sealing/index.ts';
import { openCa } from '../support/ca.ts';
import { createStore, type TestStore } from '../support/store.ts';

const DAY_SECONDS = 86_400;
const DEFAULTS = configSchema.parse({}).sealing;

async function openSealing(store: TestStore, settings: Partial<typeof DEFAULTS> = {}, isInDoubt = false) {
  const ca = await openCa(store);
  const urls = { gateway: 'https://localhost:8443', control: '', pki: '' };
  const claims = { run: 0, isInDoubt: () => isInDoubt };
  const deps = { ...store, ca, claims, urls, gatewayPort: 8443 } as unknown as Parameters<
    typeof sealingCapability.create
  >[0];
  const sealing = await sealingCapability.create(deps, { ...DEFAULTS, ...settings });
  await follow(sealing, store.feed);
  await sealing.open?.();
  const section = sealing.sections?.sealing as Section<Sealing>;
  const current = () => section.entries.get('default') as Sealing;
  const advance = async () => void (await sealing.jobs?.[0]?.run());
  return { current, advance, section, claims };
}

async function setUp(t: TestContext) {
  const store = await createStore(t);
  return { store, ...(await openSealing(store)) };
}

/** The offer, as a client reads it. */
function read({ offer, signatures }: Sealing, authority: string, now: number) {
  const fields = signatures[authority] ?? [];
  const field = (name: string) => {
    const at = fields.findIndex((other, index) => index % 2 === 0 && other.toLowerCase() === name);
    return fields[at + 1] ?? null;
  };
  return readSignedConfiguration({ field, octets: offer, authority }, now);
}

test('offers a post-quantum key first, then a classic one, signed for each name and port', async (t) => {
  const { store, current } = await setUp(t);
  const now = store.clock.now();
  for (const authority of ['localhost:8443', '127.0.0.1:8443', '[::1]:8443']) {
    const { configurations, epoch, expiresAt } = await read(current(), authority, now);
    assert.deepEqual(
      configurations.map(({ kem }) => kem),
      [0x647a, 0x0020],
    );
    assert.equal(epoch, 1);
    assert.equal(expiresAt, Math.floor((now + 2 * DAY_SECONDS * 1000) / 1000));
  }
});

test('a signature for one name does not fit another', async (t) => {
  const { store, current } = await setUp(t);
  const { signatures } = current();
  const moved = { ...current(), signatures: { 'other.example': signatures['localhost:8443'] ?? [] } };
  await assert.rejects(read(moved, 'other.example', store.clock.now()), {
    code: 'ohttp_configuration_invalid',
  });
});

test('begins new keys each day, and opens with the old ones for another day', async (t) => {
  const { store, current, advance } = await setUp(t);
  const [first] = current().keys;
  store.clock.advance(DAY_SECONDS);
  await advance();
  assert.equal((await read(current(), 'localhost:8443', store.clock.now())).epoch, 2);
  assert.equal(current().keys.length, 4);
  assert.deepEqual(current().keys[2], first);
  assert.equal(new Set(current().keys.map(({ id }) => id)).size, 4);
  assert.ok(!readKeyConfigurations(current().offer).some(({ id }) => id === first?.id));
  store.clock.advance(DAY_SECONDS);
  await advance();
  assert.ok(!current().keys.some(({ id }) => id === first?.id));
  assert.equal(await store.keyStore.load('sealing/1'), undefined);
  assert.deepEqual(
    store.published
      .filter(({ type }) => type.startsWith('sealing.'))
      .map(({ type, subject }) => [type, subject]),
    [
      ['sealing.keys_created', '1'],
      ['sealing.keys_created', '2'],
      ['sealing.keys_created', '3'],
      ['sealing.keys_removed', '1'],
    ],
  );
});

test('replaces keys that begin in the future, because the clock was set back', async (t) => {
  const { store, current, advance } = await setUp(t);
  store.clock.advance(-DAY_SECONDS);
  await advance();
  assert.equal((await read(current(), 'localhost:8443', store.clock.now())).epoch, 2);
});

test('has the same keys after a restart, and refuses what was sealed before it', async (t) => {
  const { store, current } = await setUp(t);
  const again = await openSealing(store);
  assert.deepEqual(again.current().keys, current().keys);
  assert.equal(current().notBefore, 0);
  assert.equal(again.current().notBefore, Math.floor(store.clock.now() / 1000) + 1);
});

test('replaces all keys if the clock was set back and the used requests are not known', async (t) => {
  const { store, current, advance, claims } = await setUp(t);
  store.clock.advance(DAY_SECONDS);
  await advance();
  const before = current().keys.map(({ id }) => id);
  claims.run = 1;
  await advance();
  assert.deepEqual(
    current().keys.map(({ id }) => id),
    before,
    'not without a doubt',
  );
  claims.run = 2;
  claims.isInDoubt = () => true;
  await advance();
  await advance();
  assert.equal((await read(current(), 'localhost:8443', store.clock.now())).epoch, 3);
  assert.deepEqual([current().keys.length, current().run], [2, 2]);
  assert.equal(current().keys.filter(({ id }) => before.includes(id)).length, 0);
  assert.equal(await store.keyStore.load('sealing/2'), undefined);
});

test('replaces all keys at a start whose clock is behind the last use', async (t) => {
  const { store, current } = await setUp(t);
  assert.equal(current().run, undefined);
  const again = await openSealing(store, {}, true);
  assert.deepEqual([again.current().keys.length, again.current().run], [2, 0]);
  assert.notDeepEqual(again.current().keys, current().keys);
});

test('offers nothing if it is switched off', async (t) => {
  const store = await createStore(t);
  const { section } = await openSealing(store, { enabled: false });
  assert.equal(section.entries.size, 0);
});
