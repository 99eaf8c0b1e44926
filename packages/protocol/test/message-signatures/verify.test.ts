import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { httpbis } from 'http-message-signatures';
import { anyText } from '../../../../fuzz/harness/any-text.ts';
import type { MessageVerifier, RequestMessage, SignedMessage, VerificationPolicy } from '../../src/index.ts';
import {
  importSigningKey,
  importVerifyingKey,
  MessageSignatureError,
  readSignatures,
  sharedSecret,
  signMessage,
  verifySignature,
} from '../../src/index.ts';
import { backEnds } from '../support/back-ends.ts';
import {
  CREATED,
  ed25519,
  ed25519Private,
  examples,
  p256,
  request,
  rsaPss,
  secret,
  signed,
  transformations,
} from '../support/rfc9421.ts';

const policy: VerificationPolicy = { components: [], now: CREATED, maxAgeSeconds: 60, maxSkewSeconds: 60 };

async function verify(
  message: SignedMessage,
  key: MessageVerifier,
  changed: Partial<VerificationPolicy> = {},
): Promise<void> {
  const [signature] = readSignatures(message.fields);
  assert.ok(signature);
  await verifySignature(signature, message, { key, policy: { ...policy, ...changed } });
}

for (const { name, primitives } of backEnds) {
  const keys = {
    rsaPss: await importVerifyingKey(rsaPss, primitives),
    p256: await importVerifyingKey(p256, primitives),
    ed25519: await importVerifyingKey(ed25519, primitives),
    secret: sharedSecret(secret, primitives),
  };
  suite(`signatures on ${name}`, () => {
    for (const example of examples) {
      test(`accepts the published signature (RFC 9421 ${example.section})`, async () => {
        await verify(signed(example.message, example), keys[example.key]);
      });
      test(`refuses the published signature if one bit differs (RFC 9421 ${example.section})`, async () => {
        const octets = Uint8Array.fromBase64(example.signature);
        octets[7] = (octets[7] as number) ^ 1;
        const changed = { ...example, signature: octets.toBase64() };
        await assert.rejects(verify(signed(example.message, changed), keys[example.key]), {
          code: 'signature_invalid',
        });
      });
    }
    for (const { change, message, isRight } of transformations) {
      test(`${isRight ? 'accepts' : 'refuses'} ${change} (RFC 9421 §B.4)`, async () => {
        const example = examples.find(({ section }) => section.startsWith('B.4'));
        assert.ok(example);
        const verified = verify(signed(message, example), keys.ed25519);
        if (isRight) await verified;
        else await assert.rejects(verified, { code: 'signature_invalid' });
      });
    }
    test('refuses a signature of another length', async () => {
      const empty = { input: '("@method");created=1618884473', signature: '' };
      for (const key of Object.values(keys)) {
        await assert.rejects(verify(signed(request, empty), key), { code: 'signature_invalid' });
      }
    });
  });
}

const key = await importVerifyingKey(ed25519);
const signer = await importSigningKey(ed25519Private);

async function signedRequest(
  options: Parameters<typeof signMessage>[2],
  message: RequestMessage = request,
): Promise<RequestMessage> {
  const fields = await signMessage(message, signer, options);
  return { ...message, fields: [...message.fields, ...Object.entries(fields).flat()] };
}

const components = ['@method', '@authority', '@path', '@query', 'content-digest'];
const full = { components, created: CREATED, nonce: 'n-1', keyid: 'k' };

test('refuses a signature that covers less than the policy requires', async () => {
  for (const left of components) {
    const message = await signedRequest({ ...full, components: components.filter((name) => name !== left) });
    await assert.rejects(verify(message, key, { components }), (error) => {
      assert.ok(error instanceof MessageSignatureError);
      assert.equal(error.code, 'signature_incomplete');
      assert.match(error.message, new RegExp(left));
      return true;
    });
  }
});

test('does not accept one member of a field in place of the field (RFC 9421 §2.1.2)', async () => {
  const message = await signedRequest({ ...full, components: ['content-digest;key="sha-512"'] });
  await assert.rejects(verify(message, key, { components: ['content-digest'] }), {
    code: 'signature_incomplete',
  });
});

test('refuses a signature without a nonce if one is required', async () => {
  const { nonce: _, ...without } = full;
  await assert.rejects(verify(await signedRequest(without), key, { requireNonce: true }), {
    code: 'signature_incomplete',
  });
  await assert.rejects(verify(await signedRequest({ ...full, nonce: '' }), key, { requireNonce: true }), {
    code: 'signature_incomplete',
  });
});

test('refuses a signature that is too old, in the future, expired or without a time', async () => {
  const made = (created: number, expires?: number) =>
    signedRequest({ ...full, created, ...(expires !== undefined && { expires }) });
  await verify(await made(CREATED - 60), key);
  await verify(await made(CREATED + 60), key);
  await verify(await made(CREATED, CREATED + 1), key);
  for (const message of [await made(CREATED - 61), await made(CREATED + 61), await made(CREATED, CREATED)]) {
    await assert.rejects(verify(message, key), { code: 'signature_expired' });
  }
  const { created: _, ...timeless } = full;
  await assert.rejects(verify(await signedRequest(timeless), key), { code: 'signature_incomplete' });
});

test('refuses an algorithm that is not that of the key, even with a right signature (RFC 9421 §3.2)', async () => {
  const input = '("@method");created=1618884473;alg="hmac-sha256"';
  await assert.rejects(verify(signed(request, { input, signature: '' }), key), {
    code: 'signature_invalid',
    message: /another algorithm/,
  });
});

test('refuses a message with a change in any covered component', async () => {
  const message = await signedRequest(full);
  const changes: Partial<RequestMessage>[] = [
    { method: 'PUT' },
    { authority: 'example.org' },
    { target: '/fo%6F?param=Value&Pet=dog' },
    { target: '/foo?param=Value&Pet=do%67' },
    { target: '/foo' },
    { fields: [...message.fields, 'Content-Digest', 'sha-256=:AAAA:'] },
    {
      fields: message.fields.filter(
        (_, index) => !/^content-digest$/i.test(message.fields[index - (index % 2)] ?? ''),
      ),
    },
  ];
  for (const change of changes) {
    await assert.rejects(verify({ ...message, ...change }, key), { code: 'signature_invalid' });
  }
  await verify({ ...message, authority: 'EXAMPLE.com:443' }, key);
});

test('reads several signatures by their labels', async () => {
  const one = await signMessage(request, signer, { ...full, label: 'one' });
  const two = await signMessage(request, signer, { ...full, label: 'two', keyid: 'other' });
  const fields = [...Object.entries(one), ...Object.entries(two)].flat();
  const found = readSignatures([...request.fields, ...fields]);
  assert.deepEqual(
    found.map(({ label, keyid }) => [label, keyid]),
    [
      ['one', 'k'],
      ['two', 'other'],
    ],
  );
});

const refused: readonly (readonly [why: string, input: string | undefined, signature?: string])[] = [
  ['no Signature-Input', undefined],
  ['another label', 'other=();created=1', 'sig=:AAAA:'],
  ['a label twice', 'sig=();created=1, sig=()', 'sig=:AAAA:'],
  ['a value that is no list', 'sig=1', 'sig=:AAAA:'],
  ['a signature that is no bytes', 'sig=()', 'sig="AAAA"'],
  ['a component twice', 'sig=("@method" "@method")', 'sig=:AAAA:'],
  ['a component twice, with parameters in another order', 'sig=("a";req;tr "a";tr;req)', 'sig=:AAAA:'],
  ['a component in upper case', 'sig=("Date")', 'sig=:AAAA:'],
  ['a component that is a token', 'sig=(date)', 'sig=:AAAA:'],
  ['an unknown parameter of a component', 'sig=("date";x)', 'sig=:AAAA:'],
  ['its own parameters', 'sig=("@signature-params")', 'sig=:AAAA:'],
  ['a time that is text', 'sig=();created="1"', 'sig=:AAAA:'],
  ['a nonce that is a number', 'sig=();nonce=1', 'sig=:AAAA:'],
  ['a parameter twice', 'sig=();created=1;created=2', 'sig=:AAAA:'],
];

for (const [why, input, signature = 'sig=:AAAA:'] of refused) {
  test(`refuses ${why}`, () => {
    const fields = input === undefined ? [] : ['Signature-Input', input];
    assert.throws(() => readSignatures([...fields, 'Signature', signature]), { code: 'signature_malformed' });
  });
}

test('accepts unknown parameters as a part of the signed text (RFC 9421 §2.3)', () => {
  const [signature] = readSignatures([
    'Signature-Input',
    'sig=();created=1;x-own=?0',
    'Signature',
    'sig=:AAAA:',
  ]);
  assert.equal(signature?.input.params.size, 2);
});

test('refuses all fields that it cannot read, without another error', async () => {
  const piece = fc.constantFrom(
    'sig',
    '=',
    '(',
    ')',
    '"@method"',
    '"',
    ';',
    'created',
    '1',
    ':',
    'AAAA',
    ',',
    ' ',
    '?1',
    '@',
    '%"',
    '\\',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 20 }).map((parts) => parts.join('')),
    anyText,
  );
  await fc.assert(
    fc.asyncProperty(text, text, async (input, signature) => {
      try {
        const fields = ['Signature-Input', input, 'Signature', signature];
        for (const found of readSignatures(fields))
          await verifySignature(found, { ...request, fields }, { key, policy });
        assert.ok(!input.includes('('));
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        assert.ok(error instanceof MessageSignatureError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test('accepts signatures of http-message-signatures', async () => {
  const own = {
    id: 'k',
    alg: 'ed25519',
    sign: async (data: Buffer) => Buffer.from(await signer.sign(Uint8Array.from(data))),
  };
  const headers = Object.fromEntries(
    request.fields.flatMap((name, index) =>
      index % 2 === 0 ? [[name, request.fields[index + 1] ?? '']] : [],
    ),
  );
  const message = await httpbis.signMessage(
    {
      key: own,
      fields: [...components, '@target-uri', '@scheme', '@request-target'],
      params: ['created', 'keyid', 'alg', 'nonce'],
      paramValues: { nonce: 'n', created: new Date(CREATED * 1000) },
    },
    { method: 'POST', url: 'https://example.com/foo?param=Value&Pet=dog', headers },
  );
  await verify(
    { ...request, fields: Object.entries(message.headers).flatMap(([name, value]) => [name, String(value)]) },
    key,
    {
      components,
      requireNonce: true,
    },
  );
});
