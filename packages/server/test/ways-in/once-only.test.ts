// Values for one use stay used when the clock is set back, also after a restart, and clients can continue
// meanwhile.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createWaysIn, type Presented, SIGNED_COMPONENTS } from '@gatehouse/access';
import type { JsonKey } from '@gatehouse/protocol';
import { importSigningKey, signMessage } from '@gatehouse/protocol';
import { HOST, presentedWith } from '../../../access/test/support/presented.ts';
import { configSchema } from '../../src/config.ts';
import { openOnceOnly } from '../../src/ways-in/once-only.ts';
import { onceTrustJobs } from '../../src/ways-in/once-trust.ts';
import { refusal } from '../support/errors.ts';
import { createStore } from '../support/store.ts';

const AHEAD_SECONDS = 300;
const pair = generateKeyPairSync('ed25519');
const jwk = (key: typeof pair.publicKey) => key.export({ format: 'jwk' }) as JsonKey;
const signer = await importSigningKey(jwk(pair.privateKey));
const KEY = {
  name: 'robot',
  roles: ['user'],
  secretHash: '',
  publicKey: jwk(pair.publicKey) as Record<string, string>,
  expiresAt: null,
};

async function setUp(t: TestContext) {
  const store = await createStore(t);
  const { clock } = store;
  let nonces = 0;
  /** A new process of the server. */
  const open = async () => {
    const { claims, trust } = await openOnceOnly(store, configSchema.parse({}), false);
    const ways = () =>
      createWaysIn({
        principals: {
          users: new Map(),
          services: new Map([['robot', { roles: ['user'] }]]),
          keys: new Map([['k1', KEY]]),
          digests: new Map(),
          sessions: new Map(),
          endedSignIns: new Map(),
          clients: new Map(),
          revocations: new Map(),
        },
        trust: { issuers: new Map(), certificates: new Map() },
        tokens: { jwks: { keys: [] }, issuer: 'https://localhost', audience: `https://${HOST}` },
        ...trust.current,
        claims,
        clock,
      });
    return {
      claims,
      trust,
      ways,
      accept: async (request: Presented) => ways().identify(request, ['signature']),
    };
  };
  const signed = async (nonce = `n${++nonces}`): Promise<Presented> => {
    const message = { method: 'GET', target: '/notes', authority: HOST, fields: [] };
    const components = SIGNED_COMPONENTS.filter((name) => name !== 'content-digest');
    const how = { components, created: Math.floor(clock.now() / 1000), nonce, keyid: 'k1' };
    return { ...presentedWith(), fields: Object.entries(await signMessage(message, signer, how)).flat() };
  };
  return { clock, open, signed };
}

const wanted = refusal('signature_nonce_required');
const nonceIn = (field: string) => /;nonce="([^"]+)"/.exec(field)?.[1] ?? '';

test('a request that was used while the clock was ahead is refused when that time comes again, after a restart', async (t) => {
  const { clock, open, signed } = await setUp(t);
  const first = await open();
  clock.advance(2);
  await first.accept(await signed());
  clock.advance(AHEAD_SECONDS);
  const captured = await signed();
  await first.accept(captured);

  clock.advance(-AHEAD_SECONDS);
  const next = await open();
  clock.advance(2);
  await assert.rejects(next.accept(await signed()), wanted);
  const nonce = nonceIn(next.ways().acceptSignature('signature_nonce_required'));
  const withNonce = await signed(nonce);
  assert.equal((await next.accept(withNonce)).name, 'robot', 'who asks for a nonce need not wait');
  await assert.rejects(next.accept(withNonce), refusal('signature_invalid', /used before/));

  clock.advance(AHEAD_SECONDS - 2);
  await assert.rejects(next.accept(captured), wanted);
  clock.advance(5);
  assert.equal((await next.accept(await signed())).name, 'robot', 'from then on all is as before');
  const third = await open();
  clock.advance(2);
  assert.equal((await third.accept(await signed())).name, 'robot');
});

test('without a restart, used values are known, and clients do not notice that the clock was set back', async (t) => {
  const { clock, open, signed } = await setUp(t);
  const server = await open();
  clock.advance(AHEAD_SECONDS + 2);
  const captured = await signed();
  await server.accept(captured);
  clock.advance(-AHEAD_SECONDS);
  assert.equal((await server.accept(await signed())).name, 'robot');
  clock.advance(AHEAD_SECONDS);
  await assert.rejects(server.accept(captured), refusal('signature_invalid', /used before/));
});

test('after the clock was set back, the keys of all nonces are replaced once, so that old nonces are void', async (t) => {
  const { clock, open } = await setUp(t);
  const { claims, trust } = await open();
  let renewals = 0;
  const [, renewal] = onceTrustJobs(trust, async () => void renewals++);
  await claims.claim({ key: 'x', party: 'x', expiresAt: clock.now() + 1000 });
  const before = trust.current;
  await renewal?.run();
  assert.deepEqual([renewals, trust.current], [0, before]);
  clock.advance(-AHEAD_SECONDS);
  await renewal?.run();
  await renewal?.run();
  assert.equal(renewals, 1);
  const { digest, dpop, signatures } = trust.current;
  assert.notDeepEqual(digest.nonceKey, before.digest.nonceKey);
  assert.notDeepEqual(signatures.nonceKey, before.signatures.nonceKey);
  assert.equal(dpop.nonceKeys.length, 1);
  assert.notDeepEqual(dpop.nonceKeys, before.dpop.nonceKeys);
  assert.deepEqual([digest.run, dpop.run, signatures.run], [1, 1, 1]);
});
