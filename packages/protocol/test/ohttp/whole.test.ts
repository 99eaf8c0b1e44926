import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KEM_X_WING, KEM_X25519 } from '../../src/hpke/suite.ts';
import {
  readKeyConfigurations,
  usableConfigurations,
  writeKeyConfigurations,
} from '../../src/ohttp/key-configuration.ts';
import { openRequest, sealRequest } from '../../src/ohttp/whole.ts';
import { hpkeBackEnds } from '../support/hpke-back-ends.ts';
import { createGatewayKeys, platformOf, rejects } from '../support/oblivious.ts';

const TEXT = new TextEncoder().encode('hello');
const refused = {
  name: 'ObliviousError',
  code: 'ohttp_invalid',
  message: 'The sealed message cannot be opened.',
};

for (const { name, hpke } of hpkeBackEnds) {
  test(`${name}: seals a request and its answer with each KEM and each AEAD`, async () => {
    for (const kem of [KEM_X_WING, KEM_X25519]) {
      const { keys, configuration } = await createGatewayKeys(hpke, kem);
      for (const algorithms of configuration.algorithms) {
        const sealed = await sealRequest({ configuration, suite: { kem, ...algorithms } }, TEXT, { hpke });
        const opened = await openRequest(keys, sealed.message, platformOf(hpke));
        assert.deepEqual(opened.request, TEXT);
        assert.deepEqual(await sealed.openResponse(await opened.sealResponse(TEXT)), TEXT);
      }
    }
  });
}

test('an answer opens only with its request', async () => {
  const { keys, best } = await createGatewayKeys();
  const [one, other] = [await sealRequest(best, TEXT), await sealRequest(best, TEXT)];
  const answer = await (await openRequest(keys, one.message)).sealResponse(TEXT);
  await assert.rejects(other.openResponse(answer), refused);
  await assert.rejects(one.openResponse(answer.subarray(0, -1)), refused);
  await assert.rejects(one.openResponse(answer.subarray(0, 10)), refused);
});

test('two requests with the same content have nothing in common', async () => {
  const { best } = await createGatewayKeys();
  const [one, other] = [await sealRequest(best, TEXT), await sealRequest(best, TEXT)];
  assert.notDeepEqual(one.message.subarray(7), other.message.subarray(7));
});

test('reports an unknown key, so that a client fetches the new one', async () => {
  const { best } = await createGatewayKeys();
  const { message } = await sealRequest(best, TEXT);
  await rejects(() => openRequest([], message), { name: 'ObliviousError', code: 'ohttp_unknown_key' });
});

test('refuses 10,000 changed requests in the same way', async () => {
  const { keys, best } = await createGatewayKeys();
  const { message } = await sealRequest(best, TEXT);
  const byte = fc.integer({ min: 1, max: 255 });
  await fc.assert(
    fc.asyncProperty(fc.nat(), byte, fc.nat(), fc.boolean(), async (at, change, cut, isCut) => {
      const octets = isCut ? message.slice(0, cut % message.length) : Uint8Array.from(message);
      if (!isCut) octets[at % octets.length] = (octets[at % octets.length] as number) ^ change;
      // The first three octets name the key.
      const code = !isCut && at % octets.length < 3 ? /^ohttp_(unknown_key|invalid)$/ : /^ohttp_invalid$/;
      await rejects(() => openRequest(keys, octets), { name: 'ObliviousError', code });
    }),
    { numRuns: 10_000 },
  );
});

test('a client reads the list of a gateway, and prefers post-quantum', async () => {
  const classic = await createGatewayKeys(undefined, KEM_X25519);
  const quantum = await createGatewayKeys(undefined, KEM_X_WING);
  const list = writeKeyConfigurations([classic.configuration, quantum.configuration]);
  const [best] = usableConfigurations(readKeyConfigurations(list));
  assert.deepEqual(best?.suite, { kem: KEM_X_WING, kdf: 1, aead: 2 });
});
