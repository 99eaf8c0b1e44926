// DPoP proofs (RFC 9449 §4.3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyDpopProof } from '../../src/credentials/dpop-proof.ts';
import { createDpopClient } from '../support/dpop-client.ts';
import { refusal } from '../support/errors.ts';

const NOW = 1_770_000_000;
const TOKEN = 'a.b.c';
const REQUEST = { method: 'GET', target: '/notes', host: 'localhost:8443', accessToken: TOKEN };
const client = await createDpopClient(() => NOW * 1000);
const verify = (proof: string, request: Partial<typeof REQUEST> = {}, now = NOW) =>
  verifyDpopProof(proof, { ...REQUEST, ...request }, now);

/** RFC 9449 §7.1, figure 12. */
const EXAMPLE = [
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik',
  'VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR',
  'nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE',
  'QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIj',
  'oiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0Z',
  'WRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNF',
  'c05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71E',
  'OptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA',
].join('');

test('accepts the example of the standard, with its thumbprint (§6.1, §7.1)', () => {
  const request = { method: 'GET', target: '/protectedresource', host: 'resource.example.org' };
  const accessToken = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU';
  const { thumbprint } = verifyDpopProof(EXAMPLE, { ...request, accessToken }, 1_562_262_618);
  assert.equal(thumbprint, '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I');
});

test('has a unique id, and the time until which it must be remembered', async () => {
  const [one, other] = [verify(await client.prove(TOKEN)), verify(await client.prove(TOKEN))];
  assert.equal(one.thumbprint, client.thumbprint);
  assert.equal(one.expiresAt, (NOW + 61) * 1000);
  assert.notEqual(one.id, other.id);
  const named = (who: typeof client) => who.prove(TOKEN, { jti: 'same' });
  const stranger = await createDpopClient(() => NOW * 1000);
  assert.notEqual(verify(await named(client)).id, verify(await named(stranger)).id);
});

test('is valid for one method, one URL and one token', async () => {
  const proof = await client.prove(TOKEN);
  verify(proof, { target: '/notes?page=2' });
  for (const [request, reason] of [
    [{ method: 'POST' }, /another method/],
    [{ method: 'HEAD' }, /another method/],
    [{ target: '/note' }, /another URL/],
    [{ host: 'localhost' }, /another URL/],
    [{ accessToken: 'a.b.d' }, /another token/],
  ] as const) {
    assert.throws(() => verify(proof, request), refusal('dpop_proof_invalid', reason));
  }
});

test('is valid for a minute, and a little before its time', async () => {
  const proof = await client.prove(TOKEN);
  verify(proof, {}, NOW + 60);
  verify(proof, {}, NOW - 30);
  assert.throws(() => verify(proof, {}, NOW + 61), refusal('dpop_proof_invalid', /too old/));
  assert.throws(() => verify(proof, {}, NOW - 31), refusal('dpop_proof_invalid', /in the future/));
});

test('refuses a proof with a claim that is missing or of another type', async () => {
  for (const claims of [
    { jti: undefined },
    { jti: '' },
    { jti: 7 },
    { jti: 'x'.repeat(513) },
    { htm: undefined },
    { htm: 'get' },
    { htm: ['GET'] },
    { htu: undefined },
    { htu: ['https://localhost:8443/notes'] },
    { htu: '/notes' },
    { iat: undefined },
    { ath: undefined },
    { ath: '' },
  ]) {
    const proof = await client.prove(TOKEN, claims);
    assert.throws(() => verify(proof), refusal('dpop_proof_invalid'), JSON.stringify(claims));
  }
});

test('refuses another type, algorithm or key, and critical extensions', async () => {
  const stranger = await createDpopClient(() => NOW * 1000);
  for (const [header, reason] of [
    [{ typ: 'JWT' }, /another type/],
    [{ typ: undefined }, /another type/],
    [{ jwk: undefined }, /no public key/],
    [{ jwk: stranger.jwk }, /signed by another key/],
    [{ jwk: { ...client.jwk, d: 'AAAA' } }, /private key/],
    [{ crit: ['b64'], b64: true }, /critical/],
  ] as const) {
    const proof = await client.prove(TOKEN, {}, header);
    assert.throws(() => verify(proof), refusal('dpop_proof_invalid', reason));
  }
  const [, payload = '', signature = ''] = (await client.prove(TOKEN)).split('.');
  for (const alg of ['none', 'HS256', 'ES384', 'es256', undefined]) {
    const header = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg, jwk: client.jwk })).toString(
      'base64url',
    );
    assert.throws(
      () => verify(`${header}.${payload}.${signature}`),
      refusal('dpop_proof_invalid', /another algorithm/),
    );
  }
});

test('refuses two proofs together, text that is not a JWS, and long text', async () => {
  const proof = await client.prove(TOKEN);
  for (const text of [
    `${proof}, ${proof}`,
    '',
    'a.b.c',
    `${proof}.`,
    await client.prove(TOKEN, { x: 'x'.repeat(4096) }),
  ]) {
    assert.throws(() => verify(text), refusal('dpop_proof_invalid'));
  }
});
