// The section with which workers open the channel of routes: empty before it is needed, the same for all
// workers, renewed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGatewayChannel } from '../../src/channel/gateway-channel.ts';
import { configSchema } from '../../src/config.ts';
import { openCa } from '../support/ca.ts';
import { createStore } from '../support/store.ts';

const SETTINGS = configSchema.parse({}).channel;
const MINUTE = 60;

test('the section is empty until a route opens the channel, and then has secrets and the signing key', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const channel = createGatewayChannel({ ...store, signing: ca.signing }, SETTINGS);
  await store.feed.addSection(channel.section);
  await channel.renewal.run();
  assert.equal(channel.section.entries.size, 0);
  await channel.serve();
  const source = channel.section.entries.get('default');
  const { pin, chain } = await ca.signing.use();
  assert.deepEqual([source?.signing.fingerprint, source?.signing.chain], [pin, chain]);
  assert.match(source?.signing.privateKey ?? '', /^-----BEGIN PRIVATE KEY-----\n/);
  assert.deepEqual(
    [source?.secrets.length, source?.tokenSeconds, source?.maxSessions, source?.maxMessageBytes],
    [1, 60, 10_000, 1024 * 1024],
  );
});

test('the secrets are replaced in time, and the previous ones are known until then', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const channel = createGatewayChannel({ ...store, signing: ca.signing }, SETTINGS);
  await store.feed.addSection(channel.section);
  await channel.serve();
  const secrets = () => channel.section.entries.get('default')?.secrets ?? [];
  const [first] = secrets();
  store.clock.advance(10 * MINUTE);
  await channel.renewal.run();
  assert.equal(secrets().length, 2);
  assert.deepEqual(secrets()[1], first);
  store.clock.advance(10 * MINUTE);
  await channel.renewal.run();
  assert.ok(!secrets().some(({ secret }) => secret === first?.secret));
});
