// The facts that an upstream gets about its caller: one signed header and the forwarding fields, which only
// the gateway sends. Fields of a client with these names are removed, and its credential is not forwarded.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { JSONWebKeySet } from 'jose';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { ask } from './support/https-client.ts';
import { connectRaw } from './support/raw-client.ts';
import { startServer } from './support/server-under-test.ts';
import type { RecordedRequest } from './support/upstreams.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({
  upstream: upstream.origin,
  set: [
    'gateway.routes=[{"path":"/public/*","access":"public"},{"path":"/keys-only","accept":["apiKey"]},{"path":"/*"}]',
  ],
});
const { key, name: keyName } = await server.createKey(['admin', 'auditor']);
const user = await server.createUser(['user']);
const token = await signIn(user);
after(() => Promise.all([server.stop(), upstream.close()]));

async function signIn({ name, password }: { name: string; password: string }): Promise<string> {
  const answer = await ask({
    port: server.controlPort,
    ca: server.ca,
    method: 'POST',
    path: '/auth/login',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: name, password }),
  });
  return String(answer.json().access_token);
}

/** Sends these header lines unchanged and returns the request that reached the upstream. */
async function reached(target: string, lines: string[]): Promise<RecordedRequest> {
  const client = await connectRaw(server);
  client.write(`GET ${target} HTTP/1.1\r\nHost: localhost:${server.port}\r\n${lines.join('\r\n')}\r\n\r\n`);
  const { status, body } = await client.response();
  client.destroy();
  assert.equal(status, 200, body.toString());
  const request = upstream.requests.find(({ url }) => url === target);
  assert.ok(request);
  return request;
}

function names({ rawHeaders }: RecordedRequest): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
}

const CREDENTIAL = `X-API-Key: ${key}`;

describe('headers from outside', { concurrency: true }, () => {
  const STRIPPED: Record<string, string[]> = {
    'forwarding fields (RFC 7239 §8.1)': [
      'X-Forwarded-For',
      'X.Forwarded.For',
      'X-Original-Forwarded-For',
      'X-Forwarded-Host',
      'X-Forwarded-Proto',
      'X-Forwarded-Port',
      'X-Forwarded-Prefix',
      'X-Forwarded-Server',
      'X-Forwarded-User',
      'X-Forwarded-Email',
      'X-Forwarded-Groups',
      'X-Forwarded-Access-Token',
      'X-Forwarded-Uri',
      'X-Forwarded',
      'Forwarded',
      'Forwarded-For',
      'X-Real-IP',
      'X-Client-IP',
      'X-Cluster-Client-IP',
      'True-Client-IP',
      'CF-Connecting-IP',
    ],
    'client certificates and identities (RFC 9440 §4)': [
      'X-Client-Cert',
      'X-Client-Certificate',
      'X-Client-Cert-Chain',
      'Client-Cert',
      'Client-Cert-Chain',
      'X-Forwarded-Client-Cert',
      'X-SSL-Client-Cert',
      'X-SSL-Client-Verify',
      'SSL-Client-Cert',
      'Gatehouse-Assertion',
      'Gatehouse-Subject',
      'X-Gatehouse-User',
      'Remote-User',
      'X-Remote-User',
      'X-Auth-User',
      'X-Auth-Request-User',
      'X-Authenticated-User',
      'X-WebAuth-User',
      'X-User',
    ],
    'other methods and targets': [
      'X-HTTP-Method-Override',
      'X-HTTP-Method',
      'X-Method-Override',
      'X-Original-URL',
      'X-Original-Method',
      'X-Original-URI',
      'X-Rewrite-URL',
    ],
    'a proxy for CGI programs': ['Proxy'],
  };
  for (const [index, [kind, stripped]] of Object.entries(STRIPPED).entries()) {
    it(`cannot give the upstream ${kind}`, async () => {
      const lines = stripped.flatMap((name) => [`${name}: forged`, `${name.toUpperCase()}: forged`]);
      const request = await reached(`/stripped-${index}`, [CREDENTIAL, ...lines]);
      assert.ok(!request.rawHeaders.some((value) => value.includes('forged')), request.rawHeaders.join('\n'));
    });
  }

  it('cannot reach the upstream as underscore twins', async () => {
    const twins = [
      'X_Forwarded_For',
      'Gatehouse_Assertion',
      'X_Client_Cert',
      'x_api_key',
      'Content_Length',
      'X_Any',
    ];
    const request = await reached('/twins', [CREDENTIAL, ...twins.map((name) => `${name}: 1`)]);
    assert.deepEqual(
      names(request).filter((name) => name.includes('_')),
      [],
    );
  });

  it('cannot remove ours by naming them in Connection (RFC 9110 §7.6.1)', async () => {
    const ours = [
      'X-Forwarded-For',
      'X-Forwarded-Proto',
      'X-Forwarded-Host',
      'Gatehouse-Assertion',
      'X-Request-Id',
    ];
    const request = await reached('/nominated', [
      CREDENTIAL,
      `Connection: ${ours.join(', ')}`,
      'Connection: Via',
    ]);
    for (const name of ours) assert.ok(names(request).includes(name.toLowerCase()), name);
  });

  it('are replaced by the facts of the connection (RFC 7239 §4)', async () => {
    const request = await reached('/facts', [
      CREDENTIAL,
      'X-Forwarded-For: 1.2.3.4',
      'Forwarded: for=1.2.3.4',
    ]);
    assert.equal(request.headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(request.headers['x-forwarded-proto'], 'https');
    assert.equal(request.headers['x-forwarded-host'], `localhost:${server.port}`);
    assert.equal(request.headers.forwarded, undefined);
    assert.equal(request.headers.host, new URL(upstream.origin).host);
    for (const name of new Set(names(request))) {
      assert.equal(names(request).filter((other) => other === name).length, 1, `${name} stands twice`);
    }
  });

  it('that the gateway does not know pass unchanged (RFC 9110 §5.1)', async () => {
    const request = await reached('/passing', [
      CREDENTIAL,
      'X-Custom: a',
      'Cookie: a=b',
      'Accept: */*',
      'X-Odd: !#$%&',
    ]);
    assert.equal(request.headers['x-custom'], 'a');
    assert.equal(request.headers.cookie, 'a=b');
    assert.equal(request.headers['x-odd'], '!#$%&');
  });
});

describe('credentials', { concurrency: true }, () => {
  it('never reach the upstream of an authenticated route', async () => {
    const byKey = await reached('/by-key', [CREDENTIAL]);
    const byToken = await reached('/by-token', [`Authorization: bEaReR ${token}`]);
    for (const { rawHeaders } of [byKey, byToken]) {
      assert.ok(!rawHeaders.some((value) => value.includes(key) || value.includes(token)));
    }
  });

  it('of ours never reach the upstream of a public route either; others may be for the upstream', async () => {
    const ours = await reached('/public/ours', [CREDENTIAL]);
    assert.equal(ours.headers['x-api-key'], undefined);
    assert.equal(subjectOf(ours), keyName);
    const theirs = await reached('/public/theirs', ['Authorization: Basic eDp5']);
    assert.equal(theirs.headers.authorization, 'Basic eDp5');
    assert.equal(theirs.headers['gatehouse-assertion'], undefined);
  });

  it('of ours never reach it in another form, nor together with another one', async () => {
    const basic = 'Authorization: Basic eDp5';
    const both = await reached('/public/key-and-basic', [CREDENTIAL, basic]);
    assert.deepEqual([both.headers['x-api-key'], both.headers.authorization], [undefined, 'Basic eDp5']);
    const cases = {
      '/public/key-as-bearer': [`Authorization: Bearer ${key}`],
      '/public/key-and-token': [CREDENTIAL, `Authorization: Bearer ${token}`],
      '/public/spoilt-token': [`Authorization: Bearer ${token.slice(0, -4)}AAAA`],
      '/public/other-scheme': [`Authorization: DPoP ${token}`],
    };
    for (const [path, lines] of Object.entries(cases)) {
      const { headers } = await reached(path, lines);
      assert.deepEqual([headers['x-api-key'], headers.authorization], [undefined, undefined], path);
    }
    const foreign = 'Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL290aGVyIn0.';
    const { headers } = await reached('/public/foreign-token', [`Authorization: ${foreign}`]);
    assert.equal(headers.authorization, foreign);
  });

  it('are refused when there are two, or one that the route does not accept', async () => {
    const refused: [string, Record<string, string>][] = [
      ['/two', { authorization: `Bearer ${token}`, 'x-api-key': key }],
      ['/keys-only', { authorization: `Bearer ${token}` }],
      ['/basic', { authorization: 'Basic eDp5' }],
    ];
    for (const [path, headers] of refused) {
      assert.equal((await ask({ ...server, path, headers })).status, 401, path);
      assert.deepEqual(upstream.saw(path), []);
    }
  });

  it('are not read from the query or from cookies (RFC 6750 §5.3)', async () => {
    const path = `/in-query?access_token=${token}&api_key=${key}`;
    assert.equal((await ask({ ...server, path, headers: { cookie: `token=${token}` } })).status, 401);
  });
});

describe('Gatehouse-Assertion', { concurrency: true }, () => {
  async function verified(request: RecordedRequest) {
    const answer = await ask({
      port: server.controlPort,
      ca: server.ca,
      path: '/.well-known/gatehouse-assertion-jwks.json',
    });
    const keys = createLocalJWKSet(answer.json() as unknown as JSONWebKeySet);
    return jwtVerify(String(request.headers['gatehouse-assertion']), keys, {
      typ: 'gatehouse-assertion+jwt',
      algorithms: ['ES256'],
      audience: upstream.origin,
      issuer: `https://localhost:${server.controlPort}`,
    });
  }

  it('identifies the caller with an API key, signed and for one minute (RFC 7519 §4.1)', async () => {
    const { payload } = await verified(await reached('/assertion-key', [CREDENTIAL]));
    assert.equal(payload.sub, keyName);
    assert.deepEqual(payload.roles, ['admin', 'auditor']);
    assert.deepEqual(payload.amr, ['swk']);
    assert.equal(payload.route, '3:/*');
    assert.equal(Number(payload.exp) - Number(payload.iat), 60);
    assert.ok(Math.abs(Number(payload.iat) - Date.now() / 1000) < 35);
  });

  it('identifies a user who signed in with a password (RFC 8176 §2)', async () => {
    const { payload } = await verified(await reached('/assertion-token', [`Authorization: Bearer ${token}`]));
    assert.equal(payload.sub, user.name);
    assert.deepEqual(payload.roles, ['user']);
    assert.deepEqual(payload.amr, ['pwd']);
  });

  it('has its own key and type, so that it is never accepted as an access token (RFC 8725 §3.11, §3.12)', async () => {
    const request = await reached('/assertion-type', [CREDENTIAL]);
    const assertion = String(request.headers['gatehouse-assertion']);
    const header = decodeProtectedHeader(assertion);
    assert.equal(header.typ, 'gatehouse-assertion+jwt');
    assert.notEqual(header.kid, decodeProtectedHeader(token).kid);
    const replayed = await ask({
      ...server,
      path: '/replayed',
      headers: { authorization: `Bearer ${assertion}` },
    });
    assert.equal(replayed.status, 401);
  });

  it('names the matched route', async () => {
    const request = await reached('/keys-only', [CREDENTIAL]);
    assert.equal(decodeJwt(String(request.headers['gatehouse-assertion'])).route, '2:/keys-only');
  });

  it('is not sent for an anonymous request', async () => {
    const request = await reached('/public/anonymous', ['Gatehouse-Assertion: forged']);
    assert.equal(request.headers['gatehouse-assertion'], undefined);
  });
});

function subjectOf({ headers }: RecordedRequest): string | undefined {
  return decodeJwt(String(headers['gatehouse-assertion'])).sub;
}
