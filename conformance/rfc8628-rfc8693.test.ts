// Devices without a keyboard (RFC 8628), and services that call others in a person's name (RFC 8693).
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import * as openid from 'openid-client';
import { ask } from './support/https-client.ts';
import { claimsOf, oauthAt } from './support/oauth-client.ts';
import { createPerson } from './support/person.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin });
after(() => Promise.all([server.stop(), upstream.close()]));

const { issuer, gateway, fetch, register, post } = oauthAt(server);
const user = await server.createUser(['user']);
const person = createPerson(server, user);
const television = await register({
  grants: ['device_code'],
  authMethod: 'none',
  scopes: ['notes:read', 'notes:write'],
});
const config = await openid.discovery(new URL(issuer), television.client_id, undefined, openid.None(), {
  [openid.customFetch]: fetch as never,
});

function begin() {
  return openid.initiateDeviceAuthorization(config, {
    scope: 'openid offline_access notes:read notes:write',
  });
}

/** The steps of the person with the code. */
async function enter(userCode: string, last: Record<string, string>) {
  const typed = await person.submit(await person.open('/device'), { user_code: userCode });
  assert.ok(typed.answer?.text().includes(userCode), 'the page shows the code again');
  let shown = await person.submit(typed, last);
  if (last.abort) return shown;
  for (;;) {
    const text = shown.answer?.text() ?? '';
    if (text.includes('name="password"')) {
      shown = await person.submit(shown, { username: user.name, password: user.password });
    } else if (text.includes('value="allow"')) {
      shown = await person.submit(shown, { decision: 'allow' });
    } else return shown;
  }
}

async function tokensOfDevice() {
  const device = await begin();
  const shown = await enter(device.user_code, {});
  assert.match(shown.answer?.text() ?? '', /The device is connected/);
  const form = { grant_type: GRANT, device_code: device.device_code, client_id: television.client_id };
  return (await post('/oauth/token', form)).json();
}

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

it('openid-client on a device gets tokens when the person has typed the code and agreed', async () => {
  const device = await begin();
  assert.equal(device.verification_uri, `${issuer}/device`);
  const form = { grant_type: GRANT, device_code: device.device_code, client_id: television.client_id };
  assert.equal((await post('/oauth/token', form)).json().error, 'authorization_pending');
  await enter(device.user_code, {});
  const tokens = await openid.pollDeviceAuthorizationGrant(config, { ...device, interval: 0.01 });
  assert.equal(claimsOf(tokens.access_token).sub, user.name);
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  assert.equal((await ask({ ...server, path: '/', headers })).status, 200);
  assert.equal((await post('/oauth/token', form)).json().error, 'invalid_grant', 'the code works once');
});

it('a person who declines stops the device', async () => {
  const device = await begin();
  await enter(device.user_code, { abort: 'yes' });
  const form = { grant_type: GRANT, device_code: device.device_code, client_id: television.client_id };
  assert.equal((await post('/oauth/token', form)).json().error, 'access_denied');
});

it('refuses a code that no device has, on the page', async () => {
  const shown = await person.submit(await person.open('/device'), { user_code: 'BCDF-GHJK' });
  assert.match(shown.answer?.text() ?? '', /No device has this code/);
});

it('a sign-in for a device that has ended, or began in another browser, leads back to the code', async () => {
  for (const stranger of [createPerson(server, user), person]) {
    const { answer } = await stranger.open('/device/unknown');
    assert.equal(answer?.status, 400);
    assert.match(answer?.text() ?? '', /Type the code of your device again/);
  }
});

it('a code that comes without the session of its form leads back to the form', async () => {
  const answer = await post('/device', { user_code: 'BCDFGHJK', xsrf: 'x' });
  assert.equal(answer.status, 400);
  assert.match(answer.text(), /Type the code of your device again/);
});

it('a device that asks all the time gets slow_down (RFC 8628 §3.5)', async () => {
  const { device_code } = await begin();
  const form = { grant_type: GRANT, device_code, client_id: television.client_id };
  const ask = async () => (await post('/oauth/token', form)).json().error;
  const errors = new Set<unknown>();
  // One after the other, they may be slow enough on a busy machine: one in five seconds is allowed.
  for (let round = 0; round < 10 && !errors.has('slow_down'); round += 1)
    for (const error of await Promise.all(Array.from({ length: 12 }, ask))) errors.add(error);
  assert.deepEqual([...errors].sort(), ['authorization_pending', 'slow_down']);
});

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const middle = await register({ grants: ['token_exchange', 'client_credentials'], scopes: ['notes:read'] });

function exchange(more: Record<string, string>, client = middle) {
  return post('/oauth/token', { grant_type: EXCHANGE, subject_token_type: ACCESS_TOKEN, ...more }, client);
}

it('a service exchanges a token of a person: the new one names it in `act`, with no more scopes', async () => {
  const { access_token: subject } = await tokensOfDevice();
  const answer = await exchange({ subject_token: String(subject), resource: gateway });
  assert.equal(answer.status, 200, answer.text());
  const { access_token: token, issued_token_type: type } = answer.json();
  assert.equal(type, ACCESS_TOKEN);
  const claims = claimsOf(token);
  assert.deepEqual([claims.sub, claims.scope, claims.client_id], [user.name, 'notes:read', middle.client_id]);
  assert.deepEqual(claims.act, { sub: middle.name, client_id: middle.client_id });
  assert.ok(Number(claims.exp) <= Number(claimsOf(subject).exp));
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await ask({ ...server, path: '/', headers })).status, 200);
  const assertion = claimsOf(upstream.requests.at(-1)?.headers['gatehouse-assertion']);
  assert.deepEqual(
    [assertion.sub, assertion.act],
    [user.name, { sub: middle.name }],
    'the upstream learns both',
  );
  const again = claimsOf((await exchange({ subject_token: String(token) })).json().access_token);
  assert.deepEqual((again.act as { act: object }).act, claims.act, 'a second exchange keeps the chain');
});

it('an exchanged token is void when its grant is revoked', async () => {
  const { access_token: subject, refresh_token: refresh } = await tokensOfDevice();
  const { access_token: token } = (await exchange({ subject_token: String(subject) })).json();
  await post('/oauth/revoke', { token: String(refresh), client_id: television.client_id });
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await ask({ ...server, path: '/', headers })).status, 401);
});

it('what was exchanged is void when the person signs out', async () => {
  const headers = { 'content-type': 'application/json' };
  const credentials = JSON.stringify({ username: user.name, password: user.password });
  const control = { ...server, port: server.controlPort, method: 'POST' };
  const answer = await ask({ ...control, path: '/auth/login', headers, body: credentials });
  const { access_token: subject } = answer.json();
  const { access_token: token } = (await exchange({ subject_token: String(subject) })).json();
  const bearing = (text: unknown) => ({ headers: { authorization: `Bearer ${text}` } });
  assert.equal((await ask({ ...server, path: '/', ...bearing(token) })).status, 200);
  assert.equal((await ask({ ...control, path: '/auth/logout', ...bearing(subject) })).status, 204);
  assert.equal((await ask({ ...server, path: '/', ...bearing(token) })).status, 401);
});

it('the client of a disabled service exchanges nothing, and what it had exchanged is void', async () => {
  const { access_token: subject } = await tokensOfDevice();
  const own = await register({ grants: ['token_exchange', 'client_credentials'] });
  const { access_token: token } = (await exchange({ subject_token: String(subject) }, own)).json();
  const bearing = { ...server, path: '/', headers: { authorization: `Bearer ${token}` } };
  assert.equal((await ask(bearing)).status, 200);
  await server.admin('PUT', `/admin/services/${own.name}/disabled`, { disabled: true });
  assert.equal((await ask(bearing)).status, 401);
  const again = await exchange({ subject_token: String(subject) }, own);
  assert.deepEqual([again.status, again.json().error], [401, 'invalid_client']);
  const { active } = (await post('/oauth/introspect', { token: String(token) }, middle)).json();
  assert.equal(active, false);
});

it('refuses a token exchange with mistakes, with the errors of the standard', async () => {
  const { access_token: subject } = await tokensOfDevice();
  const good = { subject_token: String(subject) };
  const { access_token: ofService } = (
    await post('/oauth/token', { grant_type: 'client_credentials' }, middle)
  ).json();
  const wrong: [Record<string, string>, string][] = [
    [{}, 'invalid_request'],
    [{ subject_token: 'nonsense' }, 'invalid_grant'],
    [{ subject_token: `${String(subject).slice(0, -4)}AAAA` }, 'invalid_grant'],
    [{ subject_token: String(ofService) }, 'invalid_request'],
    [{ ...good, subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 'invalid_request'],
    [{ ...good, requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, 'invalid_request'],
    [{ ...good, actor_token: 'x' }, 'invalid_request'],
    [{ ...good, scope: 'notes:write' }, 'invalid_scope'],
    [{ ...good, resource: 'https://evil.example' }, 'invalid_target'],
    [{ ...good, audience: 'https://evil.example' }, 'invalid_target'],
  ];
  for (const [form, error] of wrong) {
    const answer = await exchange(form);
    assert.deepEqual([answer.status, answer.json().error], [400, error], JSON.stringify(form));
  }
  const other = await register({ grants: ['client_credentials'] });
  assert.equal((await exchange(good, other)).status, 400, 'a client without the grant');
  const bound = await register({ grants: ['token_exchange'], dpopBoundTokens: true });
  assert.equal((await exchange(good, bound)).json().error, 'unauthorized_client', 'its tokens must be bound');
});

it('guessing the code of a device is limited for each address (RFC 8628 §5.1)', async () => {
  const stranger = createPerson(server, user);
  let shown = await stranger.open('/device');
  for (let count = 0; count < 80 && shown.answer?.status === 200; count += 1) {
    shown = await stranger.submit(shown, { user_code: 'BCDF-GHJK' });
  }
  assert.deepEqual([shown.answer?.status, Number(shown.answer?.headers['retry-after']) > 0], [429, true]);
  assert.match(shown.answer?.text() ?? '', /Too many codes were tried/);
});
