import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSealedFetch } from '../../src/ohttp/sealed-fetch.ts';
import { gatewayFetch, NOW, signedKeys } from '../support/signed-keys.ts';

const URL_INSIDE = 'https://gw.example/notes?page=2';
const refused = { name: 'ObliviousError', code: 'ohttp_configuration_invalid' };

test('works like fetch, and only the gateway can read the request', async () => {
  const keys = await signedKeys();
  const { send, seen } = gatewayFetch(() => keys);
  const sealedFetch = createSealedFetch({ pins: [keys.pin], fetch: send, now: () => NOW });
  const answer = await sealedFetch(URL_INSIDE, { method: 'POST', body: 'hello' });
  assert.equal(await answer.text(), 'POST gw.example/notes?page=2 hello');
  assert.deepEqual(seen, ['POST gw.example/notes?page=2 hello']);
});

test('sends nothing if another key has signed, or the epoch is older', async () => {
  const keys = await signedKeys({ epoch: 5 });
  const older = await signedKeys({ epoch: 4, signer: keys.signer });
  let current = keys;
  const { send, seen } = gatewayFetch(() => current);
  const other = createSealedFetch({ pins: [`sha256/${'A'.repeat(43)}=`], fetch: send, now: () => NOW });
  await assert.rejects(other(URL_INSIDE), refused);
  const sealedFetch = createSealedFetch({ pins: [keys.pin], fetch: send, now: () => NOW });
  await sealedFetch(URL_INSIDE);
  current = older;
  await assert.rejects(sealedFetch(URL_INSIDE), refused);
  assert.equal(seen.length, 1);
});

test('refuses older keys than another page has seen', async () => {
  const keys = await signedKeys({ epoch: 5 });
  const { send } = gatewayFetch(() => keys);
  const seen = new Map([['https://gw.example', 5]]);
  const sealedFetch = () => createSealedFetch({ pins: [keys.pin], fetch: send, now: () => NOW, seen });
  assert.equal((await sealedFetch()(URL_INSIDE)).status, 200);
  seen.set('https://gw.example', 6);
  await assert.rejects(sealedFetch()(URL_INSIDE), refused);
});

test('fetches new keys when the gateway no longer accepts the old ones', async () => {
  const [first, next] = [await signedKeys({ epoch: 1 }), await signedKeys({ epoch: 2 })];
  let current = first;
  const { send } = gatewayFetch(() => current);
  const sealedFetch = createSealedFetch({ pins: [first.pin, next.pin], fetch: send, now: () => NOW });
  await sealedFetch(URL_INSIDE);
  current = next;
  assert.equal((await sealedFetch(URL_INSIDE)).status, 200);
});

test('adopts the time of the gateway once', async () => {
  const keys = await signedKeys();
  const { send, seen } = gatewayFetch(() => keys);
  const sealedFetch = createSealedFetch({ pins: [keys.pin], fetch: send, now: () => NOW - 120_000 });
  assert.deepEqual(
    [(await sealedFetch(URL_INSIDE)).status, (await sealedFetch(URL_INSIDE)).status],
    [200, 200],
  );
  assert.equal(seen.length, 3);
});

test('works the same if the platform has only the parts of X-Wing, or nothing of it', async (t) => {
  const keys = await signedKeys();
  const { send } = gatewayFetch(() => keys);
  const platform = SubtleCrypto as unknown as { supports(operation: string, name: string): boolean };
  const native = SubtleCrypto.prototype as unknown as {
    encapsulateBits(name: { name: string }): Promise<object>;
  };
  const [supports, encapsulateBits] = [platform.supports.bind(platform), native.encapsulateBits];
  for (const [missing, used] of [
    [/^MLKEM768-X25519$/, ['ML-KEM-768']],
    [/^SHA3-256$|^MLKEM768-X25519$/, []],
    [/^ML-?KEM/, []],
  ] as const) {
    const names: string[] = [];
    t.mock.method(
      platform,
      'supports',
      (operation: string, name: string) => !missing.test(name) && supports(operation, name),
    );
    t.mock.method(
      native,
      'encapsulateBits',
      function (this: SubtleCrypto, algorithm: { name: string }, ...more: []) {
        names.push(algorithm.name);
        return encapsulateBits.call(this as never, algorithm, ...more);
      },
    );
    const answer = await createSealedFetch({ pins: [keys.pin], fetch: send, now: () => NOW })(URL_INSIDE);
    assert.equal(await answer.text(), 'GET gw.example/notes?page=2');
    assert.deepEqual(names, used);
    t.mock.restoreAll();
  }
});

test('does not trust an answer without encryption', async () => {
  const keys = await signedKeys();
  const { send } = gatewayFetch(() => keys);
  const plain: typeof fetch = async (input, init) =>
    init?.method === 'POST' ? new Response('hello') : send(input, init);
  const sealedFetch = createSealedFetch({ pins: [keys.pin], fetch: plain, now: () => NOW });
  await assert.rejects(sealedFetch(URL_INSIDE), { name: 'ObliviousError', code: 'ohttp_invalid' });
});
