// The principal of a client certificate, checked for each request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientCertificate } from '../../src/credentials/client-certificate.ts';
import type { Principal } from '../../src/principals/principal.ts';
import type { UserFacts } from '../../src/principals/principals.ts';
import type { ClientTrust } from '../../src/ways-in/mtls.ts';
import { mtlsWay } from '../../src/ways-in/mtls.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const KEY = Uint8Array.of(1);
const ISSUERS = new Map([['aa', { spki: KEY, isRevoked: false }]]);

const clock = createFakeClock();
const certificate: ClientCertificate = {
  serialNumber: '0a',
  issuerKeyId: 'aa',
  isSignedBy: (spki) => spki === KEY,
  notAfter: clock.now(),
  owner: { kind: 'service', name: 'robot' },
  thumbprint: 'x5t',
};

/** The certificate's state for an earlier request. */
const BEFORE: Principal = { kind: 'service', name: 'robot', roles: [], scopes: [], amr: [], via: 'mtls' };
const ALICE: UserFacts = { roles: ['admin'], disabled: false, tokenEpoch: 1 };

interface Given {
  issuers?: ClientTrust['issuers'];
  inventory?: ClientTrust['certificates'];
  alice?: UserFacts;
}

function certificates(given: Given = {}) {
  const { issuers = ISSUERS, inventory = new Map([['0a', { isRevoked: false }]]), alice = ALICE } = given;
  const principals = {
    users: new Map([['alice', alice]]),
    services: new Map([['robot', { roles: ['user'] }]]),
  };
  const way = mtlsWay({ issuers, certificates: inventory }, principals, clock);
  const current = (presented: ClientCertificate) =>
    way.current(BEFORE, { certificate: { certificate: presented } });
  return {
    authenticate: (presented: ClientCertificate) => way.authenticate({ certificate: presented }),
    current,
    isRevoked: (presented: ClientCertificate) => way.isRevoked({ certificate: presented }),
    way,
  };
}

test('a certificate identifies its owner, and the principal has its serial number and thumbprint', () => {
  assert.deepEqual(certificates().authenticate(certificate), {
    kind: 'service',
    name: 'robot',
    roles: ['user'],
    scopes: [],
    amr: ['swk'],
    via: 'mtls',
    certificateSerial: '0a',
    certificateThumbprint: 'x5t',
  });
});

test('returns the same principal object for a connection, until the facts of the owner are replaced', () => {
  const services = new Map([['robot', { roles: ['user'] }]]);
  const trust = { issuers: ISSUERS, certificates: new Map([['0a', { isRevoked: false }]]) };
  const way = mtlsWay(trust, { users: new Map(), services }, clock);
  const first = way.authenticate({ certificate });
  assert.equal(way.authenticate({ certificate }), first);
  services.set('robot', { roles: ['admin'] });
  assert.deepEqual(way.authenticate({ certificate }).roles, ['admin']);
  services.delete('robot');
  assert.throws(() => way.authenticate({ certificate }), refusal('client_certificate_invalid', /removed/));
});

test('is valid until the end of the second in notAfter (RFC 5280 §4.1.2.5)', () => {
  const { authenticate, current } = certificates();
  assert.equal(authenticate({ ...certificate, notAfter: clock.now() - 999 }).name, 'robot');
  const over = { ...certificate, notAfter: clock.now() - 1000 };
  assert.throws(() => authenticate(over), refusal('client_certificate_invalid', /expired/));
  assert.equal(current(over).name, 'robot', 'a request that began in time continues');
});

test('refuses a certificate that was revoked, is not in the inventory or has another issuer, for new and for running requests', () => {
  const revoked = certificates({ inventory: new Map([['0a', { isRevoked: true }]]) });
  const orphaned = certificates({ issuers: new Map([['aa', { spki: KEY, isRevoked: true }]]) });
  const foreign = certificates({ issuers: new Map([['bb', { spki: KEY, isRevoked: false }]]) });
  const uninventoried = certificates({ inventory: new Map() });
  for (const [{ authenticate, current }, reason] of [
    [revoked, /was revoked/],
    [uninventoried, /not in the inventory/],
    [foreign, /not issued here/],
    [orphaned, /authority that was revoked/],
  ] as const) {
    assert.throws(() => authenticate(certificate), refusal('client_certificate_invalid', reason));
    assert.throws(() => current(certificate), refusal('client_certificate_invalid', reason));
  }
  assert.equal(revoked.isRevoked(certificate), true);
  assert.equal(foreign.isRevoked(certificate), false);
});

test('refuses a certificate that TLS did not verify, with its flaw', () => {
  const { way } = certificates();
  const flawed = { flaw: 'The client certificate was not issued here.' };
  assert.throws(() => way.authenticate(flawed), refusal('client_certificate_invalid', /not issued here/));
  assert.equal(way.isRevoked(flawed), false);
  assert.equal(way.isRevoked(undefined), false);
});

test('the owner is a user or a service, with the current roles', () => {
  const owner = { kind: 'user', name: 'alice' } as const;
  const { kind, name, roles } = certificates().authenticate({ ...certificate, owner });
  assert.deepEqual([kind, name, roles], ['user', 'alice', ['admin']]);
});

test('refuses a certificate if its owner was removed, is disabled, or is of the other kind', () => {
  const { authenticate } = certificates({ alice: { ...ALICE, disabled: true } });
  for (const owner of [
    { kind: 'user', name: 'alice' },
    { kind: 'user', name: 'robot' },
    { kind: 'service', name: 'alice' },
    { kind: 'service', name: 'other' },
    { kind: 'service', name: '__proto__' },
  ] as const) {
    const use = () => authenticate({ ...certificate, owner });
    assert.throws(use, refusal('client_certificate_invalid', /removed or disabled/));
  }
});
