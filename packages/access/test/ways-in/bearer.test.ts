// Access tokens of OAuth clients: tokens of services, and reasons that make a token void.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../src/principals/principal.ts';
import type { ClientFacts, ServiceFacts, UserFacts } from '../../src/principals/principals.ts';
import { bearerWay } from '../../src/ways-in/bearer.ts';
import { createProofRedeemer } from '../../src/ways-in/dpop.ts';
import { createTestClaims, DPOP } from '../support/claims.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { presentedWith } from '../support/presented.ts';
import { createTestTokenIssuer } from '../support/token-issuer.ts';

const ISSUER = 'https://localhost:9443';
const AUDIENCE = 'https://localhost:8443';
const clock = createFakeClock();
const issuer = await createTestTokenIssuer();

function setUp() {
  const known = {
    users: new Map<string, UserFacts>([['alice', { roles: ['user'], disabled: false, tokenEpoch: 41 }]]),
    services: new Map<string, ServiceFacts>([['robot', { roles: ['backup'] }]]),
    clients: new Map<string, ClientFacts>([
      ['c1', { service: 'robot', disabled: false, epoch: 7 }],
      ['c2', { service: null, disabled: false, epoch: 8 }],
    ]),
    revocations: new Map<string, number>(),
    endedSignIns: new Map(),
  };
  const trust = { jwks: issuer.jwks, issuer: ISSUER, audience: AUDIENCE };
  const proofs = createProofRedeemer({ claims: createTestClaims(), tokens: trust, trust: DPOP, clock });
  const way = bearerWay({ principals: known, trust, proofs, requireCertificate() {}, clock });
  const use = (token: string) => {
    const authorization = `Bearer ${token}`;
    return way.authenticate(authorization, presentedWith({ authorization })) as Principal;
  };
  return { known, way, use };
}

function sign(claims: Record<string, unknown>): Promise<string> {
  const now = clock.now() / 1000;
  return issuer.sign({ iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 900, ...claims });
}

const ofService = { sub: 'robot', client_id: 'c1', client_epoch: 7, scope: 'notes:read' };
const ofUser = { sub: 'alice', client_id: 'c2', client_epoch: 8, token_epoch: 41, grant_id: 'g1', jti: 't1' };
const revoked = refusal('credential_invalid', /was revoked/);

test('a token without an epoch belongs to the service of its client, with the current roles', async () => {
  const { known, use } = setUp();
  const token = await sign(ofService);
  const { kind, name, roles, scopes, tokenEpoch } = use(token);
  assert.deepEqual(
    [kind, name, roles, scopes, tokenEpoch],
    ['service', 'robot', ['backup'], ['notes:read'], undefined],
  );
  known.services.set('robot', { roles: ['user'] });
  assert.deepEqual(use(token).roles, ['user']);
});

test('refuses a token for another service than that of its client', async () => {
  const { known, use } = setUp();
  known.services.set('other', { roles: ['admin'] });
  assert.throws(() => use('x'), refusal('credential_invalid'));
  const token = await sign({ ...ofService, sub: 'other' });
  assert.throws(() => use(token), revoked);
  const ofNobody = await sign({ ...ofService, client_id: 'c2', client_epoch: 8 });
  assert.throws(() => use(ofNobody), revoked);
});

test('a token is void if its client is disabled, removed, or has another epoch, also if it was used before', async () => {
  for (const change of [
    { service: 'robot', disabled: true, epoch: 7 },
    { service: 'robot', disabled: false, epoch: 9 },
    undefined,
  ]) {
    const { known, way, use } = setUp();
    const token = await sign(ofService);
    const principal = use(token);
    if (change) known.clients.set('c1', change);
    else known.clients.delete('c1');
    assert.throws(() => use(token), revoked);
    assert.throws(() => way.current(principal, { certificate: undefined }), revoked);
  }
});

test('a token is void if its id or grant was revoked, and its running requests end', async () => {
  for (const id of ['t1', 'g1']) {
    const { known, way, use } = setUp();
    const token = await sign(ofUser);
    const principal = use(token);
    assert.deepEqual([principal.kind, principal.name], ['user', 'alice']);
    known.revocations.set(id, 1);
    assert.throws(() => use(token), revoked);
    assert.throws(() => way.current(principal, { certificate: undefined }), revoked);
  }
});

test('the token of a disabled service is void', async () => {
  const { known, use } = setUp();
  const token = await sign(ofService);
  known.services.set('robot', { roles: ['backup'], disabled: true });
  assert.throws(() => use(token), revoked);
});

test('a token for a person is void while the service of its client is disabled', async () => {
  const { known, use } = setUp();
  const token = await sign({ ...ofUser, client_id: 'c1', client_epoch: 7 });
  assert.equal(use(token).name, 'alice');
  known.services.set('robot', { roles: ['backup'], disabled: true });
  assert.throws(() => use(token), revoked);
});

test('the principal has the party that acts for a person', async () => {
  const { use } = setUp();
  const token = await sign({ ...ofUser, act: { sub: 'robot' } });
  assert.equal(use(token).tokenOrigin?.actor, 'robot');
});
