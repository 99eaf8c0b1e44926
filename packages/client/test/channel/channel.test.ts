import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientProfile } from '@gatehouse/x509';
import { fetchOffer, openChannel, verifyOffer } from '../../src/channel/index.ts';
import { signedEndpoint, signingAuthority, URL } from './signed-endpoint.ts';

const { root, signer } = signingAuthority();
const other = signingAuthority();
const untrusted = { name: 'ClientError', code: 'channel_trust' };
const wrongPin = { name: 'ClientError', code: 'pin' };

test('sends a message to an endpoint whose key leads to the root, and reads the answer', async () => {
  const { transport, messages } = signedEndpoint({ signer: () => signer });
  const channel = await openChannel({ transport, url: URL }, { roots: root });
  const { status, content } = await channel.send('hello');
  assert.deepEqual([status, new TextDecoder().decode(content)], [200, 'got hello']);
  assert.deepEqual(await channel.send('quiet'), { status: 200, content: undefined });
  assert.deepEqual(messages, ['hello', 'quiet']);
  assert.deepEqual(channel.verified?.by, ['chain']);
  assert.deepEqual(channel.verified?.chain, ['CN=channel', 'CN=Root']);
});

test('a pin is enough without roots; with roots, both must match', async () => {
  const { transport } = signedEndpoint({ signer: () => signer });
  const target = { transport, url: URL };
  const pins = [other.signer.fingerprint, signer.fingerprint];
  assert.deepEqual((await openChannel(target, { pins })).verified?.by, ['pin']);
  assert.deepEqual((await openChannel(target, { pins, roots: root })).verified?.by, ['pin', 'chain']);
  await assert.rejects(openChannel(target, { pins, roots: other.root }), untrusted);
  await assert.rejects(openChannel(target, { pins: [other.signer.fingerprint], roots: root }), wrongPin);
  await assert.rejects(openChannel(target, { pins: [] }), wrongPin);
});

test('refuses a key with a certificate of another root', async () => {
  const { transport } = signedEndpoint({ signer: () => other.signer });
  await assert.rejects(openChannel({ transport, url: URL }, { roots: root }), untrusted);
});

test('refuses an unsigned key, unless the caller wants it', async () => {
  const { transport, messages } = signedEndpoint({});
  const target = { transport, url: URL };
  await assert.rejects(openChannel(target, { roots: root }), untrusted);
  const channel = await openChannel(target, { unverified: true });
  assert.equal(channel.verified, undefined);
  await channel.send('hello');
  assert.deepEqual(messages, ['hello']);
});

test('refuses an offer with any changed text', async () => {
  const foreign = signedEndpoint({ signer: () => signer });
  const second = await fetchOffer({ transport: foreign.transport, url: URL });
  const changes: Record<string, (offer: Record<string, string>) => Record<string, unknown>> = {
    'the key of another offer': (offer) => ({ ...offer, pub: second.pub }),
    'the id of another offer': (offer) => ({ ...offer, client_id: second.clientId }),
    'a later expiry': (offer) => ({ ...offer, expires: '2999-01-01T00:00:00Z' }),
    'another line end in the key': (offer) => ({ ...offer, pub: `${offer.pub}\n` }),
    'the signature of another offer': (offer) => ({ ...offer, signature: second.signed?.signature }),
    'no base64url': (offer) => ({ ...offer, signature: '?' }),
    'an empty signature': (offer) => ({ ...offer, signature: '' }),
    'another chain': (offer) => ({ ...offer, chain: other.signer.chain }),
    'no certificate': (offer) => ({ ...offer, chain: 'none' }),
    'another fingerprint': (offer) => ({ ...offer, fingerprint: other.signer.fingerprint }),
    'no signature': ({ signature: _, ...offer }) => offer,
  };
  for (const [name, change] of Object.entries(changes)) {
    const { transport } = signedEndpoint({ signer: () => signer }, change);
    await assert.rejects(openChannel({ transport, url: URL }, { roots: root }), untrusted, name);
    await assert.rejects(
      openChannel({ transport, url: URL }, { pins: [signer.fingerprint] }),
      name === 'another chain' ? wrongPin : untrusted,
      name,
    );
  }
});

test('refuses an offer that has expired', async () => {
  const { transport } = signedEndpoint({ signer: () => signer, offerSeconds: 60 });
  const target = { transport, url: URL };
  const later = (seconds: number) => ({ roots: root, clock: () => Date.now() + seconds * 1000 });
  await openChannel(target, { roots: root, clock: () => Date.now() + 30_000 });
  await assert.rejects(openChannel(target, later(121)), untrusted);
});

test('refuses a certificate for another host, another purpose, or another time (RFC 5280 §6)', async () => {
  const cases = {
    'another host': signingAuthority({ names: ['api.example.com'] }),
    'a client': signingAuthority({ profile: clientProfile() }),
    'no longer valid': signingAuthority({ days: -0.01 }),
  };
  for (const [name, authority] of Object.entries(cases)) {
    const { transport } = signedEndpoint({ signer: () => authority.signer });
    const offer = await fetchOffer({ transport, url: URL });
    const expected = { url: URL, trust: { roots: authority.root }, now: new Date() };
    await assert.rejects(verifyOffer(offer, expected), untrusted, name);
  }
});

test('refuses an endpoint that is not an encrypted one, and reports its answer', async () => {
  const answering = (body: string, status = 200) => ({
    transport: async () => new Response(body, { status }),
    url: URL,
  });
  for (const body of ['<html>', '[]', '{}', '{"client_id": 1, "pub": ""}', 'null']) {
    await assert.rejects(fetchOffer(answering(body)), { code: 'protocol' }, body);
  }
  await assert.rejects(fetchOffer(answering('{"error": "go away"}', 403)), {
    code: 'http',
    message: `${URL} answered with status 403: go away`,
  });
  await assert.rejects(fetchOffer(answering(`"${'x'.repeat(300_000)}"`)), { code: 'limit' });
  const smallOrder = JSON.stringify({
    client_id: 'x',
    pub: '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END PUBLIC KEY-----\n',
  });
  await assert.rejects(openChannel(answering(smallOrder), { unverified: true }), { code: 'protocol' });
});

test('returns the status of the application, and an answer that only this end can read', async () => {
  const { transport } = signedEndpoint({ onMessage: () => ({ status: 404, content: 'no such note' }) });
  const channel = await openChannel({ transport, url: URL }, { unverified: true });
  const { status, content } = await channel.send('x');
  assert.deepEqual([status, new TextDecoder().decode(content)], [404, 'no such note']);
});

test('refuses its own message, or an earlier answer, as an answer', async () => {
  const { transport } = signedEndpoint({ signer: () => signer });
  let answers: (sent: string, reply: string) => string = (_, reply) => reply;
  const changing = async (url: string | URL, request: Parameters<typeof transport>[1]) => {
    const response = await transport(url, request);
    if (!request.body?.includes('cipher_text')) return response;
    const value = (await response.json()) as Record<string, string>;
    const sent = (JSON.parse(request.body) as Record<string, string>).cipher_text ?? '';
    return Response.json({ ...value, cipher_text: answers(sent, value.cipher_text ?? '') });
  };
  const channel = await openChannel({ transport: changing, url: URL }, { roots: root });
  let earlier = '';
  answers = (_, reply) => {
    earlier = reply;
    return reply;
  };
  await channel.send('first');
  answers = () => earlier;
  await assert.rejects(channel.send('second'), { code: 'protocol' });
  answers = (sent) => sent;
  await assert.rejects(channel.send('third'), { code: 'protocol' });
});

test('refuses an altered answer, and an old one', async () => {
  let now = Date.now();
  const { transport } = signedEndpoint({ signer: () => signer, clock: () => now });
  const altering = async (url: string | URL, request: Parameters<typeof transport>[1]) => {
    const response = await transport(url, request);
    if (!request.body?.includes('cipher_text')) return response;
    const { cipher_text, ...value } = (await response.json()) as Record<string, string>;
    return Response.json({ ...value, cipher_text: `${cipher_text?.slice(0, -6)}AAAAA=` });
  };
  const altered = await openChannel({ transport: altering, url: URL }, { roots: root });
  await assert.rejects(altered.send('x'), { code: 'protocol' });
  const behind = await openChannel({ transport, url: URL }, { roots: root, clock: () => now });
  await behind.send('x');
  now -= 30_000;
  const clock = { roots: root, clock: () => now + 45_000 };
  const early = await openChannel({ transport, url: URL }, clock);
  await early.send('in time for both');
});
