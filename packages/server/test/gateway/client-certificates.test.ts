// Who a client certificate says calls, request by request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientTrust } from '../../src/gateway/client-certificates.ts';
import { createCertificateAuthenticator } from '../../src/gateway/client-certificates.ts';
import { createAuthenticator } from '../../src/identity/worker.ts';
import type { ClientCertificate } from '../../src/platform/client-certificate.ts';
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

function certificates(
  given: { issuers?: ClientTrust['issuers']; inventory?: ClientTrust['certificates'] } = {},
) {
  const { issuers = ISSUERS, inventory = new Map([['0a', { isRevoked: false }]]) } = given;
  const identity = {
    users: new Map(),
    keys: new Map(),
    services: new Map([['robot', { roles: ['user'] }]]),
  };
  const trust = { jwks: { keys: [] }, issuer: 'i', audience: 'a' };
  const authenticator = createAuthenticator(identity, trust, clock);
  return createCertificateAuthenticator({ issuers, certificates: inventory }, { authenticator, clock });
}

test('a certificate of ours is its owner, with the certificate’s serial number and thumbprint', () => {
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

test('is valid through the second that notAfter names and no longer (RFC 5280 §4.1.2.5)', () => {
  const { authenticate, current } = certificates();
  assert.equal(authenticate({ ...certificate, notAfter: clock.now() - 999 }).name, 'robot');
  const over = { ...certificate, notAfter: clock.now() - 1000 };
  assert.throws(() => authenticate(over), refusal('client_certificate_invalid', /expired/));
  assert.equal(current(over).name, 'robot', 'what began in time goes on');
});

test('refuses one that was revoked, is not in the inventory, or has another issuer, for new requests and for those that run', () => {
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
