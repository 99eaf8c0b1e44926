// Public keys in the headers of proofs (RFC 9449 §4.2), and their thumbprints (RFC 7638).
import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { PROOF_ALGORITHMS, readProofKey } from '../../src/credentials/proof-key.ts';

const INPUT = Buffer.from('header.payload');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwkOf = ({ publicKey }: Pick<typeof ec, 'publicKey'>) => publicKey.export({ format: 'jwk' });

test('computes the thumbprint of the example in the standard (RFC 9449 §6.1)', () => {
  const jwk = {
    kty: 'EC',
    x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
    y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
    crv: 'P-256',
  };
  const thumbprint = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';
  assert.equal(readProofKey(jwk).thumbprint, thumbprint);
  assert.equal(readProofKey({ ...jwk, kid: 'k', use: 'sig', alg: 'ES256' }).thumbprint, thumbprint);
});

test('verifies a signature of each algorithm, only with a key of its kind', () => {
  const pss = { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  const signatures = {
    ES256: [ec, sign('sha256', INPUT, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' })],
    EdDSA: [ed, sign(null, INPUT, ed.privateKey)],
    RS256: [rsa, sign('sha256', INPUT, rsa.privateKey)],
    PS256: [rsa, sign('sha256', INPUT, pss)],
  } as const;
  for (const algorithm of PROOF_ALGORITHMS) {
    const [pair, signature] = signatures[algorithm];
    const accepted = PROOF_ALGORITHMS.filter((each) =>
      readProofKey(jwkOf(pair)).verifies(each, INPUT, signature),
    );
    assert.deepEqual(accepted, [algorithm]);
    assert.equal(readProofKey(jwkOf(pair)).verifies(algorithm, Buffer.from('other'), signature), false);
  }
  const der = sign('sha256', INPUT, ec.privateKey);
  assert.equal(readProofKey(jwkOf(ec)).verifies('ES256', INPUT, der), false, 'DER is another form');
});

test('refuses private keys, symmetric keys, other kinds and curves, and weak keys', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const x25519 = generateKeyPairSync('x25519');
  const { x, y } = jwkOf(ec);
  for (const jwk of [
    undefined,
    null,
    'text',
    [],
    {},
    { kty: '__proto__' },
    { kty: 'oct', k: 'AAAA' },
    ec.privateKey.export({ format: 'jwk' }),
    rsa.privateKey.export({ format: 'jwk' }),
    { ...jwkOf(ec), d: undefined },
    jwkOf(weak),
    jwkOf(p384),
    jwkOf(x25519),
    { kty: 'EC', crv: 'P-256', x },
    { kty: 'EC', crv: 'P-256', x: y, y: x },
    { kty: 'EC', crv: 'P-256', x: `${x}=`, y },
    { kty: 'EC', crv: 'Ed25519', x, y },
    { kty: 'OKP', crv: 'P-256', x },
    { kty: 'RSA', n: 'AQAB', e: 'AQAB' },
  ]) {
    assert.throws(() => readProofKey(jwk), SyntaxError, JSON.stringify(jwk));
  }
});
