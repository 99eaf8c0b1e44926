// The strength of a sign-in at a provider.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { methodsOf } from '../../../src/identity/providers/provider-methods.ts';

const trusted = { trustFactors: true, acrLevels: { gold: 'mfa' } } as const;

test('without trust, a sign-in is one factor, even if the provider names others', () => {
  const claims = { amr: ['mfa', 'hwk', 'phr'], acr: 'phr' };
  assert.deepEqual(methodsOf(claims, { trustFactors: false, acrLevels: {} }), ['fed']);
});

test('with trust, the methods of RFC 8176 count, and no others', () => {
  assert.deepEqual(methodsOf({ amr: ['pwd', 'otp', 'mfa', 'x', 7, null] }, trusted), [
    'fed',
    'pwd',
    'otp',
    'mfa',
  ]);
  assert.deepEqual(methodsOf({ amr: 'mfa' }, trusted), ['fed'], 'a text is no list');
});

test('with trust, classes count: those of the standard and those of the settings', () => {
  assert.deepEqual(methodsOf({ acr: 'mfa' }, trusted), ['fed', 'mfa']);
  assert.deepEqual(methodsOf({ acr: 'gold' }, trusted), ['fed', 'mfa']);
  assert.deepEqual(methodsOf({ acr: 'phrh' }, trusted), ['fed', 'phr']);
  for (const acr of ['1', 'constructor', '__proto__', 7, undefined, ['mfa']]) {
    assert.deepEqual(methodsOf({ acr }, trusted), ['fed'], String(acr));
  }
});
