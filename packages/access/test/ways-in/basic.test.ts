// Basic (RFC 7617): the password is an API key, or a generated one for a person’s programs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateApiKey, hashSecret, packHash } from '../../src/credentials/api-key.ts';
import { generateAppPassword } from '../../src/credentials/app-password.ts';
import { digestSecret } from '../../src/credentials/digest-credentials.ts';
import type { Principal } from '../../src/principals/principal.ts';
import type { DigestFacts, KeyFacts, UserFacts } from '../../src/principals/principals.ts';
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

const ALICE: UserFacts = { roles: ['user'], disabled: false, tokenEpoch: 1 };
const APP_PASSWORD = generateAppPassword();
const digestsOf = (password: string): DigestFacts => {
  const secret = digestSecret('SHA-256', 'alice', password);
  return { 'SHA-256': secret, 'SHA-512-256': '', MD5: '' };
};

function wayFor(facts: Partial<KeyFacts> = {}) {
  const keys = new Map([[robot.id, { ...FACTS, ...facts }]]);
  const users = new Map<string, UserFacts>([['alice', ALICE]]);
  const digests = new Map<string, DigestFacts>([['alice', digestsOf(APP_PASSWORD)]]);
  const way = basicWay({ keys, services: new Map(), users, digests }, createFakeClock());
  const use = (user: string, password = robot.text, address?: string) => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const presented = presentedWith({ authorization, ...(address !== undefined && { address }) });
    return way.authenticate(way.find(presented) ?? '', presented) as Principal;
  };
  return { keys, users, digests, way, use };
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
  assert.equal(use('robot'), use('robot'), 'the same object, for later caches');
});

test('refuses another user, another key, and a password that is not a key', () => {
  const { use } = wayFor();
  for (const user of ['', 'Robot', 'admin']) {
    assert.throws(() => use(user), refusal('credential_invalid', /belongs to another service/));
  }
  assert.throws(() => use('robot', generateApiKey().text), refusal('credential_invalid', /unknown/));
  assert.throws(() => use('robot', 'hunter2'), refusal('credential_malformed'));
});

test('every use checks whether the key is revoked, replaced, expired, or from a wrong address', () => {
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

test('a person signs in only with a generated password', () => {
  const { use } = wayFor();
  const person = { kind: 'user', name: 'alice', roles: ['user'], scopes: [], amr: ['pwd'], via: 'basic' };
  assert.deepEqual(use('alice', APP_PASSWORD), person);
  assert.equal(use('alice', APP_PASSWORD), use('alice', APP_PASSWORD), 'the same object');
  const wrong = refusal('credential_invalid', /user name or the app password is wrong/);
  assert.throws(() => use('alice', generateAppPassword()), wrong);
  assert.throws(() => use('bob', APP_PASSWORD), wrong);
  assert.throws(() => use('robot', APP_PASSWORD), wrong);
  assert.throws(() => use('alice', 'ghp_'), wrong);
  assert.throws(() => use('alice', robot.text), refusal('credential_invalid', /another service/));
});

test('every use checks whether the person is disabled, removed, or has another password', () => {
  const { users, digests, use, way } = wayFor();
  const before = use('alice', APP_PASSWORD);
  const current = () => way.current(before, { certificate: undefined });
  users.set('alice', { ...ALICE, roles: ['auditor'] });
  assert.deepEqual([use('alice', APP_PASSWORD).roles, current().roles], [['auditor'], ['auditor']]);
  const changes: (() => void)[] = [
    () => users.set('alice', { ...ALICE, disabled: true }),
    () => users.delete('alice'),
    () => digests.set('alice', digestsOf(generateAppPassword())),
    () => digests.delete('alice'),
  ];
  for (const change of changes) {
    users.set('alice', ALICE);
    digests.set('alice', digestsOf(APP_PASSWORD));
    change();
    assert.throws(() => use('alice', APP_PASSWORD), refusal('credential_invalid'));
    assert.throws(current, refusal('credential_invalid'));
  }
});

test('the challenge requires UTF-8 (RFC 7617 §2.1)', () => {
  assert.equal(wayFor().way.challenge('unauthenticated'), 'Basic realm="gatehouse", charset="UTF-8"');
});
