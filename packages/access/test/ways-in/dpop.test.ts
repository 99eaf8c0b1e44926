// Tokens that are bound to a key (RFC 9449 §7) or to a client certificate (RFC 8705 §3), at the way in
// bearer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientCertificate } from '../../src/credentials/client-certificate.ts';
import { GatehouseError } from '../../src/errors/errors.ts';
import type { AuthenticationMethod, Principal } from '../../src/principals/principal.ts';
import type { DpopTrust } from '../../src/ways-in/dpop.ts';
import type { Presented } from '../../src/ways-in/way-in.ts';
import { createWaysIn } from '../../src/ways-in/ways-in.ts';
import { createTestClaims, DIGEST, DPOP, SIGNATURES } from '../support/claims.ts';
import { createDpopClient } from '../support/dpop-client.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { presentedWith } from '../support/presented.ts';
import { createTestTokenIssuer } from '../support/token-issuer.ts';

const ISSUER = 'https://localhost:9443';
const AUDIENCE = 'https://localhost:8443';
const THUMBPRINT = 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2';
const KEY = Uint8Array.of(1);

const clock = createFakeClock();
const issuer = await createTestTokenIssuer();
const client = await createDpopClient(clock.now);

function tokenFor(cnf: unknown): Promise<string> {
  const now = clock.now() / 1000;
  const dates = { iat: now, exp: now + 900 };
  return issuer.sign({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'alice',
    amr: ['pwd'],
    token_epoch: 1,
    cnf,
    ...dates,
  });
}

const certificate: ClientCertificate = {
  serialNumber: '0a',
  issuerKeyId: 'aa',
  isSignedBy: (spki) => spki === KEY,
  notAfter: clock.now() + 60_000,
  owner: { kind: 'service', name: 'robot' },
  thumbprint: THUMBPRINT,
};

function setUp(inventory = new Map([['0a', { isRevoked: false }]]), dpop: DpopTrust = DPOP) {
  const claims = createTestClaims();
  const ways = createWaysIn({
    principals: {
      users: new Map([['alice', { roles: ['user'], disabled: false, tokenEpoch: 1 }]]),
      services: new Map([['robot', { roles: ['user'] }]]),
      keys: new Map(),
      digests: new Map(),
      sessions: new Map(),
      endedSignIns: new Map(),
      clients: new Map(),
      revocations: new Map(),
    },
    trust: { issuers: new Map([['aa', { spki: KEY, isRevoked: false }]]), certificates: inventory },
    tokens: { jwks: issuer.jwks, issuer: ISSUER, audience: AUDIENCE },
    digest: DIGEST,
    dpop,
    signatures: SIGNATURES,
    claims,
    clock,
  });
  const accept: readonly AuthenticationMethod[] = ['bearer', 'mtls'];
  const identify = async (presented: Partial<Presented>): Promise<Principal> =>
    ways.identify(presentedWith(presented), accept);
  return { claims, ways, identify };
}

const bound = await tokenFor({ jkt: client.thumbprint });
const authorization = `DPoP ${bound}`;

test('a token that is bound to a key is accepted with a proof, and amr shows that the client proved the key', async () => {
  const { identify, claims, ways } = setUp();
  const principal = await identify({ authorization, dpop: await client.prove(bound) });
  assert.deepEqual(
    [principal.name, principal.via, principal.amr, principal.keyThumbprint],
    ['alice', 'bearer', ['pwd', 'pop'], client.thumbprint],
  );
  assert.equal(await identify({ authorization, dpop: await client.prove(bound) }), principal);
  assert.equal(claims.claimed.length, 2);
  assert.deepEqual(ways.current(principal, { certificate: undefined }), principal);
});

test('every use needs a new proof: a proof that was used in any process is refused', async () => {
  const { identify, claims } = setUp();
  const dpop = await client.prove(bound);
  await identify({ authorization, dpop });
  await assert.rejects(identify({ authorization, dpop }), refusal('dpop_proof_invalid', /used before/));
  await assert.rejects(identify({ authorization }), refusal('dpop_proof_invalid', /needs a proof/));
  claims.answer = 'full';
  const another = await client.prove(bound);
  await assert.rejects(identify({ authorization, dpop: another }), refusal('unavailable'));
  claims.answer = new GatehouseError('unavailable', 'silent');
  await assert.rejects(identify({ authorization, dpop: another }), refusal('unavailable', /silent/));
});

test('a proof of another key or for another token is refused and not claimed', async () => {
  const { identify, claims } = setUp();
  const stranger = await createDpopClient(clock.now);
  const refused = refusal('dpop_proof_invalid', /another key|another token/);
  await assert.rejects(identify({ authorization, dpop: await stranger.prove(bound) }), refused);
  await assert.rejects(identify({ authorization, dpop: await client.prove('a.b.c') }), refused);
  assert.deepEqual(claims.claimed, []);
});

test('a proof for another server is refused, with any Host, unless the route names the host', async () => {
  const { identify } = setUp();
  const htu = 'https://evil.example/notes';
  const request = { ...presentedWith().request, host: 'evil.example' };
  const dpop = await client.prove(bound, { htu });
  await assert.rejects(
    identify({ authorization, dpop, request }),
    refusal('dpop_proof_invalid', /Use the URL of this server: https:\/\/localhost:8443/),
  );
  assert.equal(
    (await identify({ authorization, dpop, request: { ...request, isOwnHost: true } })).name,
    'alice',
  );
});

test('a bound token is not a bearer token, and a bearer token must have no proof (RFC 9449 §7.2)', async () => {
  const { identify } = setUp();
  await assert.rejects(
    identify({ authorization: `Bearer ${bound}` }),
    refusal('credential_invalid', /bound to a key: send it as "Authorization: DPoP/),
  );
  const plain = await tokenFor(undefined);
  await assert.rejects(
    identify({ authorization: `DPoP ${plain}`, dpop: await client.prove(plain) }),
    refusal('credential_invalid', /not bound to a key/),
  );
});

test('refuses an unknown confirmation, because otherwise anyone could use the token (RFC 7800 §3.1)', async () => {
  const { identify } = setUp();
  for (const cnf of [
    {},
    null,
    'text',
    [],
    { kid: 'k' },
    { jwk: client.jwk },
    { jkt: 7 },
    { jkt: 'short' },
    { 'x5t#S256': null },
    { jkt: client.thumbprint, 'x5t#S256': 'short' },
  ]) {
    const token = await tokenFor(cnf);
    const refused = refusal('credential_invalid');
    await assert.rejects(identify({ authorization: `Bearer ${token}` }), refused, JSON.stringify(cnf));
    await assert.rejects(
      identify({ authorization: `DPoP ${token}`, dpop: await client.prove(token) }),
      refused,
      JSON.stringify(cnf),
    );
  }
});

test('a token that is bound to a certificate is accepted on a connection with that certificate (RFC 8705 §3)', async () => {
  const { identify } = setUp();
  const token = await tokenFor({ 'x5t#S256': THUMBPRINT });
  const mutual = `Bearer ${token}`;
  const principal = await identify({ authorization: mutual, certificate: { certificate } });
  assert.deepEqual(
    [principal.name, principal.via, principal.amr, principal.certificateThumbprint],
    ['alice', 'bearer', ['pwd', 'pop'], THUMBPRINT],
  );
  const other = { ...certificate, thumbprint: 'other' };
  for (const presented of [
    undefined,
    { certificate: other },
    { flaw: 'The client certificate has expired.' },
  ]) {
    await assert.rejects(
      identify({ authorization: mutual, certificate: presented }),
      refusal('credential_invalid', /bound to a client certificate/),
    );
  }
});

test('a token is refused if its certificate was revoked, or is not in the inventory', async () => {
  const token = await tokenFor({ 'x5t#S256': THUMBPRINT });
  for (const inventory of [new Map([['0a', { isRevoked: true }]]), new Map()]) {
    const { identify } = setUp(inventory);
    await assert.rejects(
      identify({ authorization: `Bearer ${token}`, certificate: { certificate } }),
      refusal('client_certificate_invalid'),
    );
  }
});

test('a token may be bound to both, and then needs both', async () => {
  const { identify } = setUp();
  const token = await tokenFor({ jkt: client.thumbprint, 'x5t#S256': THUMBPRINT });
  const both = { authorization: `DPoP ${token}`, certificate: { certificate } };
  assert.equal((await identify({ ...both, dpop: await client.prove(token) })).name, 'alice');
  await assert.rejects(identify(both), refusal('dpop_proof_invalid'));
  await assert.rejects(
    identify({ authorization: `DPoP ${token}`, dpop: await client.prove(token) }),
    refusal('credential_invalid'),
  );
});

test('the challenge has the algorithms, and the error of the proof (RFC 9449 §7.1)', () => {
  const { ways } = setUp();
  assert.match(
    ways.challenge('unauthenticated'),
    /^Bearer realm="gatehouse", DPoP algs="ES256 EdDSA RS256 PS256"/,
  );
  assert.match(
    ways.challenge('dpop_proof_invalid'),
    /^Bearer realm="gatehouse", DPoP algs="[^"]+", error="invalid_dpop_proof"/,
  );
});

const PROVEN = new Map([['0a', { isRevoked: false }]]);

test('if nonces are required, a proof without one or with an old one gets use_dpop_nonce (RFC 9449 §9)', async () => {
  const { identify, ways, claims } = setUp(PROVEN, { ...DPOP, requireNonce: true });
  const required = refusal('dpop_nonce_required');
  await assert.rejects(identify({ authorization, dpop: await client.prove(bound) }), required);
  await assert.rejects(
    identify({ authorization, dpop: await client.prove(bound, { nonce: 'old' }) }),
    required,
  );
  assert.match(
    ways.challenge('dpop_nonce_required', ['bearer']),
    /^DPoP algs="[^"]+", error="use_dpop_nonce"$/,
  );
  const dpop = await client.prove(bound, { nonce: ways.dpopNonce() });
  assert.equal((await identify({ authorization, dpop })).name, 'alice');
  await assert.rejects(identify({ authorization, dpop }), refusal('dpop_proof_invalid', /used before/));
  assert.equal(claims.claimed.length, 2, 'a proof without the nonce is not claimed');
});

test('if the clock was set back, a proof needs a nonce of this server, and is accepted with it', async () => {
  const { identify, ways, claims } = setUp();
  claims.answer = 'forgotten';
  await assert.rejects(
    identify({ authorization, dpop: await client.prove(bound) }),
    refusal('dpop_nonce_required'),
  );
  assert.equal(ways.dpopNonce(), undefined, 'usually none is needed');
  const dpop = await client.prove(bound, { nonce: ways.dpopNonce(true) });
  claims.answer = undefined;
  assert.equal((await identify({ authorization, dpop })).name, 'alice');
  assert.deepEqual(
    claims.claimed.map(({ run }) => run),
    [undefined, DPOP.run],
  );
  claims.answer = 'forgotten';
  const another = await client.prove(bound, { nonce: ways.dpopNonce(true) });
  await assert.rejects(identify({ authorization, dpop: another }), refusal('unavailable', /set back/));
});

test('a nonce does not make a wrong key valid, and a nonce that is not a string is malformed', async () => {
  const { identify, ways } = setUp(PROVEN, { ...DPOP, requireNonce: true });
  const stranger = await createDpopClient(clock.now);
  const dpop = await stranger.prove(bound, { nonce: ways.dpopNonce() });
  await assert.rejects(identify({ authorization, dpop }), refusal('dpop_proof_invalid', /another key/));
  const odd = await client.prove(bound, { nonce: 7 });
  await assert.rejects(identify({ authorization, dpop: odd }), refusal('dpop_proof_invalid', /not a text/));
});

test("if nonces are not required, none is offered, and other servers' nonces do not matter", async () => {
  const { identify, ways } = setUp();
  assert.equal(ways.dpopNonce(), undefined);
  const dpop = await client.prove(bound, { nonce: 'of the token endpoint' });
  assert.equal((await identify({ authorization, dpop })).name, 'alice');
});

test('a proof from before the start of the server is refused, because it may have been used then', async () => {
  const now = Math.floor(clock.now() / 1000);
  const { identify } = setUp(PROVEN, { ...DPOP, notBefore: now });
  const before = await client.prove(bound, { iat: now - 1 });
  await assert.rejects(
    identify({ authorization, dpop: before }),
    refusal('dpop_proof_invalid', /from before the last start/),
  );
  assert.equal((await identify({ authorization, dpop: await client.prove(bound) })).name, 'alice');
});

test('a claim has the caller, whose claims are limited, and the time of the proof', async () => {
  const { identify, claims } = setUp();
  const iat = Math.floor(clock.now() / 1000) + 20;
  await identify({ authorization, dpop: await client.prove(bound, { iat }) });
  const [{ party, madeAt, expiresAt } = {}] = claims.claimed;
  assert.deepEqual([party, madeAt, expiresAt], ['alice', iat * 1000, (iat + 61) * 1000]);
});
