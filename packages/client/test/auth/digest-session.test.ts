// Digest of the client with the vectors of RFC 7616 §3.9.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseChallenges } from '../../src/auth/challenges.ts';
import { createDigestSession } from '../../src/auth/digest-session.ts';

const MUFASA = { username: 'Mufasa', password: 'Circle of Life' };
const CNONCE = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
const challenge = (algorithm: string, more = '') =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
  `nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"${more}`;
const target = { method: 'GET', uri: '/dir/index.html' };

function answerTo(field: string, session = createDigestSession(MUFASA, () => CNONCE)): string {
  assert.equal(session.accept(parseChallenges(field), undefined), true);
  return session.authorize(target) ?? '';
}

describe('Digest of the client', () => {
  test('answers the examples of RFC 7616 §3.9.1', () => {
    assert.match(answerTo(challenge('MD5')), /response="8ca523f5e9506fed4657c9700eebdbec"/);
    const sha256 = '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1';
    assert.match(answerTo(challenge('SHA-256')), new RegExp(`response="${sha256}"`));
  });

  test('answers the example of RFC 7616 §3.9.2, as corrected: SHA-512-256 and a hidden name', () => {
    const jason = { username: 'Jäsøn Doe', password: 'Secret, or not?' };
    const session = createDigestSession(jason, () => 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v');
    const field =
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, userhash=true, charset=UTF-8, ' +
      'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS"';
    session.accept(parseChallenges(field), undefined);
    const sent = session.authorize({ method: 'GET', uri: '/doe.json' }) ?? '';
    assert.match(sent, /username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"/);
    assert.match(sent, /response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"/);
    assert.match(sent, /userhash=true/);
  });

  test('takes the strongest offered algorithm, in any order', () => {
    const offered = `${challenge('MD5')}, ${challenge('SHA-256')}, Basic realm="x"`;
    assert.match(answerTo(offered), /algorithm=SHA-256/);
  });

  test('counts the uses of a nonce, and starts again at the next nonce of the server (§3.5)', () => {
    const session = createDigestSession(MUFASA, () => CNONCE);
    assert.match(answerTo(challenge('SHA-256'), session), /nc=00000001/);
    assert.match(session.authorize(target) ?? '', /nc=00000002/);
    session.learn('qop=auth, nextnonce="fresh"');
    assert.match(session.authorize(target) ?? '', /nonce="fresh".*nc=00000001/);
  });

  test('tries again after a stale nonce, and not after a refused password', () => {
    const session = createDigestSession(MUFASA, () => CNONCE);
    const sent = answerTo(challenge('SHA-256'), session);
    assert.equal(session.accept(parseChallenges(challenge('SHA-256', ', stale=true')), sent), true);
    assert.equal(session.accept(parseChallenges(challenge('SHA-256')), sent), false);
  });

  test('does not go back to a weaker algorithm (RFC 7616 §5.1)', () => {
    const session = createDigestSession(MUFASA, () => CNONCE);
    answerTo(challenge('SHA-256'), session);
    assert.equal(session.accept(parseChallenges(challenge('MD5', ', stale=true')), undefined), false);
    assert.match(session.authorize(target) ?? '', /algorithm=SHA-256/);
  });

  test('reads a challenge of a megabyte in a moment', () => {
    const long = 'x'.repeat(500_000);
    const field = `Digest realm="${'\\"'.repeat(250_000)}", nonce="${long}", algorithm=SHA-256, qop="auth"`;
    assert.match(answerTo(field), /nonce="x{500000}"/);
    parseChallenges(`Digest ${'a='.repeat(250_000)}`);
    parseChallenges(`${'Digest '.repeat(100_000)}"`);
  });

  test('does not answer a challenge of another kind, or of an unknown algorithm', () => {
    for (const field of [
      'Basic realm="x"',
      challenge('SHA-1'),
      challenge('SHA-256').replace('auth, auth-int', 'token'),
    ]) {
      const session = createDigestSession(MUFASA, () => CNONCE);
      assert.equal(session.accept(parseChallenges(field), undefined), false, field);
    }
  });

  test('protects the content where the server accepts only auth-int, and adds no qop for RFC 2069', () => {
    const withContent = { ...target, content: 'body' };
    const session = createDigestSession(MUFASA, () => CNONCE);
    session.accept(parseChallenges(challenge('SHA-256').replace('auth, auth-int', 'auth-int')), undefined);
    const [one, other] = [session.authorize(withContent), session.authorize(withContent)];
    assert.match(one ?? '', /qop=auth-int/);
    assert.notEqual(one, other);
    assert.doesNotMatch(answerTo(challenge('MD5').replace('qop="auth, auth-int", ', '')), /qop|nc=/);
  });
});
