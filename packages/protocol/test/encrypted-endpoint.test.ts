import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  createEncryptedEndpoint,
  createFernet,
  type EncryptedEndpointOptions,
  type EncryptedFailure,
  exportX25519PublicKey,
  generateFernetKey,
  generateX25519KeyPair,
  importX25519PublicKey,
} from '../src/index.ts';
import { backEnds } from './support/back-ends.ts';
import { agreed, type Offered, offer, post, URL } from './support/encrypted-client.ts';

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const LOW_ORDER_PEM = exportX25519PublicKey(new Uint8Array(32));
const BAD_REQUEST = '{"error": "Bad request"}';
const UNKNOWN_CLIENT = '{"error": "Missing or unknown client_id"}';
const UNEXPECTED = '{"error": "Bad request. Expected cipher_text or pub_key"}';
const REFUSALS = [BAD_REQUEST, UNKNOWN_CLIENT, UNEXPECTED];

// A streamed body needs `duplex` (WHATWG Fetch §5.4), which is missing in TypeScript's type of the options.
function upload(headers: Record<string, string>, body: BodyInit): RequestInit {
  return { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
}

function observed(options: EncryptedEndpointOptions = {}) {
  const failures: EncryptedFailure[] = [];
  const endpoint = createEncryptedEndpoint({ ...options, onFailure: (failure) => failures.push(failure) });
  return { endpoint, failures };
}

async function assertAnswer(response: Response, status: number, text: string): Promise<void> {
  assert.equal(await response.text(), text);
  assert.equal(response.status, status);
  assert.equal(response.headers.get('content-type'), 'application/json; charset=UTF-8');
  assert.equal(response.headers.get('content-length'), String(text.length));
}

for (const { name, primitives } of backEnds) {
  suite(`encrypted endpoint on ${name}`, () => {
    test('offers a client id and an X25519 key as SPKI PEM, in exactly these bytes (T2)', async () => {
      const response = await createEncryptedEndpoint({ primitives }).fetch(new Request(URL));
      const text = await response.text();
      const { client_id, pub } = JSON.parse(text) as Offered;
      assert.equal(response.status, 200);
      assert.match(client_id, UUID4);
      assert.equal(importX25519PublicKey(pub).length, 32);
      assert.equal(text, `{"client_id": "${client_id}", "pub": "${pub.replaceAll('\n', '\\n')}"}`);
      assert.equal(response.headers.get('cache-control'), 'no-store');
    });

    test('agrees on a secret and decrypts with it, in exactly these bytes (T3, T4)', async () => {
      const messages: string[] = [];
      const onMessage = (plaintext: Uint8Array) => void messages.push(new TextDecoder().decode(plaintext));
      const endpoint = createEncryptedEndpoint({ primitives, onMessage });
      const { client_id, pub } = await offer(endpoint);
      const pair = await generateX25519KeyPair();
      const fernet = createFernet(await pair.sharedSecret(importX25519PublicKey(pub)));
      const done = await post(endpoint, {
        pub_key: exportX25519PublicKey(pair.publicKey),
        uid: 1,
        client_id,
      });
      await assertAnswer(done, 200, '{"message": "Shared secret successfully calculated"}');
      for (const message of ['I have a dream', '👏']) {
        const response = await post(endpoint, { cipher_text: await fernet.encrypt(message), client_id });
        await assertAnswer(response, 200, '{"message": "Successfully Decrypted Data"}');
      }
      assert.deepEqual(messages, ['I have a dream', '👏']);
    });

    test('accepts one of two keys that are posted at once, and refuses the other', async () => {
      const endpoint = createEncryptedEndpoint({ primitives });
      const { client_id } = await offer(endpoint);
      const keys = [await generateX25519KeyPair(), await generateX25519KeyPair()];
      const responses = await Promise.all(
        keys.map((pair) => post(endpoint, { pub_key: exportX25519PublicKey(pair.publicKey), client_id })),
      );
      assert.deepEqual(responses.map((response) => response.status).sort(), [200, 400]);
    });
  });
}

test('gives every client its own id and its own key', async () => {
  const endpoint = createEncryptedEndpoint();
  const [one, two] = [await offer(endpoint), await offer(endpoint)];
  assert.notEqual(one.client_id, two.client_id);
  assert.notEqual(one.pub, two.pub);
});

test('refuses a missing, ill-typed or unknown client id with the text of T5', async () => {
  const { endpoint, failures } = observed();
  const unknown = crypto.randomUUID();
  for (const client_id of [undefined, null, 1, [], {}, '', '__proto__', 'constructor', unknown]) {
    await assertAnswer(await post(endpoint, { plain_text: 'x', client_id }), 400, UNKNOWN_CLIENT);
  }
  assert.deepEqual(failures.at(0), { reason: 'client_id_missing', clientId: undefined });
  assert.deepEqual(failures.at(-2), { reason: 'client_id_unknown', clientId: undefined });
  assert.deepEqual(failures.at(-1), { reason: 'client_id_unknown', clientId: unknown });
});

test('refuses a body with neither, or with both, of cipher_text and pub_key with the text of T5', async () => {
  const { endpoint, failures } = observed();
  const { client_id } = await offer(endpoint);
  await assertAnswer(await post(endpoint, { plain_text: 'x', client_id }), 400, UNEXPECTED);
  await assertAnswer(await post(endpoint, { pub_key: '', cipher_text: '', client_id }), 400, UNEXPECTED);
  assert.deepEqual(failures[0], { reason: 'nothing_expected', clientId: client_id });
});

test('refuses a message before a key was exchanged (T5)', async () => {
  const { endpoint, failures } = observed();
  const { client_id } = await offer(endpoint);
  await assertAnswer(await post(endpoint, { cipher_text: 'I have a dream', client_id }), 400, BAD_REQUEST);
  assert.deepEqual(failures, [{ reason: 'key_not_exchanged', clientId: client_id }]);
});

test('refuses every text that cannot be decrypted, and continues to serve the client (T5)', async () => {
  const { endpoint, failures } = observed();
  const { clientId, fernet } = await agreed(endpoint);
  const foreign = await createFernet(generateFernetKey()).encrypt('x');
  for (const cipher_text of ['', 'x', 'gAAAAA==', foreign, `${foreign}\n`, null, 1, [], {}, true]) {
    await assertAnswer(await post(endpoint, { cipher_text, client_id: clientId }), 400, BAD_REQUEST);
  }
  assert.ok(failures.every(({ reason }) => reason === 'cipher_text_invalid'));
  const response = await post(endpoint, { cipher_text: await fernet.encrypt('x'), client_id: clientId });
  assert.equal(response.status, 200);
});

test('refuses bad PEM and lets the client try again (T5)', async () => {
  const { endpoint, failures } = observed();
  const { client_id } = await offer(endpoint);
  for (const pub_key of [
    '',
    'x',
    '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n',
    null,
    1,
    [],
    {},
  ]) {
    await assertAnswer(await post(endpoint, { pub_key, client_id }), 400, BAD_REQUEST);
  }
  assert.ok(failures.every(({ reason, clientId }) => reason === 'pub_key_invalid' && clientId === client_id));
  const { publicKey } = await generateX25519KeyPair();
  assert.equal((await post(endpoint, { pub_key: exportX25519PublicKey(publicKey), client_id })).status, 200);
});

test('refuses a low-order point (RFC 7748 §6.1)', async () => {
  const { endpoint, failures } = observed();
  const { client_id } = await offer(endpoint);
  await assertAnswer(await post(endpoint, { pub_key: LOW_ORDER_PEM, client_id }), 400, BAD_REQUEST);
  assert.deepEqual(failures, [{ reason: 'pub_key_low_order', clientId: client_id }]);
});

test('refuses a second key for a client, and the first remains', async () => {
  const { endpoint, failures } = observed();
  const { clientId, fernet } = await agreed(endpoint);
  const { publicKey } = await generateX25519KeyPair();
  const second = await post(endpoint, { pub_key: exportX25519PublicKey(publicKey), client_id: clientId });
  await assertAnswer(second, 400, BAD_REQUEST);
  assert.deepEqual(failures, [{ reason: 'key_already_exchanged', clientId }]);
  assert.equal(
    (await post(endpoint, { cipher_text: await fernet.encrypt('x'), client_id: clientId })).status,
    200,
  );
});

test('refuses bodies that are not a JSON object in UTF-8, also deeply nested ones (T5; RFC 8259 §8.1)', async () => {
  const { endpoint, failures } = observed();
  const deep = '['.repeat(30_000) + ']'.repeat(30_000);
  const texts = [
    '',
    '{',
    'null',
    '1',
    '"x"',
    '[]',
    '{}x',
    '\ufeff\ufeff{}',
    "{'a': 1}",
    deep,
    '['.repeat(60_000),
    '{"a":'.repeat(12_000),
  ];
  for (const body of [...texts, Uint8Array.of(0x7b, 0xff, 0x7d)]) {
    await assertAnswer(await post(endpoint, body), 400, BAD_REQUEST);
  }
  const reasons = new Set(failures.map(({ reason }) => reason));
  assert.deepEqual(reasons, new Set(['body_not_json', 'body_not_object']));
});

test('ignores a byte order mark before the JSON (RFC 8259 §8.1)', async () => {
  const { endpoint } = observed();
  const [plain, marked] = [await post(endpoint, '{}'), await post(endpoint, '\ufeff{}')];
  assert.equal(marked.status, 400);
  assert.equal(await marked.text(), await plain.text());
  assert.match(await (await post(endpoint, '\ufeff{}')).text(), /client_id/);
});

test('refuses a body over the limit with 413, with and without Content-Length (RFC 9110 §15.5.14)', async () => {
  const { endpoint, failures } = observed({ maxBodyBytes: 100 });
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(50));
    },
  });
  for (const request of [
    new Request(URL, upload({ 'content-length': '101' }, 'x'.repeat(101))),
    new Request(URL, upload({}, 'x'.repeat(101))),
    new Request(URL, upload({}, endless)),
  ]) {
    await assertAnswer(await endpoint.fetch(request), 413, '{"error": "Request body too large"}');
  }
  assert.ok(pulled <= 5, `${pulled} chunks were read`);
  assert.deepEqual(new Set(failures.map(({ reason }) => reason)), new Set(['body_too_large']));
});

test('refuses an incomplete body', async () => {
  const { endpoint, failures } = observed();
  const broken = new ReadableStream({
    pull(controller) {
      controller.error(new Error('connection reset'));
    },
  });
  const request = new Request(URL, upload({}, broken));
  await assertAnswer(await endpoint.fetch(request), 400, BAD_REQUEST);
  assert.deepEqual(failures, [{ reason: 'body_incomplete', clientId: undefined }]);
});

test('answers other methods with 405 and Allow (RFC 9110 §15.5.6)', async () => {
  const { endpoint, failures } = observed();
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
    const response = await endpoint.fetch(new Request(URL, { method }));
    assert.equal(response.headers.get('allow'), 'GET, POST');
    await assertAnswer(response, 405, '{"error": "Method not allowed"}');
  }
  assert.equal(failures.length, 5);
});

test('ends a session a given time after its last message', async () => {
  let now = Date.now();
  const clock = () => now;
  const endpoint = createEncryptedEndpoint({ clock, sessionSeconds: 10 });
  const used = await agreed(endpoint, { clock });
  const idle = await agreed(endpoint, { clock });
  const send = async ({ clientId, fernet }: typeof used) =>
    (await post(endpoint, { cipher_text: await fernet.encrypt('x'), client_id: clientId })).text();
  now += 9_000;
  assert.match(await send(used), /Successfully/);
  now += 9_000;
  assert.match(await send(used), /Successfully/);
  assert.equal(await send(idle), BAD_REQUEST);
});

test('stores nothing for a GET, so any number of them needs no memory', async () => {
  const { endpoint, failures } = observed({ maxSessions: 20, maxExchanges: 20 });
  const early = await offer(endpoint);
  for (let index = 0; index < 3000; index += 1) await endpoint.fetch(new Request(URL));
  const { publicKey } = await generateX25519KeyPair();
  const body = { pub_key: exportX25519PublicKey(publicKey), client_id: early.client_id };
  assert.equal((await post(endpoint, body)).status, 200);
  assert.deepEqual(failures, []);
});

test('encrypts the answer of the application for the client', async () => {
  const endpoint = createEncryptedEndpoint({ onMessage: (plaintext) => `${plaintext.length} bytes` });
  const { clientId, fernet } = await agreed(endpoint);
  const response = await post(endpoint, { cipher_text: await fernet.encrypt('hello'), client_id: clientId });
  const { message, cipher_text, ...others } = (await response.json()) as Record<string, string>;
  assert.deepEqual([message, others], ['Successfully Decrypted Data', {}]);
  const plaintext = await fernet.decrypt(cipher_text ?? '');
  assert.equal(new TextDecoder().decode(plaintext), '5 bytes');
});

test('answers 500 without the cause if an option of the endpoint fails', async () => {
  const broken = new Error('the signing key is hunter2');
  const { endpoint, failures } = observed({
    signer: () => {
      throw broken;
    },
  });
  await assertAnswer(await endpoint.fetch(new Request(URL)), 500, '{"error": "Internal server error"}');
  assert.deepEqual(failures, [{ reason: 'failed', clientId: undefined, error: broken }]);
});

test('answers 500 without the cause if the application fails on a message, and reports the cause', async () => {
  const broken = new Error('database password is hunter2');
  const { endpoint, failures } = observed({
    onMessage: () => {
      throw broken;
    },
  });
  const { clientId, fernet } = await agreed(endpoint);
  const response = await post(endpoint, { cipher_text: await fernet.encrypt('x'), client_id: clientId });
  await assertAnswer(response, 500, '{"error": "Internal server error"}');
  assert.deepEqual(failures, [{ reason: 'message_handler_failed', clientId, error: broken }]);
});

test('logs no part of a request', async () => {
  const { endpoint, failures } = observed();
  const { clientId } = await agreed(endpoint);
  const secret = 'hunter2';
  for (const body of [
    secret,
    `{"client_id": "${secret}"}`,
    { client_id: clientId, cipher_text: secret },
    [secret],
  ]) {
    await post(endpoint, body);
  }
  assert.equal(failures.length, 4);
  assert.doesNotMatch(JSON.stringify(failures), /hunter2/);
});

test('answers any JSON with 400 and one fixed text, never 500 (T5)', async () => {
  const endpoint = createEncryptedEndpoint();
  const offered = (await offer(endpoint)).client_id;
  const { clientId } = await agreed(endpoint);
  const pem = exportX25519PublicKey((await generateX25519KeyPair()).publicKey);
  const anyValue = fc.oneof(fc.jsonValue(), fc.constantFrom(LOW_ORDER_PEM, `${pem}x`), fc.base64String());
  const body = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        client_id: fc.oneof(fc.constantFrom(offered, clientId), anyValue),
        pub_key: anyValue,
        cipher_text: anyValue,
      },
      { requiredKeys: [] },
    ),
  );
  await fc.assert(
    fc.asyncProperty(body, async (value) => {
      const response = await post(endpoint, JSON.stringify(value));
      assert.equal(response.status, 400);
      assert.ok(REFUSALS.includes(await response.text()));
    }),
    { numRuns: 500 },
  );
});

test('answers any bytes with 400 (T5)', async () => {
  const endpoint = createEncryptedEndpoint();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const response = await post(endpoint, bytes);
      assert.equal(response.status, 400);
      assert.ok(REFUSALS.includes(await response.text()));
    }),
  );
});
