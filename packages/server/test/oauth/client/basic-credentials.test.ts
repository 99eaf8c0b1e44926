// A client's id and secret in HTTP Basic, each form-encoded (RFC 6749 §2.3.1).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basicCredentials } from '../../../src/oauth/client/basic-credentials.ts';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test('decodes what clients encode', () => {
  assert.deepEqual(basicCredentials(basic('id:secret')), { id: 'id', secret: 'secret' });
  assert.deepEqual(basicCredentials(basic('a%3Ab+c:x%25:y')), { id: 'a:b c', secret: 'x%:y' });
});

test('refuses octets that are not UTF-8, because replaced ones would make different secrets equal', () => {
  for (const octet of [0xe4, 0xf6]) {
    const encoded = Buffer.from([...Buffer.from('id:secret-'), octet]).toString('base64');
    assert.throws(() => basicCredentials(`Basic ${encoded}`), { error: 'invalid_request' });
  }
});

test('refuses anything else', () => {
  for (const text of [
    '',
    'Basic',
    'Basic !',
    'Bearer x',
    basic('no-colon'),
    basic(':secret'),
    basic('a:%zz'),
  ]) {
    assert.throws(() => basicCredentials(text), { error: 'invalid_request' }, text);
  }
});
