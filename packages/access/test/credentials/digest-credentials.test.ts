// The credentials of Digest (RFC 7616 §3.4), and its digests.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import {
  DIGEST_ALGORITHMS,
  digestMatches,
  digestSecret,
  parseDigestCredentials,
} from '../../src/credentials/digest-credentials.ts';
import { refusal } from '../support/errors.ts';

/** RFC 7616 §3.9.1. */
const MUFASA = [
  'username="Mufasa"',
  'realm="http-auth@example.org"',
  'uri="/dir/index.html"',
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"',
  'nc=00000001',
  'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"',
  'qop=auth',
  'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
];
const SHA256 = '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1';
const MD5 = '8ca523f5e9506fed4657c9700eebdbec';
const WHOLE = [...MUFASA, 'algorithm=SHA-256', `response="${SHA256}"`];

const parse = (params: readonly string[]) => parseDigestCredentials(params.join(', '));
/** All parameters, with this one replaced; undefined removes it. */
const withParam = (name: string, param?: string) => [
  ...WHOLE.filter((each) => !each.startsWith(`${name}=`)),
  ...(param === undefined ? [] : [param]),
];

test('accepts the examples of the standard (§3.9.1)', () => {
  const secretOf = (algorithm: string) =>
    hash(algorithm, 'Mufasa:http-auth@example.org:Circle of Life', 'hex');
  assert.equal(digestMatches(parse(WHOLE), secretOf('sha256'), 'GET'), true);
  const md5 = parse([...MUFASA, 'algorithm=MD5', `response="${MD5}"`]);
  assert.equal(digestMatches(md5, secretOf('md5'), 'GET'), true);
  assert.equal(digestMatches(parse([...MUFASA, `response="${MD5}"`]), secretOf('md5'), 'GET'), true);
});

test('computes SHA-512-256 as in FIPS 180-4, unlike the example of the standard (§3.9.2, erratum 4897)', () => {
  const given = parse([
    'username="J"',
    'realm="api@example.org"',
    'uri="/doe.json"',
    'algorithm=SHA-512-256',
    'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK"',
    'nc=00000001',
    'cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v"',
    'qop=auth',
    'response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"',
  ]);
  const secret = hash('sha512-256', 'Jäsøn Doe:api@example.org:Secret, or not?', 'hex');
  assert.equal(digestMatches(given, secret, 'GET'), true);
});

test('another method, uri, nonce, count, secret or response does not match', () => {
  const secret = hash('sha256', 'Mufasa:http-auth@example.org:Circle of Life', 'hex');
  assert.equal(digestMatches(parse(WHOLE), secret, 'HEAD'), false);
  assert.equal(digestMatches(parse(WHOLE), '0'.repeat(64), 'GET'), false);
  for (const other of [
    withParam('uri', 'uri="/"'),
    withParam('nonce', 'nonce="x"'),
    withParam('nc', 'nc=00000002'),
    withParam('cnonce', 'cnonce="x"'),
    withParam('response', `response="${'0'.repeat(64)}"`),
  ]) {
    assert.equal(digestMatches(parse(other), secret, 'GET'), false, other.join());
  }
});

test('makes H(A1) of name, realm and password for every algorithm (§3.4.2)', () => {
  assert.deepEqual(
    DIGEST_ALGORITHMS.map((algorithm) => digestSecret(algorithm, 'alice', 'p').length),
    [64, 64, 32],
  );
  assert.equal(digestSecret('SHA-256', 'alice', 'p'), hash('sha256', 'alice:gatehouse:p', 'hex'));
});

test('reads parameters with and without quotes, and names in any case', () => {
  const quoted = parse(
    [...withParam('algorithm'), 'ALGORITHM="sha-256"'].map((each) => each.replace('qop=auth', 'qop="auth"')),
  );
  assert.deepEqual([quoted.algorithm, quoted.count, quoted.opaque?.length], ['SHA-256', 1, 44]);
  assert.equal(parse(withParam('nc', 'nc=0000001F')).count, 31);
});

test('refuses options that the challenge does not offer, and missing or malformed parameters', () => {
  for (const [params, message] of [
    [withParam('qop'), /have no qop/],
    [withParam('qop', 'qop=auth-int'), /another qop/],
    [withParam('algorithm', 'algorithm=SHA-256-sess'), /not offered/],
    [withParam('algorithm', 'algorithm=SHA-1'), /not offered/],
    [[...WHOLE, 'userhash=true'], /hash the user name/],
    [withParam('username', "username*=UTF-8''Jason"), /have no username/],
    [withParam('nc', 'nc=1'), /nonce count/],
    [withParam('nc', 'nc=0000000g'), /nonce count/],
    [withParam('nonce'), /have no nonce/],
    [withParam('uri'), /have no uri/],
    [withParam('cnonce'), /have no cnonce/],
    [withParam('realm'), /have no realm/],
    [withParam('response', 'response="ab"'), /not a digest/],
    [withParam('response', `response="${'g'.repeat(64)}"`), /not a digest/],
    [[...WHOLE, 'uri="/other"'], /uri comes twice/],
    [['nonsense'], /cannot be read/],
  ] as const) {
    assert.throws(() => parse(params), refusal('credential_malformed', message));
  }
});
