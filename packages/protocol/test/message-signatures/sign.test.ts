import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpbis } from 'http-message-signatures';
import { importSigningKey, importVerifyingKey, sharedSecret, signMessage } from '../../src/index.ts';
import { backEnds } from '../support/back-ends.ts';
import { CREATED, ed25519, ed25519Private, examples, request, secret } from '../support/rfc9421.ts';

for (const { name, primitives } of backEnds) {
  test(`${name}: makes the published signature of Ed25519, except for the parameter alg (RFC 9421 §B.2.6)`, async () => {
    const example = examples.find(({ key }) => key === 'ed25519');
    assert.ok(example);
    const key = await importSigningKey(ed25519Private, primitives);
    const unnamed = { ...key, algorithm: undefined as never };
    const fields = await signMessage(request, unnamed, {
      components: ['date', '@method', '@path', '@authority', 'content-type', 'content-length'],
      created: CREATED,
      keyid: 'test-key-ed25519',
      label: 'sig-b26',
    });
    assert.deepEqual(fields, {
      'signature-input': `sig-b26=${example.input}`,
      signature: `sig-b26=:${example.signature}:`,
    });
  });

  test(`${name}: names the algorithm of the key, and its own parameters in order`, async () => {
    const fields = await signMessage(request, sharedSecret(secret, primitives), {
      components: ['@method', '@query-param;name="Pet"'],
      tag: 'app',
      nonce: 'a "b"',
      expires: CREATED + 60,
      created: CREATED,
    });
    assert.equal(
      fields['signature-input'],
      `sig1=("@method" "@query-param";name="Pet");created=${CREATED};expires=${CREATED + 60};nonce="a \\"b\\"";alg="hmac-sha256";tag="app"`,
    );
  });
}

test('signs so that http-message-signatures accepts it', async () => {
  const fields = await signMessage(request, await importSigningKey(ed25519Private), {
    components: [
      '@method',
      '@authority',
      '@path',
      '@query',
      '@target-uri',
      'content-digest',
      '@query-param;name="Pet"',
    ],
    created: CREATED,
    nonce: 'n',
    keyid: 'k',
  });
  const key = await importVerifyingKey(ed25519);
  const headers = Object.fromEntries(
    request.fields.flatMap((name, index) =>
      index % 2 === 0 ? [[name, request.fields[index + 1] ?? '']] : [],
    ),
  );
  const isRight = await httpbis.verifyMessage(
    {
      keyLookup: async () => ({
        id: 'k',
        algs: ['ed25519'],
        verify: async (data, signature) => key.verify(Uint8Array.from(data), Uint8Array.from(signature)),
      }),
      notAfter: CREATED + 10,
      tolerance: 10,
    },
    {
      method: 'POST',
      url: 'https://example.com/foo?param=Value&Pet=dog',
      headers: { ...headers, ...fields },
    },
  );
  assert.equal(isRight, true);
});

test('refuses to sign components that the message does not have', async () => {
  const key = await importSigningKey(ed25519Private);
  await assert.rejects(signMessage(request, key, { components: ['x-absent'] }), {
    code: 'signature_invalid',
  });
  await assert.rejects(signMessage(request, key, { components: ['Date'] }), TypeError);
});
