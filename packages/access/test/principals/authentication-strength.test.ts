// Which sign-ins satisfy which requirement, and the challenge for a stronger one (RFC 9470).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal, StepUpRequirement } from '../../src/index.ts';
import { authenticationClass, requireStrength, stepUpChallenge } from '../../src/index.ts';
import { refusal } from '../support/errors.ts';

const NOW = 1_772_366_400;
const MFA: StepUpRequirement = { level: 'mfa' };
const RESISTANT: StepUpRequirement = { level: 'phishing-resistant' };

function person(amr: string[], authTime?: number): Principal {
  const time = authTime === undefined ? {} : { authTime };
  return { kind: 'user', name: 'alice', roles: [], scopes: [], amr, via: 'bearer', ...time };
}

const robot: Principal = { ...person(['swk']), kind: 'service', via: 'apiKey' };
const certified: Principal = { ...person(['swk']), via: 'mtls' };

const insufficient = refusal('insufficient_user_authentication');
const allows = (principal: Principal, requirement: StepUpRequirement) =>
  assert.doesNotThrow(() => requireStrength(principal, requirement, NOW));
const refuses = (principal: Principal, requirement: StepUpRequirement) =>
  assert.throws(() => requireStrength(principal, requirement, NOW), insufficient);

test('mfa is two factors, or a key that a second factor unlocks (RFC 8176 §2)', () => {
  allows(person(['pwd', 'otp', 'mfa']), MFA);
  allows(person(['hwk', 'pin']), MFA);
  allows(person(['hwk', 'fpt']), MFA);
  for (const amr of [['pwd'], ['otp'], ['pwd', 'otp'], ['hwk'], ['hwk', 'user'], ['swk', 'pin'], []]) {
    refuses(person(amr), MFA);
  }
  for (const principal of [robot, certified]) refuses(principal, MFA);
});

test('phishing-resistant is a passkey or a client certificate (NIST SP 800-63B-4 §3.2.5)', () => {
  for (const principal of [person(['hwk']), person(['phr']), certified]) allows(principal, RESISTANT);
  for (const principal of [person(['pwd', 'otp', 'mfa']), person(['swk']), robot]) {
    refuses(principal, RESISTANT);
  }
});

test('a maximum age counts from auth_time; the client proves a key or a certificate each time', () => {
  const recent: StepUpRequirement = { maxAgeSeconds: 900 };
  allows(person(['pwd'], NOW - 900), recent);
  refuses(person(['pwd'], NOW - 901), recent);
  refuses(person(['pwd']), recent);
  for (const principal of [robot, certified]) allows(principal, recent);
  refuses(person(['pwd', 'otp', 'mfa'], NOW - 901), { ...MFA, ...recent });
  refuses(person(['pwd'], NOW), { ...MFA, ...recent });
  allows(person(['pwd', 'otp', 'mfa'], NOW), { ...MFA, ...recent });
});

test('the class of a sign-in is the strongest one that it satisfies', () => {
  assert.equal(authenticationClass(['pwd']), '1fa');
  assert.equal(authenticationClass(['pwd', 'otp', 'mfa']), 'mfa');
  assert.equal(authenticationClass(['hwk', 'user']), 'phr');
});

test('the challenge contains the requirement (RFC 9470 §3)', () => {
  const start = 'Bearer realm="gatehouse", error="insufficient_user_authentication"';
  assert.equal(stepUpChallenge(MFA), `${start}, acr_values="mfa"`);
  assert.equal(
    stepUpChallenge({ ...RESISTANT, maxAgeSeconds: 60 }),
    `${start}, acr_values="phr", max_age="60"`,
  );
  assert.equal(stepUpChallenge({ maxAgeSeconds: 60 }), `${start}, max_age="60"`);
  const bound = 'DPoP realm="gatehouse", error="insufficient_user_authentication", acr_values="mfa"';
  assert.equal(stepUpChallenge(MFA, 'DPoP'), bound, 'for a token that is bound to a key (RFC 9449 §7.1)');
});

test('a sign-in in the future, from before the clock was set back, has no age and is not new', () => {
  allows(person(['pwd'], NOW + 60), { maxAgeSeconds: 900 });
  refuses(person(['pwd'], NOW + 61), { maxAgeSeconds: 900 });
  refuses(person(['pwd', 'otp', 'mfa'], NOW + 86_400), { ...MFA, maxAgeSeconds: 0 });
  allows(person(['pwd', 'otp', 'mfa'], NOW + 86_400), MFA);
});
