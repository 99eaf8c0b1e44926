// Sign-in of people at the gateway through the page of the control listener: cookies for each host only (RFC
// 6265bis), one-time codes bound to one browser, and attacks by other sites (RFC 9700 §4.7, §4.11).
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { issue } from '../support/certificates.ts';
import { createCookieJar, hiddenField } from '../support/cookie-jar.ts';
import { ask } from '../support/https-client.ts';
import { without, withoutPython } from '../support/programs.ts';
import { startServer } from '../support/server-under-test.ts';
import type { TransportName } from '../support/transports.ts';
import { onTransport, TRANSPORTS } from '../support/transports.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const ROUTES = [
  { path: '/app/*', accept: ['session', 'apiKey'], allow: { roles: ['user'] } },
  { path: '/api/*', accept: ['apiKey'] },
  { path: '/strong', accept: ['session'], allow: { roles: ['user'] }, require: 'mfa' },
  { path: '/open', access: 'public' },
  { path: '/basic/*', accept: ['basic'] },
  { path: '/mtls/*', accept: ['mtls'] },
];

async function startWorld(transport: TransportName) {
  const upstream = await startRecordingUpstream();
  const server = await startServer({
    upstream: upstream.origin,
    set: [...onTransport(transport), `gateway.routes=${JSON.stringify(ROUTES)}`],
  });
  const gateway = `https://localhost:${server.port}`;
  const control = `https://localhost:${server.controlPort}`;
  const user = await server.createUser(['user']);
  const jar = () => createCookieJar(server.ca);
  const credentials = { username: user.name, password: user.password };
  /** A browser that has signed in on its way to `path`. */
  async function signedIn(path = '/app/first') {
    const browser = jar();
    const page = await browser.visit(gateway + path);
    const next = hiddenField(page.text(), 'next');
    const last = await browser.visit(`${control}/login`, { form: { ...credentials, next } });
    return { ...browser, last };
  }
  async function stop() {
    await server.stop();
    await upstream.close();
  }
  return { transport, upstream, server, gateway, control, user, credentials, jar, signedIn, stop };
}

type World = Awaited<ReturnType<typeof startWorld>>;

const worlds = await Promise.all(TRANSPORTS.map(startWorld));
after(() => Promise.all(worlds.map(({ stop }) => stop())));

for (const world of worlds) {
  const { transport, upstream, server, gateway, control, user, credentials, jar, signedIn } = world;

  describe(`a person in front of a browser, transport ${transport}`, () => {
    it('signs in on the way to a page, and comes back to it with its query', async () => {
      const browser = jar();
      const page = await browser.visit(`${gateway}/app/notes?page=2`);
      assert.deepEqual([page.status, page.url.origin, page.url.pathname], [200, control, '/login']);
      assert.match(page.text(), new RegExp(`to continue to <strong>localhost:${server.port}</strong>`));
      const next = hiddenField(page.text(), 'next');
      const { status, url } = await browser.visit(`${control}/login`, { form: { ...credentials, next } });
      assert.deepEqual([status, url.href], [200, `${gateway}/app/notes?page=2`]);
      const [request] = upstream.saw('/app/notes?page=2');
      const [, claims = ''] = String(request?.headers['gatehouse-assertion']).split('.');
      assert.equal(JSON.parse(Buffer.from(claims, 'base64url').toString()).sub, user.name);
    });

    it('is not asked again on any page of the gateway', async () => {
      const browser = await signedIn();
      for (const path of ['/app/second', '/app/third?x=%2F']) {
        const { status, url } = await browser.visit(gateway + path);
        assert.deepEqual([status, url.href], [200, gateway + path]);
      }
    });

    it('none of our cookies reaches the upstream, and the upstream cannot set them', async () => {
      const browser = await signedIn();
      browser.cookies.set('theme', 'dark');
      upstream.on('/app/cookies', (_request, response) => {
        response.setHeader('set-cookie', ['lang=en', '__Host-gatehouse=evil; Secure; Path=/']);
        response.end();
      });
      const answer = await browser.visit(`${gateway}/app/cookies`);
      assert.deepEqual(answer.headers['set-cookie'], ['lang=en']);
      assert.equal(upstream.saw('/app/cookies')[0]?.headers.cookie, 'theme=dark');
      await browser.visit(`${gateway}/open?cookies`);
      assert.equal(upstream.saw('/open?cookies')[0]?.headers.cookie, 'theme=dark; lang=en');
    });

    it('signs out at the gateway, and then everywhere', async () => {
      const browser = await signedIn();
      const page = await browser.visit(`${gateway}/.gatehouse/logout`);
      assert.match(page.text(), /You are signed out of <strong>localhost/);
      assert.equal(browser.cookies.has('__Host-gatehouse'), false);
      assert.equal(
        (await browser.visit(`${gateway}/app/x`)).status,
        200,
        'still signed in at the control listener',
      );
      await browser.visit(`${control}/logout`, { form: {} });
      assert.equal((await browser.visit(`${gateway}/app/x`)).url.pathname, '/login');
    });
  });

  describe(`scripts and programs, transport ${transport}`, () => {
    it('get 401 instead of a redirect', async () => {
      const asked: Record<string, string>[] = [
        { accept: '*/*' },
        { accept: 'application/json', 'sec-fetch-mode': 'cors' },
        { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' },
      ];
      for (const headers of asked) {
        const answer = await ask({ ...server, path: '/app/x', headers });
        assert.equal(answer.status, 401, JSON.stringify(headers));
        assert.equal(answer.headers['content-type'], 'application/problem+json');
      }
    });

    it('a page that accepts only keys never redirects to the sign-in page', async () => {
      const { status, url } = await (await signedIn()).visit(`${gateway}/api/x`);
      assert.deepEqual([status, url.href], [401, `${gateway}/api/x`]);
    });

    it('a script of the page can act, a page of another site cannot (cross-site request forgery)', async () => {
      const { cookies } = await signedIn();
      const cookie = `__Host-gatehouse=${cookies.get('__Host-gatehouse')}`;
      const { key } = await server.createKey(['admin']);
      const post = (headers: Record<string, string>) =>
        ask({ ...server, path: '/app/act', method: 'POST', headers: { cookie, ...headers } });
      assert.equal((await post({ origin: 'https://evil.example' })).status, 403);
      assert.equal((await post({ 'sec-fetch-site': 'same-site' })).status, 403);
      assert.deepEqual(upstream.saw('/app/act'), []);
      assert.equal((await post({})).status, 200, 'a program, which sends neither');
      assert.equal((await post({ origin: gateway })).status, 200);
      assert.equal(
        (await post({ 'x-api-key': key, origin: 'https://evil.example' })).status,
        403,
        'of another role',
      );
    });
  });

  describe(`attacks, transport ${transport}`, () => {
    it('the cookie of one listener is not accepted by the other', async () => {
      const { cookies } = await signedIn();
      const [own, controlOwn] = [cookies.get('__Host-gatehouse'), cookies.get('__Host-gatehouse-session')];
      assert.ok(own && controlOwn);
      const swapped = jar();
      swapped.cookies.set('__Host-gatehouse', controlOwn);
      swapped.cookies.set('__Host-gatehouse-session', own);
      assert.equal((await swapped.visit(`${gateway}/app/x`)).url.pathname, '/login');
      assert.equal((await swapped.visit(`${control}/account`)).url.pathname, '/login');
    });

    it('a one-time code of another browser cannot sign in (login CSRF)', async () => {
      const attacker = jar();
      const page = await attacker.visit(`${gateway}/app/x`);
      const next = hiddenField(page.text(), 'next');
      const planted = await attacker.visit(`${control}/login`, { form: { ...credentials, next }, follow: 2 });
      assert.equal(planted.url.pathname, '/.gatehouse/callback');
      const victim = jar();
      await victim.visit(`${gateway}/app/x`);
      // The attacker's browser has already used it. Another code is still unused.
      const start = await attacker.visit(`${gateway}/.gatehouse/logout`, { follow: 0 });
      assert.equal(start.status, 303);
      const unused = await attacker.visit(`${gateway}/app/x`, { follow: 1 });
      const callback = String(unused.headers.location);
      assert.match(callback, /\.gatehouse\/callback\?code=/);
      const { status, url } = await victim.visit(callback);
      assert.deepEqual([status, url.pathname], [400, '/login/failed']);
      assert.equal(victim.cookies.has('__Host-gatehouse'), false);
    });

    it('a one-time code works once', async () => {
      const browser = await signedIn();
      await browser.visit(`${gateway}/.gatehouse/logout`, { follow: 0 });
      const { headers } = await browser.visit(`${gateway}/app/x`, { follow: 1 });
      const state = browser.cookies.get('__Host-gatehouse-state') ?? '';
      assert.equal((await browser.visit(String(headers.location))).status, 200);
      browser.cookies.set('__Host-gatehouse-state', state);
      assert.equal((await browser.visit(String(headers.location))).url.pathname, '/login/failed');
    });

    it('a cookie that was planted before the sign-in is not adopted (session fixation)', async () => {
      const browser = jar();
      const planted = 'p'.repeat(43);
      for (const name of ['__Host-gatehouse', '__Host-gatehouse-session']) browser.cookies.set(name, planted);
      const page = await browser.visit(`${gateway}/app/x`);
      const next = hiddenField(page.text(), 'next');
      await browser.visit(`${control}/login`, { form: { ...credentials, next } });
      for (const name of ['__Host-gatehouse', '__Host-gatehouse-session']) {
        assert.notEqual(browser.cookies.get(name), planted, name);
      }
    });

    it('no link leads from the sign-in to another site (open redirect)', async () => {
      for (const next of [
        '//evil.example/',
        'https://evil.example/',
        '/\\evil.example',
        '/%5cevil.example/..//x',
      ]) {
        const { headers } = await jar().visit(`${control}/login`, {
          form: { ...credentials, next },
          follow: 0,
        });
        const { host } = new URL(String(headers.location), control);
        assert.equal(host, `localhost:${server.controlPort}`, next);
      }
      const browser = await signedIn();
      const query = new URLSearchParams({ host: 'evil.example', state: 's'.repeat(43), path: '/' });
      const { status } = await browser.visit(`${control}/login/gateway?${query}`);
      assert.equal(status, 400);
      const failed = await browser.visit(`${control}/login/failed?host=evil.example&path=/`);
      assert.doesNotMatch(failed.text(), /href="https:\/\/evil/);
    });

    it('a form of another site can neither sign in nor sign out', async () => {
      const browser = await signedIn();
      const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      for (const path of ['/login', '/logout', '/account/sessions/end-others']) {
        const { status } = await browser.visit(`${control}${path}`, { form: credentials, headers });
        assert.ok(status === 403 || status === 422, `${path} ${status}`);
      }
      assert.equal((await browser.visit(`${control}/account`)).url.pathname, '/account');
    });
  });

  describe(`the end of a session, transport ${transport}`, () => {
    it('an administrator sees sessions and ends one everywhere, before the answer', async () => {
      const browser = await signedIn();
      const sessions = (await server.admin('GET', `/admin/sessions?user=${user.name}`)) as unknown as {
        id: string;
        host: string | null;
      }[];
      const latest = sessions.find(({ host }) => host === null);
      await server.admin('DELETE', `/admin/sessions/${latest?.id}`);
      assert.equal((await browser.visit(`${gateway}/app/x`)).url.pathname, '/login');
    });

    it('a user who is disabled, or gets another password, is signed out at once', async () => {
      const browser = await signedIn();
      await server.admin('PUT', `/admin/users/${user.name}/disabled`, { disabled: true });
      const answer = await browser.visit(`${gateway}/app/x`);
      assert.equal(answer.url.pathname, '/login');
      await server.admin('PUT', `/admin/users/${user.name}/disabled`, { disabled: false });
      assert.equal((await browser.visit(`${gateway}/app/x`)).url.pathname, '/login');
    });
  });
}

const [world] = worlds;
assert.ok(world);

describe('a route that requires a second factor', () => {
  const { server, gateway, control } = world;

  it('explains the requirement to a person who has no second factor', async () => {
    const { last } = await world.signedIn('/strong');
    assert.equal(last.status, 403);
    assert.match(last.text(), /A stronger sign-in is needed/);
  });

  it('asks a person who signed in with a password for the code, which works once', {
    skip: without('oathtool'),
  }, async () => {
    const { name, password } = await server.createUser(['user']);
    const { secret } = await server.admin('POST', `/admin/users/${name}/totp`, undefined);
    const code = () =>
      spawnSync('oathtool', ['--totp', '--base32', '-'], { input: String(secret) })
        .stdout.toString()
        .trim();
    const browser = createCookieJar(server.ca);
    const page = await browser.visit(`${gateway}/strong`);
    const next = hiddenField(page.text(), 'next');
    const second = await browser.visit(`${control}/login`, { form: { username: name, password, next } });
    assert.match(second.text(), /Second step/);
    const form = Object.fromEntries(
      ['next', 'token', 'methods'].map((field) => [field, hiddenField(second.text(), field)]),
    );
    const wrong = await browser.visit(`${control}/login/code`, { form: { ...form, code: '000000' } });
    assert.match(wrong.text(), /role="alert"/);
    const used = code();
    const { status, url } = await browser.visit(`${control}/login/code`, { form: { ...form, code: used } });
    assert.deepEqual([status, url.href], [200, `${gateway}/strong`]);
    const other = createCookieJar(server.ca);
    const again = await other.visit(`${control}/login`, { form: { username: name, password } });
    const token = hiddenField(again.text(), 'token');
    const replayed = await other.visit(`${control}/login/code`, { form: { token, code: used } });
    assert.equal(replayed.status, 401);
  });
});

it('every cookie stays under 4 KB, with the longest names, paths and parameters (RFC 6265 §6.1)', async () => {
  const [{ server, gateway, control }] = worlds as [World];
  const name = `a${'b'.repeat(63)}`;
  const password = 'correct horse battery staple';
  await server.admin('POST', '/admin/users', { name, password, roles: ['user'] });
  const redirectUri = `https://shop.example/${'c'.repeat(2000)}`;
  const client = await server.admin('POST', '/admin/clients', {
    name: `d${'e'.repeat(63)}`,
    grants: ['authorization_code'],
    redirectUris: [redirectUri],
    scopes: Array.from({ length: 32 }, (_, index) => `${'f'.repeat(100)}${index}`),
  });
  const browser = createCookieJar(server.ca);
  for (const path of [
    `/app/${'g'.repeat(1490)}`,
    `/app/${'h'.repeat(6000)}`,
    `/app/x?${'%69'.repeat(490)}`,
  ]) {
    const page = await browser.visit(gateway + path);
    if (page.url.pathname !== '/login') continue;
    const next = hiddenField(page.text(), 'next');
    await browser.visit(`${control}/login`, { form: { username: name, password, next } });
  }
  const request = new URLSearchParams({
    client_id: String(client.client_id),
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    state: 'j'.repeat(2000),
    nonce: 'k'.repeat(2000),
    code_challenge: 'l'.repeat(43),
    code_challenge_method: 'S256',
  });
  // Several tabs at once.
  for (let tab = 0; tab < 5; tab += 1) {
    const consent = await browser.visit(`${control}/oauth/authorize?${request}`);
    assert.match(consent.text(), /value="allow"/);
    if (tab === 4) await browser.visit(consent.url.href, { form: { decision: 'allow' }, follow: 1 });
  }
  const names = new Set(browser.set.map((line) => line.slice(0, line.indexOf('='))));
  for (const prefix of ['__Host-gatehouse', '__Host-gatehouse-session', '__Host-gatehouse-oauth']) {
    assert.ok(names.has(prefix), prefix);
  }
  for (const line of browser.set) assert.ok(line.length < 512, `${line.length} octets: ${line.slice(0, 80)}`);
  // Ports share cookies, so one request may have all of them.
  const all = [...browser.cookies].map(([each, value]) => `${each}=${value}`).join('; ');
  assert.ok(all.length < 4096, `${all.length} octets`);
});

describe('Python’s requests', { skip: withoutPython(['requests'], 'python3-requests') }, () => {
  it('signs in at /login, and reads and acts at the gateway with its cookies', async () => {
    const { gateway, control, server, credentials } = world;
    const program = `
import json, sys, requests
given = json.load(sys.stdin)
with requests.Session() as session:
    session.trust_env = False
    session.verify = given["ca"]
    session.post(given["control"] + "/login", data=given["credentials"]).raise_for_status()
    account = session.get(given["control"] + "/account")
    page = session.get(given["gateway"] + "/app/python")
    act = session.post(given["gateway"] + "/app/python", data={"name": "value"})
    print(json.dumps([account.status_code, "My account" in account.text, page.status_code, page.url, page.text, act.text]))
`;
    const ca = server.running.ready.rootCertificate;
    const python = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
    python.stdin.end(JSON.stringify({ gateway, control, ca, credentials }));
    assert.deepEqual(JSON.parse(await text(python.stdout)), [
      200,
      true,
      200,
      `${gateway}/app/python`,
      'reached GET /app/python',
      'reached POST /app/python',
    ]);
  });
});

describe('Python’s urllib', { skip: withoutPython(['urllib.request'], 'python3') }, () => {
  it('sends queries, forms, headers and files, and uses one opener each for cookies, Basic and certificates', async () => {
    const { gateway, control, server, upstream, credentials } = world;
    const ca = server.running.ready.rootCertificate;
    const [robot, { certFile, keyFile }] = [
      await server.createKey(['user', 'admin']),
      await issue(server.data, 'urllib'),
    ];
    const program = `
import http.cookiejar, json, ssl, sys, urllib.error, urllib.parse, urllib.request as r
given = json.load(sys.stdin)
trusting = lambda: ssl.create_default_context(cafile=given["ca"])
def opener(*more, context=None):
    return r.build_opener(r.ProxyHandler({}), r.HTTPSHandler(context=context or trusting()), *more)
def read(open_, url, **more):
    with open_.open(r.Request(url, **more)) as answer:
        return answer.read().decode()
gateway, key = given["gateway"], {"X-Api-Key": given["key"]}
plain = opener()
results = [read(plain, gateway + "/api/found?" + urllib.parse.urlencode({"q": "gate house", "page": 2}), headers=key)]
form = urllib.parse.urlencode({"title": "Notes"}).encode()
results.append(read(plain, gateway + "/api/form", data=form, headers={**key, "X-Own": "mine"}))
results.append(read(plain, gateway + "/api/file", data=b"content of a file", method="PUT", headers={**key, "Content-Type": "text/plain"}))
try:
    read(plain, gateway + "/api/refused")
except urllib.error.HTTPError as error:
    results.append([error.code, json.load(error)["code"]])
browser = opener(r.HTTPCookieProcessor(http.cookiejar.CookieJar()))
read(browser, given["control"] + "/login", data=urllib.parse.urlencode(given["credentials"]).encode())
results.append(read(browser, gateway + "/app/urllib"))
passwords = r.HTTPPasswordMgrWithDefaultRealm()
passwords.add_password(None, gateway, given["name"], given["key"])
results.append(read(opener(r.HTTPBasicAuthHandler(passwords)), gateway + "/basic/urllib"))
certified = trusting()
certified.load_cert_chain(given["certFile"], given["keyFile"])
results.append(read(opener(context=certified), gateway + "/mtls/urllib"))
print(json.dumps(results))
`;
    const python = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const given = { gateway, control, ca, credentials, ...robot, certFile, keyFile };
    python.stdin.end(JSON.stringify(given));
    assert.deepEqual(JSON.parse(await text(python.stdout)), [
      'reached GET /api/found?q=gate+house&page=2',
      'reached POST /api/form',
      'reached PUT /api/file',
      [401, 'unauthenticated'],
      'reached GET /app/urllib',
      'reached GET /basic/urllib',
      'reached GET /mtls/urllib',
    ]);
    const [form] = upstream.saw('/api/form');
    assert.deepEqual([String(form?.body), form?.headers['x-own']], ['title=Notes', 'mine']);
    assert.equal(String(upstream.saw('/api/file')[0]?.body), 'content of a file');
  });
});
