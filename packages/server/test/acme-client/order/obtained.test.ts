// A certificate from a directory is checked before it replaces another.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientProfile, generatePrivateKey } from '@gatehouse/x509';
import { checkObtained } from '../../../src/acme-client/order/obtained.ts';
import { issueChain } from '../support/issued.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const key = generatePrivateKey('P-256');
const usual = { names: ['a.example', '*.b.example'], key, notBefore: NOW, notAfter: NOW + DAY_MS };
const wanted = { key, names: ['a.example', '*.b.example'], now: NOW };

test('accepts a chain for our key and names, and returns it with the key', () => {
  const { leaf, privateKey, certificateChain } = checkObtained(issueChain(usual), wanted);
  assert.equal(leaf.notAfter.getTime(), NOW + DAY_MS);
  assert.match(privateKey, /PRIVATE KEY/);
  assert.equal(certificateChain.match(/BEGIN CERTIFICATE/g)?.length, 2);
});

for (const [what, pem, reason] of [
  ['no certificate', 'no', /cannot be used/],
  ['another key', issueChain({ ...usual, key: generatePrivateKey('P-256') }), /it is not for our key/],
  ['fewer names', issueChain({ ...usual, names: ['a.example'] }), /it is not for \*\.b\.example/],
  [
    'one that has ended',
    issueChain({ ...usual, notBefore: NOW - DAY_MS, notAfter: NOW - 1000 }),
    /it ended at 2026-03-01T11:59:59\.000Z\. Is the clock of this machine right\?$/,
  ],
  [
    'one that is not valid yet',
    issueChain({ ...usual, notBefore: NOW + 2 * HOUR_MS, notAfter: NOW + DAY_MS }),
    /it is valid only from 2026-03-01T14:00:00\.000Z\. Is the clock of this machine right\?$/,
  ],
  ['one for clients only', issueChain({ ...usual, profile: clientProfile() }), /only for clientAuth/],
  ['a chain without end', issueChain(usual).repeat(6), /it has 12 certificates/],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(() => checkObtained(pem, wanted), reason);
  });
}
