// Tokens of services: client credentials (RFC 6749 §4.4), access tokens in the form of RFC 9068,
// introspection (RFC 7662), revocation at every worker (RFC 7009), and the answers of each endpoint to
// nonsense.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { promisify } from 'node:util';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { ask } from './support/https-client.ts';
import { basic, claimsOf, oauthAt } from './support/oauth-client.ts';
import { without } from './support/programs.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin, set: ['gateway.workers=2'] });
after(() => Promise.all([server.stop(), upstream.close()]));

const { issuer, gateway, fetch, register, post } = oauthAt(server);
const { controlPort: port, ca, admin } = server;
const robot = await register({ grants: ['client_credentials'], scopes: ['notes:read', 'notes:write'] });
const inspector = await register({ grants: ['client_credentials'] });

async function tokenOf(client = robot, more: Record<string, string> = {}): Promise<string> {
  const answer = await post('/oauth/token', { grant_type: 'client_credentials', ...more }, client);
  assert.equal(answer.status, 200, answer.text());
  return String(answer.json().access_token);
}

/** The gateway's answers over several connections, so that every worker is asked. */
async function statusesWith(token: string): Promise<number[]> {
  const headers = { authorization: `Bearer ${token}` };
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask({ ...server, path: '/', headers })));
  return [...new Set(answers.map(({ status }) => status))];
}

async function introspect(token: string, client = inspector) {
  return (await post('/oauth/introspect', { token }, client)).json();
}

it('openid-client gets a token for a service; the gateway knows it by its name and roles', async () => {
  const config = await openid.discovery(new URL(issuer), robot.client_id, robot.client_secret, undefined, {
    [openid.customFetch]: fetch as never,
  });
  const {
    access_token: token,
    expires_in,
    scope,
  } = await openid.clientCredentialsGrant(config, {
    scope: 'notes:read',
    resource: gateway,
  });
  assert.deepEqual([expires_in, scope], [900, 'notes:read']);
  const claims = claimsOf(token);
  assert.deepEqual([claims.sub, claims.client_id, claims.aud], [robot.name, robot.client_id, gateway]);
  assert.deepEqual([claims.roles, claims.iss], [['user'], issuer]);
  assert.deepEqual(await statusesWith(token), [200]);
});

it('curl gets a token with --user, and calls the gateway with --oauth2-bearer', {
  skip: without('curl'),
}, async () => {
  const run = promisify(execFile);
  const config = join(server.data, 'curl.conf');
  const curl = (secret: string, ...more: string[]) => {
    // On the command line, other users of the machine could read the secret.
    writeFileSync(config, `${secret}\n`, { mode: 0o600 });
    const trust = ['--cacert', server.running.ready.rootCertificate];
    return run('curl', ['--silent', '--show-error', '--fail', ...trust, '--config', config, ...more]);
  };
  const user = `user = "${robot.client_id}:${robot.client_secret}"`;
  const issued = await curl(user, '--data', 'grant_type=client_credentials', `${issuer}/oauth/token`);
  const bearer = `oauth2-bearer = "${JSON.parse(issued.stdout).access_token}"`;
  assert.equal((await curl(bearer, `${gateway}/curl`)).stdout, 'reached GET /curl');
  await assert.rejects(curl(bearer.replace(/"$/, 'x"'), `${gateway}/curl`), /401/);
});

it('oauth4webapi introspects and revokes', async () => {
  const options = { [oauth.customFetch]: fetch as never };
  const as = await oauth.processDiscoveryResponse(
    new URL(issuer),
    await oauth.discoveryRequest(new URL(issuer), { ...options, algorithm: 'oauth2' }),
  );
  const client = { client_id: robot.client_id };
  const authentication = oauth.ClientSecretPost(robot.client_secret);
  const token = await tokenOf();
  const seen = await oauth.processIntrospectionResponse(
    as,
    client,
    await oauth.introspectionRequest(
      as,
      client,
      oauth.ClientSecretBasic(robot.client_secret),
      token,
      options,
    ),
  );
  assert.deepEqual([seen.active, seen.sub, seen.scope], [true, robot.name, 'notes:read notes:write']);
  const revoked = await oauth.revocationRequest(as, client, authentication, token, options);
  assert.equal(await oauth.processRevocationResponse(revoked), undefined);
  assert.equal((await introspect(token)).active, false);
});

it('introspection describes a token, but tells nothing about one that is not active', async () => {
  const token = await tokenOf();
  const seen = await introspect(token);
  assert.deepEqual(
    [seen.active, seen.client_id, seen.aud, seen.username, seen.token_type, seen.iss],
    [true, robot.client_id, gateway, robot.name, 'Bearer', issuer],
  );
  assert.equal(seen.jti, claimsOf(token).jti);
  const forged = `${token.slice(0, -4)}AAAA`;
  for (const text of [forged, 'a.b.c', 'nonsense', 'x'.repeat(20_000)]) {
    assert.deepEqual(await introspect(text), { active: false }, text.slice(0, 20));
  }
});

it('introspection also knows tokens of our own sign-in, until the user is disabled', async () => {
  const user = await server.createUser(['user']);
  const body = JSON.stringify({ username: user.name, password: user.password });
  const headers = { 'content-type': 'application/json' };
  const signedIn = await ask({ port, ca, path: '/auth/login', method: 'POST', headers, body });
  const token = String(signedIn.json().access_token);
  assert.deepEqual([(await introspect(token)).active, (await introspect(token)).sub], [true, user.name]);
  await admin('PUT', `/admin/users/${user.name}/disabled`, { disabled: true });
  assert.equal((await introspect(token)).active, false);
});

it('only an authenticated client may introspect', async () => {
  const page = await register({
    grants: ['authorization_code'],
    authMethod: 'none',
    redirectUris: ['https://page.example/'],
  });
  const token = await tokenOf();
  const asPublic = await post('/oauth/introspect', { token, client_id: page.client_id });
  assert.deepEqual(asPublic.json(), { active: false });
  const asFirstParty = await post('/oauth/introspect', { token, client_id: 'gatehouse' });
  assert.notEqual(asFirstParty.json().active, true);
  assert.equal((await post('/oauth/introspect', { token })).status, 400);
});

it('a client introspects its own tokens; those for the gateway, only if it acts as a service (RFC 7662 §4)', async () => {
  const web = { grants: ['authorization_code'], redirectUris: ['https://web.example/'] };
  const [app, agent] = [await register(web), await register({ ...web, service: 'agent' })];
  const token = await tokenOf();
  assert.deepEqual(await introspect(token, app), { active: false }, 'an app for people');
  assert.equal((await introspect(token, agent)).active, true, 'an app that is also a service');
  assert.equal((await introspect(token, robot)).active, true, 'its own token');
});

it('every worker refuses a revoked token from the answer on', async () => {
  const token = await tokenOf();
  assert.deepEqual(await statusesWith(token), [200]);
  assert.equal((await post('/oauth/revoke', { token }, robot)).status, 200);
  assert.deepEqual(await statusesWith(token), [401]);
  assert.deepEqual(await statusesWith(await tokenOf()), [200], 'the next token is another one');
});

it('a client cannot revoke the token of another, and the answer does not show it', async () => {
  const token = await tokenOf();
  assert.equal((await post('/oauth/revoke', { token }, inspector)).status, 200);
  assert.deepEqual(await statusesWith(token), [200]);
});

it('a disabled client gets no token, its tokens are void everywhere, and stay void when it is enabled', async () => {
  const client = await register({ grants: ['client_credentials'] });
  const token = await tokenOf(client);
  assert.deepEqual(await statusesWith(token), [200]);
  await admin('PUT', `/admin/clients/${client.name}/disabled`, { disabled: true });
  assert.deepEqual(await statusesWith(token), [401]);
  const refused = await post('/oauth/token', { grant_type: 'client_credentials' }, client);
  assert.deepEqual([refused.status, refused.json().error], [401, 'invalid_client']);
  await admin('PUT', `/admin/clients/${client.name}/disabled`, { disabled: false });
  assert.deepEqual(await statusesWith(token), [401]);
  assert.deepEqual(await statusesWith(await tokenOf(client)), [200]);
});

it('removing the service of a client removes the client', async () => {
  const client = await register({ grants: ['client_credentials'] });
  const token = await tokenOf(client);
  await admin('DELETE', `/admin/services/${client.name}`);
  assert.deepEqual(await statusesWith(token), [401]);
  assert.equal((await post('/oauth/token', { grant_type: 'client_credentials' }, client)).status, 401);
});

it('after rotate-secret, both secrets work during the overlap, then only the new one', async () => {
  const client = await register({ grants: ['client_credentials'] });
  const rotate = (overlapSeconds: number) =>
    admin('POST', `/admin/clients/${client.name}/rotate-secret`, { overlapSeconds });
  const { client_secret: second } = await rotate(60);
  await tokenOf(client);
  await tokenOf({ ...client, client_secret: String(second) });
  const { client_secret: third } = await rotate(0);
  for (const secret of [client.client_secret, String(second)]) {
    const answer = await post(
      '/oauth/token',
      { grant_type: 'client_credentials' },
      { ...client, client_secret: secret },
    );
    assert.deepEqual([answer.status, answer.json().error], [401, 'invalid_client']);
  }
  await tokenOf({ ...client, client_secret: String(third) });
});

it('no secret of a client is in the database', async () => {
  const { readFileSync, readdirSync } = await import('node:fs');
  for (const file of readdirSync(server.data).filter((name) => name.startsWith('gatehouse.db'))) {
    assert.ok(!readFileSync(`${server.data}/${file}`).includes(robot.client_secret), file);
  }
});

it('a token for a resource that is not ours is refused (RFC 8707)', async () => {
  for (const resource of ['https://evil.example', 'nonsense', `${gateway}.evil.example`, `${gateway}#x`]) {
    const answer = await post('/oauth/token', { grant_type: 'client_credentials', resource }, robot);
    assert.deepEqual([answer.status, answer.json().error], [400, 'invalid_target'], resource);
  }
});

it('the ledger has each issued token', async () => {
  const jti = claimsOf(await tokenOf()).jti;
  const { entries } = (await admin('GET', '/admin/audit?limit=50')) as unknown as {
    entries: { type: string; data: { jti?: string } }[];
  };
  assert.ok(entries.some(({ type, data }) => type === 'oauth.token_issued' && data.jti === jti));
});

const FORM = 'application/x-www-form-urlencoded';
const ENDPOINTS = ['token', 'introspect', 'revoke', 'par', 'device'].map((name) => `/oauth/${name}`);
const NONSENSE: Record<string, { body: string; type?: string }> = {
  nothing: { body: '' },
  'a parameter twice': {
    body: 'grant_type=client_credentials&grant_type=client_credentials&token=a&token=b&scope=a&scope=b',
  },
  'another media type': { body: '{"grant_type":"client_credentials"}', type: 'application/json' },
  'a huge parameter': { body: `grant_type=${'x'.repeat(60_000)}&token=${'y'.repeat(10)}` },
  'a huge body': { body: `grant_type=client_credentials&x=${'x'.repeat(300_000)}` },
  'what is not UTF-8': { body: 'grant_type=%ff%fe&token=%ff' },
  'names of prototypes': { body: '__proto__=x&constructor=y&toString=z&grant_type=__proto__' },
  'an unknown grant': { body: 'grant_type=constructor' },
  'null characters': { body: 'grant_type=client_credentials%00&token=%00&scope=%00' },
  'an odd scope': { body: 'grant_type=client_credentials&scope=%22%5C&response_type=code&token=x' },
};

for (const path of ENDPOINTS) {
  it(`${path} answers nonsense with the standard's error, never with 500`, async () => {
    for (const [what, { body, type = FORM }] of Object.entries(NONSENSE)) {
      const headers = { 'content-type': type, authorization: basic(robot) };
      const answer = await ask({ port, ca, path, method: 'POST', headers, body });
      assert.ok(answer.status < 500, `${what}: ${answer.status}`);
      if (answer.status >= 400) assert.equal(typeof answer.json().error, 'string', what);
    }
  });

  it(`${path} refuses a client that it cannot authenticate, each in the same way (RFC 6749 §5.2)`, async () => {
    const form = { grant_type: 'client_credentials', token: 'x', response_type: 'code' };
    const wrong = [
      { ...robot, client_secret: 'wrong' },
      { client_id: 'zoe', client_secret: 'wrong' },
    ];
    const answers = await Promise.all(wrong.map((client) => post(path, form, client)));
    for (const answer of answers) {
      assert.deepEqual([answer.status, answer.json().error], [401, 'invalid_client']);
      assert.match(String(answer.headers['www-authenticate']), /^Basic /);
    }
    const [first, second] = answers.map((answer) => answer.json().error_description);
    assert.equal(first, second);
    for (const authorization of ['Basic', 'Basic !!!', 'Basic YQ==', 'Bearer x', 'Basic YTpiOg%3D']) {
      const headers = { 'content-type': FORM, authorization };
      const answer = await ask({
        port,
        ca,
        path,
        method: 'POST',
        headers,
        body: 'grant_type=client_credentials&token=x',
      });
      assert.ok([400, 401].includes(answer.status), `${authorization}: ${answer.status}`);
      assert.match(String(answer.json().error), /^invalid_(?:request|client)$/);
    }
  });
}

it('authorization requests with nonsense get a page or an error at the client, never 500', async () => {
  const page = await register({ grants: ['authorization_code'], redirectUris: ['https://page.example/'] });
  const good = `client_id=${page.client_id}&redirect_uri=https%3A%2F%2Fpage.example%2F&response_type=code`;
  for (const query of [
    '',
    'client_id=zoe',
    `${good}&client_id=x`,
    `${good}&scope=${'x'.repeat(6000)}`,
    `${good}&max_age=-1&scope=openid`,
    `${good}&prompt=nonsense`,
    `${good}&claims=%7B`,
    `${good}&request=a.b.c`,
    `${good}&request_uri=urn:x`,
    `${good}&resource=nonsense`,
    `${good}&response_mode=nonsense`,
    `${good}&code_challenge=short&code_challenge_method=S256`,
    'client_id=%00&redirect_uri=%ff',
  ]) {
    const answer = await ask({ port, ca, path: `/oauth/authorize?${query}` });
    assert.ok(answer.status < 500, `${query.slice(0, 80)}: ${answer.status} ${answer.text().slice(-300)}`);
  }
});

it('a foreign Host or forwarded host in a request does not change the issuer', async () => {
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
  const answer = await ask({ port, ca, path: '/.well-known/openid-configuration', headers });
  assert.ok(!answer.text().includes('evil'), answer.text());
  assert.ok(!answer.text().includes('http://'));
});
