import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { newRecoveryCodes, recoveryCodeHash } from '../../../src/identity/factors/recovery-codes.ts';

test('ten codes of 120 bits, in groups of four (NIST SP 800-63B-4 §3.1.2)', () => {
  const codes = newRecoveryCodes(randomBytes);
  assert.equal(new Set(codes).size, 10);
  for (const code of codes) assert.match(code, /^[a-z2-7]{4}(?:-[a-z2-7]{4}){5}$/);
});

test('spaces and capitals do not change a code, and other texts are no code', () => {
  const [code = ''] = newRecoveryCodes(randomBytes);
  const expected = recoveryCodeHash(code);
  assert.match(expected ?? '', /^[\w-]{43}$/);
  assert.ok(!code.includes(expected ?? ''));
  for (const text of [
    code.toUpperCase(),
    code.replaceAll('-', ''),
    code.replaceAll('-', ' '),
    ` ${code}\n`,
  ]) {
    assert.equal(recoveryCodeHash(text), expected);
  }
  for (const text of ['', code.slice(1), `${code}a`, code.replace(/./, '1'), '123456']) {
    assert.equal(recoveryCodeHash(text), undefined, text);
  }
});
