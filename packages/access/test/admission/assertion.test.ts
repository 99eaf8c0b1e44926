// Gatehouse-Assertion: its claims, its lifetime, and its reuse for half of its lifetime.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { decodeJwt, jwtVerify } from 'jose';
import { createAssertionSigner } from '../../src/admission/assertion.ts';
import type { Principal } from '../../src/principals/principal.ts';
import type { GatewayRoute } from '../../src/routes/route-table.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const kid = 'key-1';
const ALICE: Principal = {
  kind: 'user',
  name: 'alice',
  roles: ['user'],
  scopes: [],
  amr: ['pwd'],
  via: 'bearer',
};
const NOTES = { id: '1:/notes', upstream: 'http://127.0.0.1:3000' } as GatewayRoute;

function signer() {
  const clock = createFakeClock();
  return {
    clock,
    ...createAssertionSigner({ privateKey: pem, kid, issuer: 'https://localhost:9443' }, clock),
  };
}

test('names the caller, the roles, the way in, the route and the upstream, for one minute', async () => {
  const { clock, sign } = signer();
  const { payload, protectedHeader } = await jwtVerify(sign(ALICE, NOTES), publicKey, {
    currentDate: new Date(clock.now()),
  });
  const now = clock.now() / 1000;
  assert.deepEqual(protectedHeader, { alg: 'ES256', typ: 'gatehouse-assertion+jwt', kid });
  assert.deepEqual(payload, {
    iss: 'https://localhost:9443',
    sub: 'alice',
    aud: 'http://127.0.0.1:3000',
    roles: ['user'],
    amr: ['pwd'],
    route: '1:/notes',
    iat: now,
    exp: now + 60,
  });
});

test('names the certificate only if the caller was authenticated by it (RFC 8705 §3.1)', async () => {
  const { sign } = signer();
  const certified = { ...ALICE, via: 'mtls', certificateThumbprint: 'aGFzaA' } as const;
  assert.deepEqual(decodeJwt(sign(certified, NOTES)).cnf, { 'x5t#S256': 'aGFzaA' });
  assert.deepEqual(decodeJwt(sign({ ...certified, certificateThumbprint: 'b3RoZXI' }, NOTES)).cnf, {
    'x5t#S256': 'b3RoZXI',
  });
  assert.equal(decodeJwt(sign(ALICE, NOTES)).cnf, undefined);
});

test('is reused for half its lifetime, so that the upstream has the other half', async () => {
  const { clock, sign } = signer();
  const first = sign(ALICE, NOTES);
  clock.advance(29);
  assert.equal(sign(ALICE, NOTES), first);
  clock.advance(1);
  assert.notEqual(sign(ALICE, NOTES), first);
});

test('is never reused for another caller, route or way in', async () => {
  const { sign } = signer();
  const all = [
    sign(ALICE, NOTES),
    sign({ ...ALICE, name: 'bob' }, NOTES),
    sign({ ...ALICE, kind: 'service' }, NOTES),
    sign({ ...ALICE, amr: ['swk'] }, NOTES),
    sign({ ...ALICE, roles: ['admin'] }, NOTES),
    sign({ ...ALICE, certificateThumbprint: 'aGFzaA' }, NOTES),
    sign(ALICE, { ...NOTES, upstream: 'http://127.0.0.1:3001' }),
    sign(ALICE, { ...NOTES, id: '2:/notes' }),
  ];
  assert.equal(new Set(all).size, all.length);
});

test('stores a limited number of callers', async () => {
  const { sign } = signer();
  const first = sign(ALICE, NOTES);
  for (let count = 0; count < 4096; count += 1) sign({ ...ALICE, name: `user-${count}` }, NOTES);
  assert.notEqual(sign(ALICE, NOTES), first);
});

test('an assertion that was made while the clock was ahead is not reused', async () => {
  const { clock, sign } = signer();
  const early = sign(ALICE, NOTES);
  clock.advance(-7200);
  const now = sign(ALICE, NOTES);
  assert.notEqual(now, early);
  assert.equal(decodeJwt(now).iat, clock.now() / 1000);
});
