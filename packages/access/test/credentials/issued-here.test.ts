// Our own credentials in header fields for an upstream.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnsecuredJWT } from 'jose';
import { generateApiKey } from '../../src/credentials/api-key.ts';
import { generateAppPassword } from '../../src/credentials/app-password.ts';
import { isIssuedHere } from '../../src/credentials/issued-here.ts';

const ISSUER = 'https://localhost:9443';
const ours = new UnsecuredJWT({ sub: 'alice' }).setIssuer(ISSUER).encode();
const foreign = new UnsecuredJWT({ sub: 'alice' }).setIssuer('https://issuer.example').encode();

test('finds our token in every spelling that an upstream may accept', () => {
  for (const value of [
    ours,
    `Bearer ${ours}`,
    `Bearer\t${ours}`,
    `Bearer ${ours},`,
    `Bearer ${ours} x`,
    `Bearer ${ours}, Bearer ${foreign}`,
    `Token token="${ours}"`,
    `Bearer: ${ours}`,
  ]) {
    assert.equal(isIssuedHere(value, ISSUER), true, value);
  }
});

test('finds our API key in every spelling', () => {
  const { text } = generateApiKey();
  for (const value of [text, `Bearer ${text}`, `ApiKey ${text}`, `Bearer\t${text}, x`]) {
    assert.equal(isIssuedHere(value, ISSUER), true, value);
  }
});

test('finds our API key in the base64 of Basic, and credentials for our realm in Digest', () => {
  const { text } = generateApiKey();
  const basic = (value: string) => `Basic ${Buffer.from(value).toString('base64')}`;
  for (const value of [
    basic(`robot:${text}`),
    basic(`r:${text}`).replaceAll('=', ''),
    ` basic   ${basic(`ro:${text}`).slice(6)}`,
    basic(`alice:${generateAppPassword()}`),
    'Digest username="alice", realm="gatehouse", nonce="x"',
    'digest realm = gatehouse,uri="/"',
  ]) {
    assert.equal(isIssuedHere(value, ISSUER), true, value);
  }
});

test('does not change other credentials', () => {
  for (const value of [
    '',
    'Digest username="alice", realm="elsewhere", nonce="x"',
    'Basic YTpi',
    `Bearer ${foreign}`,
    'Bearer a.b.c',
    'Bearer ..',
    '.'.repeat(16_384),
  ]) {
    assert.equal(isIssuedHere(value, ISSUER), false, value.slice(0, 100));
  }
});
