// Basic (RFC 7617): the password is an API key.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateApiKey, hashSecret, packHash } from '../../src/credentials/api-key.ts';
import type { Principal } from '../../src/principals/principal.ts';
import type { KeyFacts } from '../../src/principals/principals.ts';
import { basicWay } from '../../src/ways-in/basic.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { presentedWith } from '../support/presented.ts';

const robot = generateApiKey();
const FACTS: KeyFacts = {
  name: 'robot',
  roles: ['user'],
  secretHash: packHash(hashSecret(robot.secret)),
  expiresAt: null,
};

function wayFor(facts: Partial<KeyFacts> = {}) {
  const keys = new Map([[robot.id, { ...FACTS, ...facts }]]);
  const way = basicWay({ keys, services: new Map() }, createFakeClock());
  const use = (user: string, password = robot.text, address?: string) => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const presented = presentedWith({ authorization, ...(address !== undefined && { address }) });
    return way.authenticate(way.find(presented) ?? '', presented) as Principal;
  };
  return { keys, way, use };
}

test('the user is the service of the key, or the id of the key', () => {
  const { use } = wayFor();
  for (const user of ['robot', robot.id]) {
    assert.deepEqual(use(user), {
      kind: 'service',
      name: 'robot',
      roles: ['user'],
      scopes: [],
      amr: ['swk'],
      via: 'basic',
      keyId: robot.id,
    });
  }
  assert.equal(use('robot'), use('robot'), 'the same object, for the caches behind');
});

test('refuses another user, another key, and a password that is no key', () => {
  const { use } = wayFor();
  for (const user of ['', 'Robot', 'admin']) {
    assert.throws(() => use(user), refusal('credential_invalid', /belongs to another service/));
  }
  assert.throws(() => use('robot', generateApiKey().text), refusal('credential_invalid', /unknown/));
  assert.throws(() => use('robot', 'hunter2'), refusal('credential_malformed'));
});

test('every use checks the key: revoked, replaced, expired, or from elsewhere', () => {
  const { keys, use, way } = wayFor();
  const before = use('robot');
  keys.set(robot.id, { ...FACTS, roles: ['admin'] });
  assert.deepEqual(use('robot').roles, ['admin']);
  assert.deepEqual(way.current(before, { certificate: undefined }).roles, ['admin']);
  keys.set(robot.id, { ...FACTS, expiresAt: 1 });
  assert.throws(() => use('robot'), refusal('credential_invalid', /expired/));
  keys.set(robot.id, { ...FACTS, addresses: ['10.0.0.0/8'] });
  assert.throws(() => use('robot'), refusal('credential_invalid', /from this address/));
  assert.equal(use('robot', robot.text, '10.1.2.3').name, 'robot');
  keys.delete(robot.id);
  assert.throws(() => use('robot'), refusal('credential_invalid', /revoked/));
  assert.throws(() => way.current(before, { certificate: undefined }), refusal('credential_invalid'));
});

test('the challenge asks for UTF-8 (RFC 7617 §2.1)', () => {
  assert.equal(wayFor().way.challenge('unauthenticated'), 'Basic realm="gatehouse", charset="UTF-8"');
});
