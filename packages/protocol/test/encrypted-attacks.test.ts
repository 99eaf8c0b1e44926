// Attacks on an encrypted endpoint: repeated, delayed, exchanged and altered messages, keys of small order,
// private keys, and floods.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import {
  createEncryptedEndpoint,
  createEncryptedSessions,
  createFernet,
  decodeBase64url,
  type EncryptedEndpointOptions,
  type EncryptedFailure,
  encodeBase64url,
  exportX25519PublicKey,
  generateX25519KeyPair,
} from '../src/index.ts';
import { agreed, offer, post } from './support/encrypted-client.ts';
import { LOW_ORDER_POINTS } from './support/low-order-points.ts';

const BAD_REQUEST = '{"error": "Bad request"}';

// All points whose order divides 8, and other encodings of them: p, p + 1, and each with the highest bit set,
// which X25519 ignores (RFC 7748 §5).
const REDUCED_POINTS = LOW_ORDER_POINTS.flatMap((point) => {
  const bytes = Uint8Array.fromHex(point);
  return [bytes, bytes.with(31, (bytes[31] ?? 0) | 0x80)];
});

function observed(options: EncryptedEndpointOptions = {}) {
  const failures: EncryptedFailure[] = [];
  const messages: string[] = [];
  const endpoint = createEncryptedEndpoint({
    onMessage: (plaintext) => void messages.push(new TextDecoder().decode(plaintext)),
    ...options,
    onFailure: (failure) => failures.push(failure),
  });
  const send = async (clientId: string, cipher_text: unknown) => {
    const response = await post(endpoint, { cipher_text, client_id: clientId });
    return `${response.status} ${await response.text()}`;
  };
  return { endpoint, failures, messages, send };
}

const REFUSED = `400 ${BAD_REQUEST}`;
const RECEIVED = '200 {"message": "Successfully Decrypted Data"}';

test('a token is accepted once', async () => {
  const { endpoint, failures, messages, send } = observed();
  const { clientId, fernet } = await agreed(endpoint);
  const token = await fernet.encrypt('pay 10');
  assert.equal(await send(clientId, token), RECEIVED);
  assert.equal(await send(clientId, token), REFUSED);
  assert.deepEqual(messages, ['pay 10']);
  assert.deepEqual(failures, [{ reason: 'cipher_text_repeated', clientId }]);
});

test('a token that is sent twice at the same time is accepted once', async () => {
  const { endpoint, messages, send } = observed();
  const { clientId, fernet } = await agreed(endpoint);
  const token = await fernet.encrypt('pay 10');
  const answers = await Promise.all(Array.from({ length: 8 }, () => send(clientId, token)));
  assert.equal(answers.filter((answer) => answer === RECEIVED).length, 1);
  assert.deepEqual(messages, ['pay 10']);
});

test('a token is accepted up to 60 seconds before and after its time, but not beyond', async () => {
  const now = 1_800_000_000_000;
  for (const [age, expected] of [
    [-61, 'cipher_text_too_new'],
    [-60, undefined],
    [60, undefined],
    [61, 'cipher_text_too_old'],
  ] as const) {
    const { endpoint, failures, send } = observed({ clock: () => now });
    const { clientId, fernet } = await agreed(endpoint, { clock: () => now - age * 1000 });
    assert.equal(await send(clientId, await fernet.encrypt('x')), expected ? REFUSED : RECEIVED);
    assert.equal(failures[0]?.reason, expected, `${age} s`);
  }
});

test('a setting changes how long a token is accepted', async () => {
  const now = 1_800_000_000_000;
  const { endpoint, send } = observed({ clock: () => now, tokenSeconds: 5 });
  const { clientId, fernet } = await agreed(endpoint, { clock: () => now - 6000 });
  assert.equal(await send(clientId, await fernet.encrypt('x')), REFUSED);
});

test('a used token is also refused after the clock was set back', async () => {
  let now = 1_800_000_000_000;
  const clock = () => now;
  const { endpoint, failures, send } = observed({ clock });
  const { clientId, fernet } = await agreed(endpoint, { clock });
  const used = await fernet.encrypt('pay 10');
  assert.equal(await send(clientId, used), RECEIVED);
  now += 200_000;
  assert.equal(await send(clientId, await fernet.encrypt('the first is forgotten now')), RECEIVED);
  now -= 190_000;
  assert.equal(await send(clientId, used), REFUSED);
  assert.equal(failures.at(-1)?.reason, 'cipher_text_repeated');
  assert.equal(await send(clientId, await fernet.encrypt('a new one')), RECEIVED);
});

test('a used offer cannot be used again after the clock was set back', () => {
  let now = 1_800_000_000_000;
  const sessions = createEncryptedSessions(() => now);
  const agreement = { publicKey: new Uint8Array(32), address: '', owner: '' };
  const first = { ...agreement, clientId: 'first', offerEndsAt: now + 600_000 };
  assert.equal(sessions.agree(first), 'agreed');
  now += 1_300_000;
  const later = { ...agreement, clientId: 'later', offerEndsAt: now + 600_000 };
  assert.equal(sessions.agree(later), 'agreed', 'the first is forgotten now');
  now -= 1_000_000;
  assert.equal(sessions.agree(first), 'taken');
  assert.equal(sessions.agree({ ...later, clientId: 'of a secret from before' }), 'taken');
  const fresh = { ...agreement, clientId: 'new', offerEndsAt: now + 600_000 };
  assert.equal(sessions.agree(fresh), 'agreed');
});

test('setting the clock back by an hour does not extend sessions or use up the limit of exchanges', () => {
  let now = 1_800_000_000_000;
  const sessions = createEncryptedSessions(() => now, { sessionSeconds: 600, maxExchanges: 2 });
  const agree = (clientId: string) =>
    sessions.agree({
      clientId,
      publicKey: new Uint8Array(32),
      address: clientId,
      owner: '',
      offerEndsAt: now + 600_000,
    });
  assert.deepEqual(['a', 'b', 'c'].map(agree), ['agreed', 'agreed', 'full']);
  now -= 3_600_000;
  assert.deepEqual(['d', 'e'].map(agree), ['agreed', 'agreed']);
  assert.ok(sessions.publicKeyOf('a'), 'who was there may go on');
  now += 600_000;
  assert.equal(sessions.publicKeyOf('a'), undefined);
  assert.equal(agree('f'), 'agreed');
  assert.equal(sessions.size, 1);
});

test('a delayed token is refused after a newer one, if tokens must be in order', async () => {
  let now = 1_800_000_000_000;
  const clock = () => now;
  const { endpoint, failures, send } = observed({ clock, inOrder: true });
  const { clientId, fernet } = await agreed(endpoint, { clock });
  const early = await fernet.encrypt('first');
  now += 2000;
  assert.equal(await send(clientId, await fernet.encrypt('second')), RECEIVED);
  assert.equal(await send(clientId, early), REFUSED);
  assert.deepEqual(failures, [{ reason: 'cipher_text_out_of_order', clientId }]);
});

test('an answer does not count for the order of messages, because the clock of a client may be behind', async () => {
  const now = 1_800_000_000_000;
  const { endpoint, send } = observed({ clock: () => now, inOrder: true, onMessage: () => 'ok' });
  const { clientId, fernet } = await agreed(endpoint, { clock: () => now - 5000 });
  for (const text of ['one', 'two']) assert.match(await send(clientId, await fernet.encrypt(text)), /^200 /);
});

test('a message before its key, followed by the key, does not change another session', async () => {
  const { endpoint, messages, send } = observed();
  const { clientId, fernet } = await agreed(endpoint);
  const other = await offer(endpoint);
  assert.equal(await send(other.client_id, await fernet.encrypt('x')), REFUSED);
  assert.equal(await send(clientId, await fernet.encrypt('y')), RECEIVED);
  assert.deepEqual(messages, ['y']);
});

test('a token of one session is refused in every other', async () => {
  const { endpoint, failures, messages, send } = observed();
  const [one, other] = [await agreed(endpoint), await agreed(endpoint)];
  const token = await one.fernet.encrypt('x');
  assert.equal(await send(other.clientId, token), REFUSED);
  assert.equal(await send(one.clientId, token), RECEIVED);
  assert.deepEqual(messages, ['x']);
  assert.deepEqual(failures, [{ reason: 'cipher_text_invalid', clientId: other.clientId }]);
});

test('the key of one client, sent again for another offer, opens no token of the first', async () => {
  const { endpoint, send } = observed();
  const { pem, fernet } = await agreed(endpoint);
  const other = await offer(endpoint);
  assert.equal((await post(endpoint, { pub_key: pem, client_id: other.client_id })).status, 200);
  assert.equal(await send(other.client_id, await fernet.encrypt('x')), REFUSED);
});

test('the first key wins: the same key gets the same answer again, and another is refused', async () => {
  const { endpoint, failures, send } = observed();
  const { clientId, pem, fernet } = await agreed(endpoint);
  const again = await post(endpoint, { pub_key: pem, uid: 1, client_id: clientId });
  assert.equal(await again.text(), '{"message": "Shared secret successfully calculated"}');
  const { publicKey } = await generateX25519KeyPair();
  const other = await post(endpoint, { pub_key: exportX25519PublicKey(publicKey), client_id: clientId });
  assert.deepEqual([other.status, await other.text()], [400, BAD_REQUEST]);
  assert.equal(await send(clientId, await fernet.encrypt('x')), RECEIVED);
  assert.deepEqual(failures, [{ reason: 'key_already_exchanged', clientId }]);
});

test('every point of small order is refused, in each of its encodings (RFC 7748 §6.1)', async () => {
  const { endpoint, failures } = observed();
  const { client_id } = await offer(endpoint);
  for (const point of REDUCED_POINTS) {
    const response = await post(endpoint, { pub_key: exportX25519PublicKey(point), client_id });
    assert.deepEqual([response.status, await response.text()], [400, BAD_REQUEST], point.toHex());
  }
  assert.ok(failures.every(({ reason }) => reason === 'pub_key_low_order'));
  assert.equal(failures.length, 14);
});

test('accepts only one X25519 public key: no private key, no other algorithm, not two keys (RFC 8410 §4)', async () => {
  const { endpoint, failures } = observed();
  const { client_id } = await offer(endpoint);
  const x25519 = generateKeyPairSync('x25519');
  const publicPem = x25519.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const pems = [
    x25519.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString(),
    publicPem + publicPem,
    publicPem.replaceAll('PUBLIC', 'PRIVATE'),
    publicPem.slice(0, -2),
  ];
  for (const pub_key of pems) {
    const response = await post(endpoint, { pub_key, client_id });
    assert.deepEqual([response.status, await response.text()], [400, BAD_REQUEST]);
  }
  assert.ok(failures.every(({ reason }) => reason === 'pub_key_invalid'));
  assert.equal((await post(endpoint, { pub_key: publicPem, client_id })).status, 200);
});

test('2,000 mutated tokens are refused with the same bytes, and the session continues', async () => {
  const { endpoint, messages, send } = observed();
  const { clientId, fernet } = await agreed(endpoint);
  const token = await fernet.encrypt('x'.repeat(40));
  for (const mutant of mutants(token, 2000)) assert.equal(await send(clientId, mutant), REFUSED, mutant);
  assert.deepEqual(messages, []);
  assert.equal(await send(clientId, token), RECEIVED);
});

test('a flood of keys is refused at the limit of its address, does not block others, and ends with its offers', async () => {
  let now = Date.now();
  const { endpoint, failures } = observed({
    clock: () => now,
    offerSeconds: 10,
    maxSessions: 50,
    maxExchanges: 100,
    maxExchangesPerAddress: 60,
  });
  const exchange = async (address: string) => {
    const { client_id } = await offer(endpoint);
    const { publicKey } = await generateX25519KeyPair();
    return post(endpoint, { pub_key: exportX25519PublicKey(publicKey), client_id }, { address });
  };
  const flood = async (times: number, address: string) => {
    const statuses: number[] = [];
    for (let index = 0; index < times; index += 1) statuses.push((await exchange(address)).status);
    return statuses.filter((status) => status === 200).length;
  };
  assert.equal(await flood(80, '192.0.2.1'), 60);
  const refused = await exchange('192.0.2.1');
  assert.deepEqual([refused.status, await refused.text()], [429, '{"error": "Too many requests"}']);
  assert.equal(refused.headers.get('retry-after'), '60');
  assert.equal(await flood(60, '192.0.2.2'), 40);
  assert.ok(failures.every(({ reason }) => reason === 'too_many_exchanges'));
  now += 20_000;
  assert.equal((await exchange('192.0.2.1')).status, 200);
});

test('a flood of keys from one address does not end the session of another', async () => {
  const { endpoint, send } = observed({ maxSessions: 20 });
  const { clientId, fernet } = await agreed(endpoint, { address: '192.0.2.9' });
  for (let index = 0; index < 60; index += 1) await agreed(endpoint, { address: '192.0.2.1' });
  assert.equal(await send(clientId, await fernet.encrypt('x')), RECEIVED);
});

test('a flood of messages is refused at its limit', async () => {
  const { endpoint, failures, send } = observed({ maxTokens: 40 });
  const { clientId, fernet } = await agreed(endpoint);
  const answers: string[] = [];
  for (let index = 0; index < 11; index += 1) answers.push(await send(clientId, await fernet.encrypt('x')));
  assert.equal(answers.filter((answer) => answer === RECEIVED).length, 10);
  assert.match(answers.at(-1) ?? '', /^429 /);
  assert.deepEqual(failures, [{ reason: 'too_many_messages', clientId }]);
});

test('an answer of the server is refused as a message', async () => {
  const received: string[] = [];
  const { endpoint, failures, send } = observed({
    onMessage: (plaintext) => {
      received.push(new TextDecoder().decode(plaintext));
      return 'delete everything';
    },
  });
  const { clientId, fernet } = await agreed(endpoint);
  const answer = (await send(clientId, await fernet.encrypt('x'))).slice(4);
  const { cipher_text } = JSON.parse(answer) as { cipher_text: string };
  assert.equal(await send(clientId, cipher_text), REFUSED);
  assert.deepEqual(received, ['x']);
  assert.deepEqual(failures, [{ reason: 'cipher_text_repeated', clientId }]);
});

test('a token of one caller is refused from another, and the first can still send it', async () => {
  const { endpoint, failures, messages } = observed();
  const { clientId, fernet } = await agreed(endpoint, { owner: 'user alice' });
  const body = { cipher_text: await fernet.encrypt('x'), client_id: clientId };
  for (const owner of ['user bob', undefined]) {
    const response = await post(endpoint, body, { owner });
    assert.deepEqual([response.status, await response.text()], [400, BAD_REQUEST]);
  }
  assert.equal((await post(endpoint, body, { owner: 'user alice' })).status, 200);
  assert.deepEqual(messages, ['x']);
  assert.ok(failures.every(({ reason }) => reason === 'key_not_exchanged'));
});

test('a token of a guessed key is refused', async () => {
  const { endpoint, send } = observed();
  const { clientId } = await agreed(endpoint);
  for (const key of [new Uint8Array(32), new Uint8Array(32).fill(255)]) {
    assert.equal(await send(clientId, await createFernet(key).encrypt('x')), REFUSED);
  }
});

/** Each has one changed bit, or more or fewer bytes. The same in every run. */
function* mutants(token: string, count: number): Generator<string> {
  const bytes = decodeBase64url(token);
  for (let index = 0; index < count; index += 1) {
    const bit = index % (bytes.length * 8);
    const flipped = bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
    const round = Math.floor(index / (bytes.length * 8));
    if (round === 0) yield encodeBase64url(flipped);
    else if (index % 3 === 0) yield encodeBase64url(flipped.subarray(0, bit >> 3));
    else if (index % 3 === 1) yield token.slice(0, 1 + (bit % token.length)) + token;
    else yield token.slice(0, bit % token.length) + String.fromCharCode(33 + (index % 94)) + token;
  }
}
