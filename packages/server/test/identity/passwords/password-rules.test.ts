// The rules for new passwords (NIST SP 800-63B-4 §3.1.1.2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCommonPasswords } from '../../../src/identity/passwords/common-passwords.ts';
import { createPasswordRules, normalized } from '../../../src/identity/passwords/password-rules.ts';
import { refusal } from '../../support/errors.ts';

const common = createCommonPasswords(8);
const rules = createPasswordRules({ minLength: 8, minLengthAlone: 8, isCommon: common.has });
const accepts = (password: string, name = 'alice') =>
  assert.doesNotReject(rules.require(password, { name, isAlone: true }));
const refuses = (password: string, message: RegExp, name = 'alice') =>
  assert.rejects(
    rules.require(password, { name, isAlone: true }),
    refusal('unprocessable', message),
    password,
  );

test('the length counts in code points after NFKC, and no rule requires certain characters', async () => {
  await refuses('seven77', /8 to 1024 characters; this one has 7/);
  await refuses(`${'🔑'.repeat(3)}abcd`, /has 7/);
  // Each ligature becomes two letters.
  await accepts('ﬁﬀﬂﬃq');
  await refuses('e\u0301e\u0301e\u0301e\u0301abc', /has 7/);
  for (const password of [
    'lowercase words only',
    '        x        ',
    'пароль-длинный',
    '🔑🔒🔓🗝️ keys all',
  ]) {
    await accepts(password);
  }
  await refuses(`${'long '.repeat(205)}`, /this one has 1025/);
});

test('a password that is the only factor may need to be longer (NIST SP 800-63B-4 §3.1.1.2)', async () => {
  const strict = createPasswordRules({ minLength: 8, minLengthAlone: 15, isCommon: common.has });
  const require = (password: string, isAlone: boolean) =>
    strict.require(password, { name: 'alice', isAlone });
  await assert.rejects(
    require('correct horses', true),
    refusal('unprocessable', /15 to 1024 characters; .* 14/),
  );
  await assert.doesNotReject(require('correct  horses', true));
  await assert.doesNotReject(require('correct horses', false));
  await assert.rejects(require('seven77', false), refusal('unprocessable', /8 to 1024/));
});

test('refuses half of a surrogate pair (RFC 8259 §8.2)', () =>
  refuses('correct horse \ud800', /half of a surrogate pair/));

test('refuses the passwords that attackers try first, in upper and lower case', async () => {
  for (const password of ['password', 'Password1', 'QWERTYUIOP', '1234567890', 'iloveyou']) {
    await refuses(password, /common password|repeats|almost the name/);
  }
});

test('refuses the names of the user and of the service with few added characters, but not every password that contains them', async () => {
  for (const password of ['alice2026', '!!Alice!!', 'gatehouse', 'Gatehouse1!', 'alicealice', '1esuohetag']) {
    await refuses(password, /name of the user or of this service/);
  }
  await refuses('12345-6789', /name of the user/, '12345-6789');
  for (const password of ['alice likes tea', 'a gatehouse at dusk', 'correct horse']) await accepts(password);
});

test('refuses one character repeated', () => refuses('¤¤¤¤¤¤¤¤¤¤¤¤', /repeats one character/));

test('the same characters from another keyboard are the same password', () => {
  assert.equal(normalized('pa\u00dfwo\u0308rter ﬁ'), 'pa\u00dfw\u00f6rter fi');
});
