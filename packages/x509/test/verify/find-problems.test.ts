// Lists all problems of a certificate. A certificate that `verifyCertificate` accepts has none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extendedKeyUsage } from '../../src/issue/extensions.ts';
import { findProblems } from '../../src/verify/find-problems.ts';
import type { Verification } from '../../src/verify/verify-certificate.ts';
import { AT, createForger, forge, forgeAuthority, forgeServer } from '../support/forge.ts';

const [root, middle, other] = [createForger('Root'), createForger('Middle'), createForger('Other')];
const good: Verification = {
  certificate: forgeServer(middle),
  intermediates: forgeAuthority(middle, root),
  roots: forgeAuthority(root, root),
  at: AT,
};
const codes = (change: Partial<Verification>) =>
  findProblems({ ...good, ...change }).problems.map(({ error }) => error.code);

test('a certificate that is accepted has no problem, and its path ends in the root', () => {
  const { chain, isRooted, problems } = findProblems(good);
  assert.deepEqual(
    [chain.map(({ subject }) => subject.text), isRooted, problems],
    [['', 'CN=Middle', 'CN=Root'], true, []],
  );
});

test('names each problem of the certificate and of those above it', () => {
  const at = new Date('2099-01-01T00:00:00Z');
  assert.deepEqual(codes({ at, purpose: 'clientAuth', name: 'other.example' }), [
    'certificate_expired',
    'purpose_mismatch',
    'name_mismatch',
    'certificate_expired',
    'certificate_expired',
  ]);
});

test('an issuer that is not an authority, and one for another purpose', () => {
  const leafAsIssuer = forge({ subject: middle.subject, spki: middle.signer.publicKey }, root);
  assert.deepEqual(codes({ intermediates: leafAsIssuer }), ['issuer_invalid']);
  const forClients = forgeAuthority(middle, root, { further: [extendedKeyUsage(['clientAuth'])] });
  assert.deepEqual(codes({ intermediates: forClients, purpose: 'serverAuth' }), ['purpose_mismatch']);
});

test('without a path to a root, the chain has the issuers that were found by name', () => {
  const { chain, isRooted, problems } = findProblems({ ...good, roots: forgeAuthority(other, other) });
  assert.deepEqual(
    chain.map(({ subject }) => subject.text),
    ['', 'CN=Middle'],
  );
  assert.equal(isRooted, false);
  assert.deepEqual(
    problems.map(({ error }) => error.code),
    ['issuer_unknown'],
  );
  assert.deepEqual(codes({ intermediates: [] }), ['issuer_unknown']);
});
