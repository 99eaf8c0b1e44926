// The header fields that carry credentials.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  accessTokenText,
  apiKeyText,
  requireOneCredential,
  schemeValue,
} from '../../src/ways-in/header-field.ts';
import { refusal } from '../support/errors.ts';

test('a scheme in any case is accepted, with at least one space after it (RFC 9110 §11.1)', () => {
  for (const authorization of ['Basic a', 'basic a', 'BASIC   a', 'bASIC a']) {
    assert.equal(schemeValue(authorization, 'basic'), 'a');
  }
  for (const authorization of [
    undefined,
    '',
    'Basic',
    'Basic ',
    'Basic\ta',
    'Basica',
    'Basics a',
    ' Basic a',
  ]) {
    assert.equal(schemeValue(authorization, 'basic'), undefined, String(authorization));
  }
});

test('a token is sent as Bearer or DPoP, an API key in its own field or as Bearer', () => {
  const keyOf = (authorization: string) => apiKeyText({ authorization, apiKey: undefined });
  assert.equal(accessTokenText({ authorization: 'Bearer a.b.c' }), 'a.b.c');
  assert.equal(accessTokenText({ authorization: 'DPoP a.b.c' }), 'a.b.c');
  assert.equal(accessTokenText({ authorization: 'Bearer ghk_a' }), undefined);
  assert.equal(keyOf('Bearer ghk_a'), 'ghk_a');
  assert.equal(keyOf('DPoP ghk_a'), undefined);
  assert.equal(apiKeyText({ authorization: undefined, apiKey: 'x' }), 'x');
});

test('refuses two fields, other schemes, and a proof without its token', () => {
  const nothing = { authorization: undefined, apiKey: undefined, dpop: undefined };
  const check = (fields: Partial<Record<keyof typeof nothing, string>>) => () =>
    requireOneCredential({ ...nothing, ...fields });
  check({})();
  check({ apiKey: 'k' })();
  check({ authorization: 'DPoP t', dpop: 'p' })();
  for (const authorization of ['Bearer t', 'Basic b', 'Digest d', 'DPoP t']) {
    check({ authorization })();
    assert.throws(check({ authorization, apiKey: 'k' }), refusal('credential_malformed', /not both/));
  }
  for (const authorization of ['Negotiate x', 'Bearer', '']) {
    assert.throws(check({ authorization }), refusal('credential_malformed', /must be "Bearer"/));
  }
  for (const fields of [
    { dpop: 'p' },
    { dpop: 'p', authorization: 'Bearer t' },
    { dpop: 'p', apiKey: 'k' },
  ]) {
    assert.throws(check(fields), refusal('credential_malformed', /proof needs a token/));
  }
});
