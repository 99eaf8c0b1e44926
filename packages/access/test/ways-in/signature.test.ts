// Signed requests, with only memory and a clock. conformance/rfc9421.test.ts tests the whole gateway.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { JsonKey, SignOptions } from '@gatehouse/protocol';
import { contentDigest, importSigningKey, signMessage } from '@gatehouse/protocol';
import type { KeyFacts, Presented, ServiceFacts } from '../../src/index.ts';
import { SIGNED_COMPONENTS } from '../../src/index.ts';
import type { SignatureTrust } from '../../src/ways-in/signature.ts';
import { signatureWay } from '../../src/ways-in/signature.ts';
import { createTestClaims, SIGNATURES } from '../support/claims.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { HOST, presentedWith } from '../support/presented.ts';

const clock = createFakeClock();
const NOW = Math.floor(clock.now() / 1000);
const pair = generateKeyPairSync('ed25519');
const jwk = (key: typeof pair.publicKey) => key.export({ format: 'jwk' }) as JsonKey;
const signer = await importSigningKey(jwk(pair.privateKey));
const KEY: KeyFacts = {
  name: 'robot',
  roles: ['user'],
  secretHash: '',
  publicKey: jwk(pair.publicKey) as Record<string, string>,
  expiresAt: null,
};

function setUp(facts: Partial<KeyFacts> = {}, trust: SignatureTrust = SIGNATURES) {
  const claims = createTestClaims();
  const services = new Map<string, ServiceFacts>([['robot', { roles: ['user'], attributes: { team: 'a' } }]]);
  const keys = new Map<string, KeyFacts>([['k1', { ...KEY, ...facts }]]);
  const tokens = { audience: `https://${HOST}` };
  const way = signatureWay({ principals: { keys, services }, trust, tokens, claims, clock });
  return { way, claims, services, keys };
}

async function presented(options: Partial<SignOptions> = {}): Promise<Presented & { fields: string[] }> {
  const digest = ['Content-Digest', await contentDigest(new Uint8Array())];
  const message = { method: 'GET', target: '/notes', authority: HOST, fields: digest };
  const usual = { components: SIGNED_COMPONENTS, created: NOW, nonce: 'n1', keyid: 'k1' };
  const signature = await signMessage(message, signer, { ...usual, ...options });
  return { ...presentedWith(), fields: [...digest, ...Object.entries(signature).flat()] };
}

test('finds the service of the key, the same object each time, with its attributes', async () => {
  const { way, services } = setUp();
  const one = await presented();
  const first = await way.authenticate(one.fields, one);
  assert.deepEqual(
    [first.kind, first.name, first.roles, first.amr, first.via, first.keyId],
    ['service', 'robot', ['user'], ['pop'], 'signature', 'k1'],
  );
  const other = await presented({ nonce: 'n2' });
  assert.equal(await way.authenticate(other.fields, other), first);
  services.set('robot', { roles: ['user'], attributes: { team: 'b' } });
  const third = await presented({ nonce: 'n3' });
  assert.deepEqual((await way.authenticate(third.fields, third)).attributes, { team: 'b' });
});

test('requires a digest only if there may be content', async () => {
  const { way } = setUp();
  const components = SIGNED_COMPONENTS.filter((name) => name !== 'content-digest');
  const bare = await presented({ components });
  assert.equal((await way.authenticate(bare.fields, bare)).name, 'robot');
  const other = await presented({ components, nonce: 'n2' });
  const filled = { ...other, request: { ...other.request, hasContent: true } };
  await assert.rejects(
    async () => way.authenticate(filled.fields, filled),
    refusal('signature_invalid', /does not cover content-digest/),
  );
});

test('claims the nonce of the key until the signature is too old, and only for a valid signature', async () => {
  const { way, claims } = setUp();
  const right = await presented();
  await way.authenticate(right.fields, right);
  const expected = {
    key: 'signature:k1:n1',
    party: 'robot',
    madeAt: NOW * 1000,
    expiresAt: (NOW + 61) * 1000,
    run: undefined,
  };
  assert.deepEqual(claims.claimed, [expected]);
  const wrong = { ...right, request: { ...right.request, method: 'POST' } };
  await assert.rejects(
    async () => way.authenticate(wrong.fields, wrong),
    refusal('signature_invalid', /not right/),
  );
  assert.equal(claims.claimed.length, 1);
  await assert.rejects(
    async () => way.authenticate(right.fields, right),
    refusal('signature_invalid', /nonce/),
  );
});

test('is not available if the nonce cannot be claimed, or if its party has claimed too many', async () => {
  const { way, claims } = setUp();
  const request = await presented();
  claims.answer = 'full';
  await assert.rejects(
    async () => way.authenticate(request.fields, request),
    refusal('unavailable', /too many/),
  );
  claims.answer = new Error('no answer');
  await assert.rejects(async () => way.authenticate(request.fields, request), /no answer/);
});

test('asks for its own nonce if the clock was set back, and accepts it (RFC 9421 §5.1)', async () => {
  const { way, claims } = setUp();
  const request = await presented();
  claims.answer = 'forgotten';
  await assert.rejects(
    async () => way.authenticate(request.fields, request),
    refusal('signature_nonce_required', /clock .* was set back/),
  );
  assert.doesNotMatch(way.acceptSignature('signature_invalid'), /nonce/);
  const asked = () => /;nonce="([^"]+)"$/.exec(way.acceptSignature('signature_nonce_required'))?.[1] ?? '';
  const nonce = asked();
  assert.notEqual(asked(), nonce);
  claims.answer = undefined;
  const again = await presented({ nonce });
  assert.equal((await way.authenticate(again.fields, again)).name, 'robot');
  assert.deepEqual(
    claims.claimed.map(({ run }) => run),
    [undefined, SIGNATURES.run],
  );
  claims.answer = 'forgotten';
  const old = await presented({ nonce: asked() });
  await assert.rejects(async () => way.authenticate(old.fields, old), refusal('unavailable', /set back/));
});

test('refuses signatures from before the start of the server', async () => {
  const { way } = setUp({}, { ...SIGNATURES, notBefore: NOW });
  const before = await presented({ created: NOW - 1 });
  await assert.rejects(
    async () => way.authenticate(before.fields, before),
    refusal('signature_invalid', /last start/),
  );
  const request = await presented();
  assert.ok(await way.authenticate(request.fields, request));
});

test('refuses a key that has expired, from another address, or of a disabled service', async () => {
  const request = await presented();
  const refused = (facts: Partial<KeyFacts>, pattern: RegExp) => {
    const { way } = setUp(facts);
    return assert.rejects(
      async () => way.authenticate(request.fields, request),
      refusal('credential_invalid', pattern),
    );
  };
  await refused({ expiresAt: clock.now() }, /key has expired/);
  await refused({ expiresAt: clock.now() + 1, createdAt: clock.now() + 61_000 }, /clock was ahead/);
  await refused({ addresses: ['10.0.0.0/8'] }, /not accepted from this address/);
  const { way, services } = setUp();
  services.set('robot', { roles: [], disabled: true });
  await assert.rejects(
    async () => way.authenticate(request.fields, request),
    refusal('credential_invalid', /disabled/),
  );
});

test('does not accept an API key as a key that signs', async () => {
  const { publicKey: _, ...apiKey } = KEY;
  const { way, keys } = setUp();
  keys.set('k1', { ...apiKey, secretHash: 'x'.repeat(32) });
  const request = await presented();
  await assert.rejects(
    async () => way.authenticate(request.fields, request),
    refusal('credential_invalid', /unknown/),
  );
});

test('checks the key and its service again while a request is in progress', async () => {
  const { way, keys, services } = setUp();
  const request = await presented();
  const principal = await way.authenticate(request.fields, request);
  keys.set('k1', { ...KEY, roles: ['admin'] });
  assert.deepEqual(way.current(principal, request).roles, ['admin']);
  services.set('robot', { roles: [], disabled: true });
  assert.throws(() => way.current(principal, request), refusal('credential_invalid', /disabled/));
  keys.delete('k1');
  assert.throws(() => way.current(principal, request), refusal('credential_invalid', /unknown/));
});

test('finds a signature by either of its fields, only if the fields are given', () => {
  const { way } = setUp();
  const find = (fields?: string[]) => way.find(presentedWith(fields && { fields }));
  assert.equal(find(), undefined);
  assert.equal(find(['Accept', '*/*', 'X-Signature', 'x']), undefined);
  assert.ok(find(['SIGNATURE', 'x']));
  assert.ok(find(['signature-input', 'x']));
});
