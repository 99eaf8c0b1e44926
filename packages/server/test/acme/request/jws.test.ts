// The reader of signed requests (RFC 7515, RFC 8555 §6.2): jose writes valid requests, and fast-check invalid
// ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { calculateJwkThumbprint, exportJWK, FlattenedSign, generateKeyPair } from 'jose';
import { AcmeError } from '../../../src/acme/problem.ts';
import { readAccountKey, verifySignature } from '../../../src/acme/request/account-key.ts';
import { decode, parseJws, requireMembers } from '../../../src/acme/request/jws.ts';

const octets = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

function refusesOrReads(text: Uint8Array): void {
  try {
    parseJws(text);
  } catch (error) {
    assert.ok(error instanceof AcmeError, String(error));
    assert.equal(error.type, 'malformed');
  }
}

test('every input is read, or refused as malformed', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), refusesOrReads));
  fc.assert(fc.property(fc.json(), (text) => refusesOrReads(octets(text))));
  const text = fc.oneof(fc.string(), fc.base64String(), fc.json(), fc.constant(''), fc.constant(null));
  const record = fc.record(
    { protected: text, payload: text, signature: text, header: text },
    { requiredKeys: [] },
  );
  fc.assert(fc.property(record, (value) => refusesOrReads(octets(value))));
});

test('base64url is read only in its canonical form (RFC 7515 §2)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      assert.deepEqual(decode(Buffer.from(bytes).toString('base64url'), 'x'), Buffer.from(bytes));
    }),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      const canonical = Buffer.from(text, 'base64url').toString('base64url') === text;
      if (canonical) assert.match(text, /^[\w-]*$/);
      else assert.throws(() => decode(text, 'x'), AcmeError);
    }),
  );
  for (const text of ['AA==', 'A', 'AB', 'A A', 'A+/A', 'AAAA\n'])
    assert.throws(() => decode(text, 'x'), AcmeError);
});

test('text that is not UTF-8 is not JSON, and a byte order mark is ignored (RFC 8259 §8.1)', () => {
  assert.throws(() => parseJws(Buffer.from('{"\xff":1}', 'latin1')), /not JSON/);
  const text = JSON.stringify({
    protected: octets({ alg: 'a' }).toString('base64url'),
    payload: '',
    signature: '',
  });
  assert.deepEqual(parseJws(Buffer.from(`\u{feff}${text}`)).header, { alg: 'a' });
});

test('members of the header must be own properties and texts, and forbidden members are refused', () => {
  const rest = { payload: Buffer.alloc(0), signingInput: Buffer.alloc(0), signature: Buffer.alloc(0) };
  const header = JSON.parse('{"alg":"a","__proto__":"b"}');
  assert.equal(requireMembers({ ...rest, header }, { texts: ['alg'] }).alg, 'a');
  const inherited = { ...rest, header: { alg: 'a', toString: 'b' } };
  assert.throws(() => requireMembers(inherited, { texts: ['alg', 'valueOf'] }), /must have "valueOf"/);
  assert.throws(() => requireMembers({ ...rest, header: { alg: 7 } }, { texts: ['alg'] }), /must be a text/);
  const excess = { texts: ['alg'], absent: ['nonce'] } as const;
  assert.throws(
    () => requireMembers({ ...rest, header: { alg: 'a', nonce: 'n' } }, excess),
    /not have "nonce"/,
  );
});

for (const alg of ['ES256', 'ES384', 'RS256', 'EdDSA']) {
  test(`verifies a signature of jose with ${alg}, and refuses an altered one`, async () => {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    const jwk = await exportJWK(publicKey);
    const key = readAccountKey(jwk);
    assert.equal(key.algorithm, alg);
    assert.equal(key.thumbprint, await calculateJwkThumbprint(jwk));
    const signed = await new FlattenedSign(octets('{"a":1}')).setProtectedHeader({ alg }).sign(privateKey);
    const jws = parseJws(octets(signed));
    verifySignature(jws, key);
    fc.assert(
      fc.property(fc.nat(jws.signature.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const signature = Buffer.from(jws.signature);
        signature[at] = (signature[at] ?? 0) ^ mask;
        assert.throws(() => verifySignature({ ...jws, signature }, key), AcmeError);
      }),
      { numRuns: 25 },
    );
    const short = jws.signature.subarray(0, -1);
    assert.throws(() => verifySignature({ ...jws, signature: short }, key), AcmeError);
  });
}

test('one key has one thumbprint, even if its numbers are padded (RFC 7638 §7)', async () => {
  const { publicKey } = await generateKeyPair('RS256');
  const jwk = await exportJWK(publicKey);
  const padded = Buffer.concat([Buffer.alloc(1), Buffer.from(jwk.n ?? '', 'base64url')]).toString(
    'base64url',
  );
  assert.equal(readAccountKey({ ...jwk, n: padded }).thumbprint, readAccountKey(jwk).thumbprint);
});
