// Sign-in of a person by the client: in a browser with PKCE and a loopback redirect (RFC 7636, RFC 8252, RFC
// 9207), and on another device (RFC 8628), at our own server and at oidc-provider, with refresh, DPoP (RFC
// 9449) and resource indicators (RFC 8707).
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import {
  type BrowserGrant,
  client,
  cookies,
  type DeviceCode,
  type HttpClient,
  oauth2,
  signIn,
  signOut,
  tokenFile,
  trust,
} from '@gatehouse/client';
import { claimsOf, oauthAt } from './support/oauth-client.ts';
import { RESOURCE, startOidcProvider } from './support/oidc-provider.ts';
import { createPerson } from './support/person.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-client-oauth-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = () => join(folder, `tokens-${++files}.json`);

describe('the client and oidc-provider', async () => {
  const provider = await startOidcProvider();
  after(() => provider.close());
  const { issuer, clientId } = provider;
  const scope = 'openid offline_access read';

  /** A browser that follows all redirects. */
  async function browse(url: URL): Promise<void> {
    const browser = client().with(cookies());
    await browser.get(url).text();
    await browser.close();
  }

  /** Types the code, and presses the buttons of all forms. */
  async function enter({ verificationUriComplete }: DeviceCode): Promise<void> {
    const browser = client({ baseUrl: issuer }).with(cookies());
    let page = await browser.get(String(verificationUriComplete)).text();
    for (let step = 0; step < 5; step += 1) {
      const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
      if (action === undefined) break;
      const fields = [...page.matchAll(/<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)];
      const form = Object.fromEntries(fields.map(([, name, value]) => [name, value]));
      page = await browser.post(action, { form }).text();
    }
    await browser.close();
  }

  function open(t: TestContext): HttpClient {
    const http = client();
    t.after(() => http.close());
    return http;
  }

  it('signs in in a browser, for one service, and keeps the tokens in a file of its owner', async (t) => {
    const file = newFile();
    const grant = { issuer, clientId, scope, resource: RESOURCE, open: browse, store: tokenFile(file) };
    const tokens = await signIn(open(t), grant);
    assert.equal(claimsOf(tokens.accessToken).aud, RESOURCE);
    assert.equal(claimsOf(tokens.idToken).sub, 'ada');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(tokens)));
  });

  it('signs in on another device', async (t) => {
    const waits: number[] = [];
    const tools = { wait: async (ms: number) => waits.push(ms) };
    const tokens = await signIn(open(t), { issuer, clientId, scope, show: enter }, { tools });
    assert.deepEqual(waits, [5000], 'five seconds, if the server does not say how long (RFC 8628 §3.2)');
    assert.equal(claimsOf(tokens.accessToken).sub, 'ada');
  });

  it('ends if the code is not typed in its lifetime', async (t) => {
    let now = 0;
    const tools = {
      date: () => now,
      wait: async (ms: number) => {
        now += 100 * ms;
      },
    };
    const grant = { issuer, clientId, scope, show: () => {} };
    await assert.rejects(signIn(open(t), grant, { tools }), { code: 'timeout', message: /begin again/ });
  });

  it('signs out: the server ends the tokens, and the store removes them', async (t) => {
    const store = tokenFile(newFile());
    const grant = { issuer, clientId, scope, store };
    const before = await signIn(open(t), { ...grant, open: browse });
    await signOut(open(t), grant);
    assert.equal(await store.read(), undefined);
    await store.write({ ...before, expiresAt: Date.now() });
    const asked: string[] = [];
    const again = { ...grant, open: () => void asked.push('browser'), timeoutSeconds: 1 };
    const calling = open(t).with(oauth2.authorizationCode(again));
    await assert.rejects(calling.get('http://127.0.0.1:9/').text(), { code: 'timeout' });
    assert.deepEqual(asked, ['browser'], 'the refresh token is worth nothing');
  });

  it('starts no browser with an address that is not a web page', async () => {
    const elsewhere = async (input: string | URL | Request, init?: object) => {
      const response = await fetch(input as string, init);
      if (!String(input).includes('/.well-known/')) return response;
      const metadata = (await response.json()) as object;
      return Response.json({ ...metadata, authorization_endpoint: 'file:///etc/passwd' });
    };
    const grant = { issuer, clientId, scope, open: () => assert.fail('a browser is started') };
    await assert.rejects(signIn(elsewhere as never, grant), { code: 'auth', message: /begin with https/ });
  });

  it('refreshes a token before it expires, and the next refresh token replaces the last', async (t) => {
    const store = tokenFile(newFile());
    const first = await signIn(open(t), { issuer, clientId, scope, open: browse, store });
    const seen = await service(t, () => 200);
    const refuse = () => assert.fail('no sign-in is needed');
    const later = () => Date.now() + 24 * 3_600_000;
    const calling = open(t).with(
      oauth2.authorizationCode({ issuer, clientId, scope, open: refuse, store }, { date: later }),
    );
    await calling.get(seen.url).text();
    const second = await store.read();
    assert.notEqual(second?.refreshToken, first.refreshToken);
    assert.deepEqual(seen.authorizations, [`Bearer ${second?.accessToken}`]);
  });

  it('refreshes once for 100 requests that were refused at the same time', async (t) => {
    const store = tokenFile(newFile());
    const { accessToken } = await signIn(open(t), { issuer, clientId, scope, open: browse, store });
    const seen = await service(t, (authorization) => (authorization === `Bearer ${accessToken}` ? 401 : 200));
    provider.grants.length = 0;
    const grant = { issuer, clientId, scope, open: () => assert.fail('no sign-in is needed'), store };
    const calling = open(t).with(oauth2.authorizationCode(grant));
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async () => (await calling.get(seen.url)).status),
    );
    assert.deepEqual(new Set(statuses), new Set([200]));
    assert.deepEqual(provider.grants, ['refresh_token']);
  });

  it('two programs that share a file refresh once', async (t) => {
    const file = newFile();
    await signIn(open(t), { issuer, clientId, scope, open: browse, store: tokenFile(file) });
    const seen = await service(t, () => 200);
    const stored = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...stored, expiresAt: Date.now() }));
    provider.grants.length = 0;
    const refuse = () => assert.fail('no sign-in is needed');
    const grant = { issuer, clientId, scope, open: refuse };
    const programs = [1, 2].map(() =>
      open(t).with(oauth2.authorizationCode({ ...grant, store: tokenFile(file) })),
    );
    await Promise.all(programs.map((program) => program.get(seen.url).text()));
    assert.deepEqual(provider.grants, ['refresh_token']);
  });

  it('signs in again if the refresh token is no longer accepted', async (t) => {
    const store = tokenFile(newFile());
    const tokens = await signIn(open(t), { issuer, clientId, scope, open: browse, store });
    await store.write({ ...tokens, refreshToken: 'not-one', expiresAt: Date.now() });
    const seen = await service(t, () => 200);
    const calling = open(t).with(oauth2.authorizationCode({ issuer, clientId, scope, open: browse, store }));
    await calling.get(seen.url).text();
    assert.equal(claimsOf((await store.read())?.accessToken).sub, 'ada');
  });

  it('binds tokens to a key that is stored with them, with nonces of the server (RFC 9449)', async (t) => {
    const store = tokenFile(newFile());
    const grant = { issuer, clientId, scope, dpop: true, open: browse, store };
    await signIn(open(t), grant);
    const tokens = await store.read();
    assert.ok((claimsOf(tokens?.accessToken).cnf as { jkt?: string }).jkt);
    await store.write({ ...tokens, expiresAt: Date.now() } as never);
    const seen = await service(t, () => 200);
    await open(t).with(oauth2.authorizationCode(grant)).get(seen.url).text();
    const [authorization = ''] = seen.authorizations;
    const [proof = ''] = seen.proofs;
    assert.match(authorization, /^DPoP /);
    assert.equal(claimsOf(proof).htu, `${new URL(seen.url).href}`);
  });

  for (const [what, change] of [
    ['another state', (answer: URL) => answer.searchParams.set('state', 'x')],
    ['another issuer (RFC 9207)', (answer: URL) => answer.searchParams.set('iss', 'https://other.example')],
    ['an error', (answer: URL) => answer.searchParams.set('error', 'access_denied')],
  ] as const) {
    it(`refuses an answer with ${what}`, async (t) => {
      /** Does not follow the last redirect, and changes it. */
      const lie = async (url: URL) => {
        const browser = client().with(cookies());
        t.after(() => browser.close());
        for (let next = url; ; ) {
          const response = await browser.get(next, { redirect: 'manual' });
          await response.text();
          next = new URL(response.headers.get('location') ?? '', next);
          if (next.pathname !== '/callback') continue;
          change(next);
          await browser.get(next);
          return;
        }
      };
      const grant: BrowserGrant = { issuer, clientId, scope, open: lie, timeoutSeconds: 1 };
      await assert.rejects(signIn(open(t), grant), { name: 'ClientError', code: /^(?:auth|timeout)$/ });
    });
  }
});

/** A service that answers with `status`, and records the credentials. */
async function service(t: TestContext, status: (authorization: string) => number) {
  const authorizations: string[] = [];
  const proofs: string[] = [];
  const server = createServer(({ headers }, response) => {
    const { authorization = '', dpop } = headers;
    authorizations.push(authorization);
    proofs.push(String(dpop));
    response.writeHead(status(authorization)).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, authorizations, proofs };
}

describe('the client and our own server', async () => {
  const upstream = await startRecordingUpstream();
  const server = await startServer({ upstream: upstream.origin });
  after(() => Promise.all([server.stop(), upstream.close()]));
  const { issuer, gateway, register } = oauthAt(server);
  const user = await server.createUser(['user']);
  const person = createPerson(server, user);
  const scope = 'openid offline_access';
  const registered = await register({
    grants: ['authorization_code', 'device_code'],
    authMethod: 'none',
    applicationType: 'native',
    redirectUris: ['http://127.0.0.1/callback'],
  });
  const clientId = registered.client_id;

  function open(t: TestContext): HttpClient {
    const http = client().with(trust({ ca: server.ca }));
    t.after(() => http.close());
    return http;
  }

  /** Signs in on the page, and returns. */
  async function browse(url: URL): Promise<void> {
    const back = await person.goThrough(url.href);
    const browser = client();
    await browser.get(back).text();
    await browser.close();
  }

  for (const dpop of [false, true]) {
    it(`signs in in a browser, and calls the gateway${dpop ? ' with a token that is bound to a key' : ''}`, async (t) => {
      const grant = { issuer, clientId, scope, dpop, resource: gateway, open: browse, origin: gateway };
      const calling = open(t).with(oauth2.authorizationCode(grant));
      assert.equal((await calling.get(`${gateway}/notes`)).status, 200);
      assert.equal((await calling.get(`${gateway}/others`)).status, 200);
    });
  }

  it('signs in on another device, and calls the gateway', async (t) => {
    const show = async ({ userCode }: DeviceCode) => {
      let shown = await person.submit(await person.open('/device'), { user_code: userCode });
      shown = await person.submit(shown, {});
      for (;;) {
        const text = shown.answer?.text() ?? '';
        if (text.includes('name="password"'))
          shown = await person.submit(shown, { username: user.name, password: user.password });
        else if (text.includes('value="allow"')) shown = await person.submit(shown, { decision: 'allow' });
        else return;
      }
    };
    const grant = { issuer, clientId, scope, show, origin: gateway };
    const calling = open(t).with(oauth2.device(grant, { wait: async () => {} }));
    assert.equal((await calling.get(`${gateway}/notes`)).status, 200);
  });
});
