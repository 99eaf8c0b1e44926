// The credentials of Basic (RFC 7617 §2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBasicCredentials } from '../../src/credentials/basic-credentials.ts';
import { refusal } from '../support/errors.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64');

test('reads the examples of the standard (§2, §2.1)', () => {
  assert.deepEqual(parseBasicCredentials('QWxhZGRpbjpvcGVuIHNlc2FtZQ=='), {
    user: 'Aladdin',
    password: 'open sesame',
  });
  assert.deepEqual(parseBasicCredentials('dGVzdDoxMjPCow=='), { user: 'test', password: '123£' });
});

test('the first colon ends the user name, so a password may contain colons', () => {
  assert.deepEqual(parseBasicCredentials(encoded(':a:b')), { user: '', password: 'a:b' });
  assert.deepEqual(parseBasicCredentials(encoded('a:')), { user: 'a', password: '' });
});

test('accepts base64 without padding', () => {
  assert.equal(parseBasicCredentials('QWxhZGRpbjpvcGVuIHNlc2FtZQ').user, 'Aladdin');
});

test('refuses text that is not base64 or UTF-8, has a control character or no colon, or is too long', () => {
  const latin1 = Buffer.from('test:123£', 'latin1').toString('base64');
  for (const value of [
    '',
    '=',
    'a b',
    'QWxh-ZGRp',
    latin1,
    encoded('a:b\0'),
    encoded('a:b\n'),
    encoded('a'),
  ]) {
    assert.throws(() => parseBasicCredentials(value), refusal('credential_malformed'), value);
  }
  assert.throws(
    () => parseBasicCredentials(encoded(`a:${'b'.repeat(1024)}`)),
    refusal('credential_malformed'),
  );
});
