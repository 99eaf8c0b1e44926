// OAuth 2.1 with real clients, openid-client and oauth4webapi: the code flow with PKCE (RFC 6749 §4.1, RFC
// 7636), pushed requests (RFC 9126), the issuer in the answer (RFC 9207), refresh tokens that work once (RFC
// 9700 §4.14), user information and sign-out (OpenID Connect).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { after, it } from 'node:test';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { eventually } from './support/conditions.ts';
import { ask } from './support/https-client.ts';
import { claimsOf, oauthAt } from './support/oauth-client.ts';
import { createPerson } from './support/person.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin });
after(() => Promise.all([server.stop(), upstream.close()]));

const { issuer, gateway, fetch, register, post } = oauthAt(server);
const atControl = { port: server.controlPort, ca: server.ca };
const user = await server.createUser(['user']);
const person = createPerson(server, user);
const CALLBACK = 'https://shop.example/callback';
const shop = await register({
  grants: ['authorization_code'],
  redirectUris: [CALLBACK],
  postLogoutRedirectUris: ['https://shop.example/'],
  scopes: ['notes:read'],
});
const config = await openid.discovery(
  new URL(issuer),
  shop.client_id,
  shop.client_secret,
  openid.ClientSecretBasic(shop.client_secret),
  { [openid.customFetch]: fetch as never },
);

interface Begun {
  url: URL;
  verifier: string;
  state: string;
  nonce: string;
}

async function begin(more: Record<string, string> = {}): Promise<Begun> {
  const verifier = openid.randomPKCECodeVerifier();
  const [state, nonce] = [openid.randomState(), openid.randomNonce()];
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile roles offline_access notes:read',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    prompt: 'consent',
    state,
    nonce,
    ...more,
  });
  return { url, verifier, state, nonce };
}

async function signIn(more: Record<string, string> = {}) {
  const { url, verifier, state, nonce } = await begin(more);
  const callback = await person.goThrough(url.href);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
  return { callback, verifier, tokens: await openid.authorizationCodeGrant(config, callback, checks) };
}

it('openid-client signs a person in: code with PKCE, id token, access token for the gateway (RFC 9068)', async () => {
  const { callback, tokens } = await signIn();
  assert.equal(callback.searchParams.get('iss'), issuer, 'the answer names its issuer (RFC 9207)');
  assert.equal(tokens.claims()?.sub, user.name);
  assert.deepEqual(tokens.claims()?.roles, ['user']);
  const claims = claimsOf(tokens.access_token);
  assert.deepEqual([claims.aud, claims.client_id, claims.sub], [gateway, shop.client_id, user.name]);
  assert.deepEqual([claims.roles, claims.amr], [['user'], ['pwd']]);
  assert.ok(String(claims.scope).split(' ').includes('notes:read'));
  assert.ok(Number(claims.auth_time) > 0);
  const answer = await ask({
    ...server,
    path: '/',
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  assert.equal(answer.status, 200, 'the gateway admits the token');
});

it('user information has what the scopes allow (OpenID Connect Core §5.3)', async () => {
  const { tokens } = await signIn();
  const info = await openid.fetchUserInfo(config, tokens.access_token, user.name);
  assert.deepEqual([info.name, info.roles], [user.name, ['user']]);
  const refused = await fetch(`${issuer}/oauth/userinfo`, { headers: { authorization: 'Bearer nonsense' } });
  assert.equal(refused.status, 401);
});

it('a refresh token is replaced at each use; a second use revokes the whole grant (RFC 9700 §4.14.2)', async () => {
  const { tokens } = await signIn();
  const next = await openid.refreshTokenGrant(config, String(tokens.refresh_token));
  assert.notEqual(next.refresh_token, tokens.refresh_token);
  const use = (token: unknown) =>
    ask({ ...server, path: '/', headers: { authorization: `Bearer ${token}` } });
  assert.equal((await use(next.access_token)).status, 200);
  await assert.rejects(openid.refreshTokenGrant(config, String(tokens.refresh_token)), {
    error: 'invalid_grant',
  });
  await assert.rejects(openid.refreshTokenGrant(config, String(next.refresh_token)));
  assert.equal(
    (await use(next.access_token)).status,
    401,
    'access tokens of the grant are void at the gateway',
  );
});

it('of two uses of a refresh token at once, at most one succeeds', async () => {
  const { tokens } = await signIn();
  const form = { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token) };
  const answers = await Promise.all([post('/oauth/token', form, shop), post('/oauth/token', form, shop)]);
  const good = answers.filter(({ status }) => status === 200);
  assert.ok(good.length <= 1);
  for (const { status, json } of answers) if (status !== 200) assert.equal(json().error, 'invalid_grant');
});

/** The form that exchanges the code in this redirect for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5). */
function exchangeOf(callback: URL, code_verifier: string) {
  const code = String(callback.searchParams.get('code'));
  return { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier };
}

it('a code works once; the second use revokes the tokens of the first (RFC 6749 §4.1.2)', async () => {
  const { url, verifier } = await begin();
  const callback = await person.goThrough(url.href);
  const form = exchangeOf(callback, verifier);
  const first = await post('/oauth/token', form, shop);
  assert.equal(first.status, 200);
  const second = await post('/oauth/token', form, shop);
  assert.deepEqual([second.status, second.json().error], [400, 'invalid_grant']);
  const headers = { authorization: `Bearer ${first.json().access_token}` };
  assert.equal((await ask({ ...server, path: '/', headers })).status, 401);
  const { entries } = (await server.admin('GET', '/admin/audit?limit=20')) as unknown as {
    entries: { type: string; data: { kind?: string } }[];
  };
  assert.ok(entries.some(({ type, data }) => type === 'oauth.revoked' && data.kind === 'grant'));
});

for (const [what, uri] of Object.entries({
  'another path': `${CALLBACK}/more`,
  'a query more': `${CALLBACK}?x=1`,
  'another case': 'https://shop.example/Callback',
  'another port': 'https://shop.example:8443/callback',
  'a fragment': `${CALLBACK}#x`,
  'another host': 'https://shop.example.evil.example/callback',
  'dot segments': 'https://shop.example/x/../callback',
  nothing: '',
})) {
  it(`a redirect URI with ${what} is refused, on a page and without a redirect (RFC 9700 §4.1.3)`, async () => {
    const { url } = await begin({ redirect_uri: uri });
    const { answer, url: end } = await person.open(url.href);
    assert.equal(answer?.status, 400);
    assert.equal(end.origin, issuer);
  });
}

it('a request without PKCE, or with the method plain, is refused (RFC 9700 §2.1.1)', async () => {
  const { url } = await begin();
  url.searchParams.set('code_challenge_method', 'plain');
  assert.equal((await person.goThrough(url.href)).searchParams.get('error'), 'invalid_request');
  url.searchParams.delete('code_challenge_method');
  url.searchParams.delete('code_challenge');
  assert.equal((await person.goThrough(url.href)).searchParams.get('error'), 'invalid_request');
});

it('a code with a wrong verifier, or none, gives no token (RFC 7636 §4.6)', async () => {
  for (const verifier of [openid.randomPKCECodeVerifier(), undefined]) {
    const { url } = await begin();
    const callback = await person.goThrough(url.href);
    const form: Record<string, string> = {
      grant_type: 'authorization_code',
      code: String(callback.searchParams.get('code')),
      redirect_uri: CALLBACK,
    };
    if (verifier !== undefined) form.code_verifier = verifier;
    const answer = await post('/oauth/token', form, shop);
    assert.deepEqual([answer.status, answer.json().error], [400, 'invalid_grant']);
  }
});

it('a client that compares `iss` notices an answer of another issuer (RFC 9207 §2.4)', async () => {
  const { url, verifier, state, nonce } = await begin();
  const callback = await person.goThrough(url.href);
  callback.searchParams.set('iss', 'https://evil.example');
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
  await assert.rejects(openid.authorizationCodeGrant(config, callback, checks));
  callback.searchParams.delete('iss');
  await assert.rejects(
    openid.authorizationCodeGrant(config, callback, checks),
    'it is announced, so it must be there',
  );
});

it('another client cannot use the code of a client', async () => {
  const other = await register({ grants: ['authorization_code'], redirectUris: [CALLBACK] });
  const { url, verifier } = await begin();
  const callback = await person.goThrough(url.href);
  const answer = await post('/oauth/token', exchangeOf(callback, verifier), other);
  assert.deepEqual([answer.status, answer.json().error], [400, 'invalid_grant']);
});

it('there is no implicit and no password grant', async () => {
  for (const type of ['token', 'id_token', 'code token', 'code id_token', 'none']) {
    const { url } = await begin({ response_type: type });
    const end = await person.goThrough(url.href);
    assert.match(String(end.searchParams.get('error') ?? end.hash), /unsupported_response_type/);
  }
  const form = { grant_type: 'password', username: user.name, password: user.password };
  assert.equal((await post('/oauth/token', form, shop)).json().error, 'unsupported_grant_type');
});

it('oauth4webapi signs a person in with a pushed request (RFC 9126)', async () => {
  const options = { [oauth.customFetch]: fetch as never };
  const as = await oauth.processDiscoveryResponse(
    new URL(issuer),
    await oauth.discoveryRequest(new URL(issuer), { ...options, algorithm: 'oauth2' }),
  );
  const client = { client_id: shop.client_id };
  const authentication = oauth.ClientSecretBasic(shop.client_secret);
  const verifier = oauth.generateRandomCodeVerifier();
  const parameters = new URLSearchParams({
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: 'a-state-with-entropy',
  });
  const pushed = await oauth.processPushedAuthorizationResponse(
    as,
    client,
    await oauth.pushedAuthorizationRequest(as, client, authentication, parameters, options),
  );
  const url = new URL(String(as.authorization_endpoint));
  url.search = new URLSearchParams({
    client_id: client.client_id,
    request_uri: pushed.request_uri,
  }).toString();
  const callback = await person.goThrough(url.href);
  const answer = oauth.validateAuthResponse(as, client, callback, 'a-state-with-entropy');
  const tokens = await oauth.processAuthorizationCodeResponse(
    as,
    client,
    await oauth.authorizationCodeGrantRequest(
      as,
      client,
      authentication,
      answer,
      CALLBACK,
      verifier,
      options,
    ),
    { requireIdToken: true },
  );
  assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.sub, user.name);
});

/** A client, and the messages about sign-outs that it has received. */
async function listenForLogout() {
  const messages: string[] = [];
  const listener = createServer(async (incoming, outgoing) => {
    messages.push(await text(incoming));
    outgoing.end();
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  after(() => void listener.close());
  const { port } = listener.address() as AddressInfo;
  const client = await register({
    grants: ['authorization_code'],
    redirectUris: [CALLBACK],
    backchannelLogoutUri: `http://127.0.0.1:${port}/logged-out`,
  });
  return { client, messages };
}

/** A pushed request of `shop`, as the browser opens it. */
async function push(more: Record<string, string> = {}): Promise<{ url: string; verifier: string }> {
  const { url, verifier } = await begin(more);
  const pushed = (await post('/oauth/par', url.searchParams.toString(), shop)).json();
  const query = new URLSearchParams({ client_id: shop.client_id, request_uri: String(pushed.request_uri) });
  return { url: `${issuer}/oauth/authorize?${query}`, verifier };
}

it('a pushed request can be opened again until it is answered, and gets one code (RFC 9126 §4, §7.3)', async () => {
  const { url } = await push();
  const stranger = await register({ grants: ['authorization_code'], redirectUris: [CALLBACK] });
  const swapped = await person.open(url.replace(shop.client_id, stranger.client_id));
  assert.equal(swapped.answer?.status, 400, 'it is of its client');
  const [visitor, other] = [createPerson(server, user), createPerson(server, user)];
  for (const each of [visitor, visitor, other]) {
    assert.match((await each.open(url)).answer?.text() ?? '', /name="password"/, 'reloaded, or a preview');
  }
  const waiting = await other.open(url);
  assert.ok((await visitor.goThrough(url)).searchParams.has('code'));
  const again = await visitor.open(url);
  assert.equal(again.answer?.status, 400);
  assert.match(again.answer?.text() ?? '', /invalid_request_uri/);
  let shown = await other.submit(waiting, { username: user.name, password: user.password });
  while (shown.answer?.text().includes('value="allow"'))
    shown = await other.submit(shown, { decision: 'allow' });
  assert.equal(shown.url.searchParams.get('error'), 'invalid_request_uri', shown.url.href);
});

it('a pushed request that was answered with an error cannot be used again', async () => {
  const visitor = createPerson(server, user);
  const { url } = await push();
  const asked = await visitor.submit(await visitor.open(url), {
    username: user.name,
    password: user.password,
  });
  const refused = await visitor.submit(asked, { decision: 'refuse' });
  assert.equal(refused.url.searchParams.get('error'), 'access_denied');
  assert.equal((await visitor.open(url)).answer?.status, 400);
  const stranger = createPerson(server, user);
  const silent = await push({ prompt: 'none' });
  assert.equal((await stranger.open(silent.url)).url.searchParams.get('error'), 'login_required');
  assert.equal((await stranger.open(silent.url)).answer?.status, 400);
});

it('pages that submit themselves are our own: no inline script, and a button (Form Post Response Mode)', async () => {
  assert.match(
    (await person.open('/device')).answer?.text() ?? '',
    /<label for="user_code">.* id="user_code" class/s,
  );
  const { url, verifier, state } = await begin({ response_mode: 'form_post', scope: 'openid' });
  const visitor = createPerson(server, user);
  await visitor.goThrough(url.href);
  url.searchParams.delete('prompt');
  const { answer } = await visitor.open(url.href);
  const page = answer?.text() ?? '';
  const policy = String(answer?.headers['content-security-policy']);
  assert.match(policy, /form-action 'self' https:\/\/shop\.example;/);
  assert.match(policy, /script-src 'self';/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.doesNotMatch(page, /<script(?! src="\/assets\/submit-)/);
  assert.match(page, /<form method="post" action="https:\/\/shop\.example\/callback" data-submit>/);
  assert.match(page, /<button class="full" type="submit" autofocus>/);
  const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? '';
  assert.deepEqual([field('state'), field('iss')], [state, issuer]);
  const form = {
    grant_type: 'authorization_code',
    code: field('code'),
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  };
  assert.equal((await post('/oauth/token', form, shop)).status, 200);
  const [, path = ''] = /<script src="([^"]+)"/.exec(page) ?? [];
  const script = await ask({ ...atControl, path });
  assert.match(script.text(), /\.submit\(\)/);
  for (const [start, end] of [
    ['/oauth/logout', /You are signed out/],
    ['/device?user_code=BCDFGHJK', /No device has this code/],
  ] as const) {
    const stranger = createPerson(server, user);
    const shown = await stranger.open(start);
    assert.match(shown.answer?.text() ?? '', /<h1>One moment<\/h1>/, start);
    assert.doesNotMatch(String(shown.answer?.headers['content-security-policy']), /unsafe/);
    assert.match((await stranger.submit(shown, {})).answer?.text() ?? '', end);
  }
});

it('if another person signs in in a browser, the clients of the previous person get the message', async () => {
  const told = await listenForLogout();
  const visitor = createPerson(server, user);
  const next = await server.createUser(['user']);
  await visitor.goThrough((await begin({ client_id: told.client.client_id, scope: 'openid' })).url.href);
  // The session is idle for too long.
  visitor.lose('__Host-gatehouse-session');
  const { url } = await begin({ scope: 'openid' });
  let shown = await visitor.open(url.href);
  shown = await visitor.submit(shown, { username: next.name, password: next.password });
  assert.match(shown.answer?.text() ?? '', /One moment/);
  shown = await visitor.submit(shown, {});
  assert.match(shown.answer?.text() ?? '', new RegExp(`signed in as <strong>${next.name}<`));
  assert.ok((await visitor.submit(shown, { decision: 'allow' })).url.searchParams.has('code'));
  await eventually('a message', () => told.messages.length === 1);
});

it('a person who signs in again in the same browser stays signed in at the clients, until the end', async () => {
  const told = await listenForLogout();
  const visitor = createPerson(server, user);
  const { url, verifier } = await begin({ client_id: told.client.client_id, scope: 'openid' });
  const form = exchangeOf(await visitor.goThrough(url.href), verifier);
  const tokens = (await post('/oauth/token', form, told.client)).json();
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const used = async () => (await ask({ ...server, path: '/', headers })).status;
  const words = { username: user.name, password: user.password };
  await visitor.submit(await visitor.open('/login?again=1&next=/account'), words);
  assert.equal(await used(), 200);
  await visitor.submit(await visitor.open('/logout'), {});
  assert.equal(await used(), 401);
  await eventually('a message', () => told.messages.length === 1);
});

it('a native client may use any port of the loopback interface, but change nothing else (RFC 8252 §7.3)', async () => {
  const native = await register({
    grants: ['authorization_code'],
    authMethod: 'none',
    applicationType: 'native',
    redirectUris: ['http://127.0.0.1/callback'],
  });
  const { url } = await begin({
    client_id: native.client_id,
    redirect_uri: 'http://127.0.0.1:51234/callback',
  });
  const end = await person.goThrough(url.href);
  assert.equal(end.origin, 'http://127.0.0.1:51234');
  assert.ok(end.searchParams.get('code'));
  for (const uri of [
    'http://127.0.0.1:51234/other',
    'http://127.0.0.2:51234/callback',
    'http://localhost:1/callback',
  ]) {
    const { url } = await begin({ client_id: native.client_id, redirect_uri: uri });
    assert.equal((await person.open(url.href)).answer?.status, 400, uri);
  }
});

it('a person who refuses returns to the client with access_denied', async () => {
  const { url } = await begin();
  const page = await person.open(url.href);
  assert.match(page.answer?.text() ?? '', /see your roles/, 'the page says in words what is asked');
  const { url: end } = await person.submit(page, { decision: 'refuse' });
  assert.equal(end.searchParams.get('error'), 'access_denied');
});

it('a scope may have any name, also one that every object has', async () => {
  const scopes = ['__proto__', 'constructor'];
  const odd = await register({ grants: ['authorization_code'], redirectUris: [CALLBACK], scopes });
  const { url } = await begin({ client_id: odd.client_id, scope: ['openid', ...scopes].join(' ') });
  const visitor = createPerson(server, user);
  const asked = await visitor.submit(await visitor.open(url.href), {
    username: user.name,
    password: user.password,
  });
  for (const scope of scopes)
    assert.match(asked.answer?.text() ?? '', new RegExp(`use &quot;${scope}&quot;`));
});

it('remembers allowed scopes, and asks for a new scope', async () => {
  const other = await register({
    grants: ['authorization_code'],
    redirectUris: [CALLBACK],
    scopes: ['notes:read'],
  });
  const ask = async (scope: string) => {
    const { url } = await begin({ client_id: other.client_id, scope });
    url.searchParams.delete('prompt');
    return url.href;
  };
  await person.goThrough(await ask('openid'));
  const again = createPerson(server, user);
  const page = await again.open('/login');
  await again.submit(page, { username: user.name, password: user.password });
  const silent = await again.open(await ask('openid'));
  assert.equal(silent.answer, undefined, 'another browser of the same person is not asked');
  assert.match((await again.open(await ask('openid roles'))).answer?.text() ?? '', /see your roles/);
});

it('a new password voids codes and refresh tokens of the user', async () => {
  const { tokens } = await signIn();
  await server.admin('PUT', `/admin/users/${user.name}/password`, { password: user.password });
  await assert.rejects(openid.refreshTokenGrant(config, String(tokens.refresh_token)));
});

it('sign-out at the server goes back to the client (RP-Initiated Logout), and ends our session', async () => {
  const { tokens } = await signIn();
  const url = openid.buildEndSessionUrl(config, {
    id_token_hint: String(tokens.id_token),
    post_logout_redirect_uri: 'https://shop.example/',
  });
  const page = await person.open(url.href);
  assert.match(page.answer?.text() ?? '', /Sign out\?/);
  const policy = String(page.answer?.headers['content-security-policy']);
  assert.match(policy, /form-action 'self' https:\/\/shop\.example;/, 'browsers let the form lead there');
  const { url: end } = await person.submit(page, { logout: 'yes' });
  assert.equal(end.href, 'https://shop.example/');
  const { url: next } = await begin();
  assert.match(
    (await person.open(next.href)).answer?.text() ?? '',
    /name="password"/,
    'sign-in is asked again',
  );
});

it('both pages accept forms of other sites, and the next navigation brings the cookies', async () => {
  const { issuer: at } = config.serverMetadata();
  const { url, verifier } = await begin();
  const { controlPort: port, ca } = server;
  const send = (path: string, form: URLSearchParams) =>
    ask({
      ...{ port, ca, path, method: 'POST', body: form.toString() },
      headers: { origin: 'https://shop.example', 'content-type': 'application/x-www-form-urlencoded' },
    });
  const begun = await send('/oauth/authorize', url.searchParams);
  assert.equal(begun.status, 303);
  const callback = await person.goThrough(new URL(String(begun.headers.location), at).href);
  const tokens = (await post('/oauth/token', exchangeOf(callback, verifier), shop)).json();
  const end = new URLSearchParams({ id_token_hint: String(tokens.id_token) });
  const ended = await send('/oauth/logout', end);
  const page = await person.open(String(ended.headers.location));
  assert.match(page.answer?.text() ?? '', /Sign out\?/);
  end.append('id_token_hint', 'x');
  assert.equal((await send('/oauth/logout', end)).status, 400, 'a parameter that comes twice');
});

it('a sign-out redirects only to a URI that the client has registered', async () => {
  const { tokens } = await signIn();
  const hint = { id_token_hint: String(tokens.id_token) };
  for (const uri of ['https://evil.example/', 'https://shop.example/x', 'https://shop.example:8443/']) {
    const url = openid.buildEndSessionUrl(config, { ...hint, post_logout_redirect_uri: uri });
    const { answer } = await person.open(url.href);
    assert.equal(answer?.status, 400, uri);
  }
  const { answer } = await person.open('/oauth/logout?post_logout_redirect_uri=https%3A%2F%2Fevil.example');
  assert.doesNotMatch(String(answer?.headers['content-security-policy']), /evil/);
  const forged = `${hint.id_token_hint.slice(0, -4)}AAAA`;
  assert.equal((await person.open(`/oauth/logout?id_token_hint=${forged}`)).answer?.status, 400);
});

it('no page of another site ends our session, even if no client has used it', async () => {
  const visitor = createPerson(server, user);
  await visitor.submit(await visitor.open('/login'), { username: user.name, password: user.password });
  const asked = await visitor.open('/oauth/logout');
  assert.match(asked.answer?.text() ?? '', /Sign out\?/);
  const stayed = await visitor.submit(asked, {});
  assert.match(stayed.answer?.text() ?? '', /You are still signed in/);
  assert.match((await visitor.open('/account')).answer?.text() ?? '', /My account/);
  const left = await visitor.submit(await visitor.open('/oauth/logout'), { logout: 'yes' });
  assert.match(left.answer?.text() ?? '', /You are signed out/);
  assert.equal((await visitor.open('/account')).url.pathname, '/login');
});

it('prompt=none without a session answers login_required', async () => {
  const { url } = await begin({ prompt: 'none' });
  const stranger = createPerson(server, user);
  assert.equal((await stranger.goThrough(url.href)).searchParams.get('error'), 'login_required');
});

it('prompt=login asks again for the password, although there is a session, and then continues', async () => {
  await signIn();
  const { url } = await begin({ prompt: 'login' });
  const page = await person.open(url.href);
  assert.match(page.answer?.text() ?? '', /Sign in again/);
  const form = await person.submit(page, {});
  assert.match(form.answer?.text() ?? '', /name="password"/);
  const back = await person.submit(form, { username: user.name, password: user.password });
  assert.ok(back.url.searchParams.has('code'), back.answer?.text() ?? '');
});

it('acr_values asks for a second factor that the session lacks, and the token then says so (RFC 9470 §4)', async () => {
  const weak = await server.createUser(['user']);
  const visitor = createPerson(server, weak);
  const about = { grants: ['authorization_code'], redirectUris: [CALLBACK] };
  const client = await register(about);
  const asked = { client_id: client.client_id, scope: 'openid', acr_values: 'mfa' };
  const words = { username: weak.name, password: weak.password };
  await visitor.submit(await visitor.open('/login'), words);
  const signInAgain = async (url: URL) => {
    const login = await visitor.submit(await visitor.open(url.href), {});
    return visitor.submit(login, words);
  };
  const refused = await signInAgain((await begin(asked)).url);
  assert.equal(refused.url.searchParams.get('error'), 'unmet_authentication_requirements');
  const { recovery_codes: codes } = (await server.admin(
    'POST',
    `/admin/users/${weak.name}/totp`,
  )) as unknown as {
    recovery_codes: string[];
  };
  const { url, verifier } = await begin(asked);
  const proved = await visitor.submit(await signInAgain(url), { code: String(codes[0]) });
  const { url: back } = await visitor.submit(proved, { decision: 'allow' });
  const form = exchangeOf(back, verifier);
  const claims = claimsOf((await post('/oauth/token', form, client)).json().access_token);
  assert.deepEqual([claims.amr, claims.acr], [['pwd', 'otp', 'mfa'], 'mfa']);
});

it('a client gets a message when the session ends at our page (Back-Channel Logout 1.0)', async () => {
  const { client: told, messages } = await listenForLogout();
  const visitor = createPerson(server, user);
  const { url, verifier } = await begin({ client_id: told.client_id, scope: 'openid' });
  const callback = await visitor.goThrough(url.href);
  const form = exchangeOf(callback, verifier);
  const tokens = (await post('/oauth/token', form, told)).json();
  await visitor.submit(await visitor.open('/logout'), {});
  await eventually('a message', () => messages.length === 1);
  const token = String(new URLSearchParams(messages[0]).get('logout_token'));
  const claims = claimsOf(token);
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), { [customFetch]: fetch });
  const checks = {
    issuer,
    audience: told.client_id,
    typ: 'logout+jwt',
    requiredClaims: ['iat', 'exp', 'jti'],
  };
  await jwtVerify(token, keys, checks);
  assert.equal(claims.nonce, undefined);
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  assert.equal((await ask({ ...server, path: '/', headers })).status, 401, 'tokens of the session are void');
  assert.deepEqual([claims.iss, claims.aud, claims.sub], [issuer, told.client_id, user.name]);
  assert.ok('http://schemas.openid.net/event/backchannel-logout' in (claims.events as object));
  assert.equal(typeof claims.sid, 'string');
});

it('tokens of a session are void before the answer to its end, even if another client does not answer', async () => {
  const listener = createServer(() => {}).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  after(() => {
    listener.closeAllConnections();
    listener.close();
  });
  const { port } = listener.address() as AddressInfo;
  const about = { grants: ['authorization_code'], redirectUris: [CALLBACK] };
  const silent = await register({ ...about, backchannelLogoutUri: `http://127.0.0.1:${port}/` });
  const other = await register(about);
  const visitor = createPerson(server, user);
  const tokenOf = async (client: typeof other) => {
    const { url, verifier: code_verifier } = await begin({ client_id: client.client_id, scope: 'openid' });
    const code = String((await visitor.goThrough(url.href)).searchParams.get('code'));
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier };
    return (await post('/oauth/token', form, client)).json().access_token;
  };
  await tokenOf(silent);
  const headers = { authorization: `Bearer ${await tokenOf(other)}` };
  assert.equal((await ask({ ...server, path: '/', headers })).status, 200);
  await visitor.submit(await visitor.open('/logout'), {});
  assert.equal((await ask({ ...server, path: '/', headers })).status, 401);
});

it('a refresh token of a client that was disabled stays void when the client is enabled again', async () => {
  const { tokens } = await signIn();
  for (const disabled of [true, false]) {
    await server.admin('PUT', `/admin/clients/${shop.name}/disabled`, { disabled });
  }
  await assert.rejects(openid.refreshTokenGrant(config, String(tokens.refresh_token)), {
    error: 'invalid_grant',
  });
});

it('a decision or a sign-out that another site sends is refused (RFC 9700 §4.7)', async () => {
  const { controlPort: port, ca } = server;
  const headers = { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' };
  for (const [path, body] of [
    ['/oauth/interaction/x', 'decision=allow'],
    ['/oauth/logout/confirm', 'logout=yes&xsrf=x'],
  ] as const) {
    const answer = await ask({ port, ca, path, method: 'POST', headers, body });
    assert.equal(answer.status, 403, path);
  }
});

it('the metadata name only what the server supports (RFC 9700 §2.1.1, §2.6)', async () => {
  const metadata = (await ask({ ...atControl, path: '/.well-known/oauth-authorization-server' })).json();
  assert.deepEqual(metadata.response_types_supported, ['code']);
  assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
  assert.deepEqual(metadata.response_modes_supported, ['form_post', 'fragment', 'query']);
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  const grants = metadata.grant_types_supported as string[];
  for (const grant of ['implicit', 'password']) assert.ok(!grants.includes(grant), grant);
  const addresses = Object.entries(metadata).filter(([name]) => /_endpoint$|_uri$/.test(name));
  assert.ok(addresses.length > 7);
  for (const [name, url] of addresses) assert.ok(String(url).startsWith(`${issuer}/`), name);
});

it('pages of other origins may read the answers of no endpoint for people (RFC 9700 §2.6)', async () => {
  const { url } = await begin();
  for (const path of [`${url.pathname}${url.search}`, '/oauth/logout', '/device', '/login', '/account']) {
    const { headers } = await ask({ ...atControl, path, headers: { origin: 'https://shop.example' } });
    assert.equal(headers['access-control-allow-origin'], undefined, path);
  }
});

it('an access token in the URL or in a form is no credential (RFC 9700 §4.3.2)', async () => {
  const { tokens } = await signIn();
  const token = tokens.access_token;
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const [where, request] of [
    ['the URL', { path: `/oauth/userinfo?access_token=${token}` }],
    ['a form', { path: '/oauth/userinfo', method: 'POST', headers: form, body: `access_token=${token}` }],
  ] as const) {
    const { status } = await ask({ ...atControl, ...request });
    assert.ok(status === 400 || status === 401, `${where}: ${status}`);
  }
  assert.equal((await ask({ ...server, path: `/?access_token=${token}` })).status, 401, 'at the gateway');
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await ask({ ...atControl, path: '/oauth/userinfo', headers })).status, 200);
});

it('each redirect after a form is 303, so that no browser forwards a password (RFC 9700 §4.12)', async () => {
  const seen: number[] = [];
  const visitor = createPerson(server, user, (status) => seen.push(status));
  await visitor.goThrough((await begin()).url.href);
  await visitor.submit(await visitor.open('/logout'), {});
  const redirects = seen.filter((status) => status >= 300 && status < 400);
  assert.ok(redirects.length > 4);
  assert.deepEqual([...new Set(redirects)], [303]);
});

it('a refresh token is bound to its client and its scopes (RFC 9700 §4.14.2)', async () => {
  const other = await register({ grants: ['authorization_code'], redirectUris: [CALLBACK] });
  const { tokens } = await signIn({ scope: 'openid offline_access' });
  const form = { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token) };
  assert.equal((await post('/oauth/token', form, other)).json().error, 'invalid_grant');
  const wider = await post('/oauth/token', { ...form, scope: 'openid offline_access notes:read' }, shop);
  assert.equal(wider.json().error, 'invalid_scope');
  assert.equal((await post('/oauth/token', form, shop)).status, 200);
});

it('no page of the authorization server may be framed, and none sends a Referer to other sites', async () => {
  const { url } = await begin();
  const { answer } = await person.open(url.href);
  assert.match(String(answer?.headers['content-security-policy']), /frame-ancestors 'none'/);
  assert.equal(answer?.headers['referrer-policy'], 'same-origin');
});

it('after the signing key was replaced, id tokens and access tokens have the new one; the old one is void', async () => {
  const { tokens: before } = await signIn();
  await server.admin('POST', '/admin/keyring/rotate', { use: 'access-token', leaked: true });
  const { url, verifier } = await begin();
  const callback = await person.goThrough(url.href);
  const form = exchangeOf(callback, verifier);
  const renewed = (await post('/oauth/token', form, shop)).json();
  const kid = (token: unknown) =>
    JSON.parse(Buffer.from(String(token).split('.')[0] ?? '', 'base64url').toString('utf8')).kid;
  assert.equal(kid(renewed.id_token), kid(renewed.access_token));
  assert.notEqual(kid(renewed.access_token), kid(before.access_token));
  const use = (token: unknown) =>
    ask({ ...server, path: '/', headers: { authorization: `Bearer ${token}` } });
  assert.equal((await use(renewed.access_token)).status, 200);
  assert.equal((await use(before.access_token)).status, 401);
});

it('the ledger has counted the refusals, by address and error', async () => {
  await person.open((await begin({ redirect_uri: 'https://evil.example/' })).url.href);
  const { url } = await begin();
  url.searchParams.delete('code_challenge');
  await person.open(url.href);
  const used = exchangeOf(new URL(`${CALLBACK}?code=used`), 'v'.repeat(43));
  for (const form of [used, { grant_type: 'password' }]) await post('/oauth/token', form, shop);
  // The last counts are written when the server stops.
  await server.running.stop();
  const database = new DatabaseSync(join(server.data, 'gatehouse.db'), { readOnly: true });
  const rows = database.prepare("select subject from audit_entries where type = 'oauth.refused'").all();
  database.close();
  const subjects = new Set(rows.map(({ subject }) => subject));
  for (const error of [
    'invalid_redirect_uri',
    'invalid_request',
    'invalid_grant',
    'unsupported_grant_type',
  ]) {
    assert.ok(subjects.has(error), error);
  }
});
