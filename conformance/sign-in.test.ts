// Sign-in with a password and a second factor, refresh tokens and sign-out (RFC 9700 §4.14.2), stronger
// sign-ins for routes and the admin API (RFC 9470), and limits on guessing (NIST SP 800-63B-4 §3.2.2).
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { ask } from './support/https-client.ts';
import { oauthAt } from './support/oauth-client.ts';
import { createPerson, type Person } from './support/person.ts';
import { startServer } from './support/server-under-test.ts';
import { codeOf, controlClient } from './support/sign-in.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const routes = [
  { path: '/strong/*', require: 'mfa' },
  { path: '/fresh/*', require: { level: 'mfa', maxAge: '15m' } },
  { path: '/keys/*', require: 'phishing-resistant' },
  { path: '/*' },
];
const upstream = await startRecordingUpstream();
const server = await startServer({
  upstream: upstream.origin,
  set: [
    `gateway.routes=${JSON.stringify(routes)}`,
    `control.require=${JSON.stringify({ level: 'mfa', maxAge: '10m' })}`,
  ],
});
after(() => Promise.all([server.stop(), upstream.close()]));
const control = controlClient(server);

const atGateway = (path: string, token: unknown) =>
  ask({ ...server, path, headers: { authorization: `Bearer ${token}` } });

interface Entry {
  type: string;
  subject: string | null;
  outcome: string;
  data: Record<string, unknown>;
}

async function ledger(type: string): Promise<Entry[]> {
  const { entries } = await server.admin('GET', `/admin/audit?type=${type}&limit=1000`);
  return entries as unknown as Entry[];
}

/** A user with TOTP, as the command line switches it on. */
async function userWithTotp(roles = ['user']) {
  const user = await server.createUser(roles);
  const { secret, recovery_codes: recoveryCodes } = await server.admin(
    'POST',
    `/admin/users/${user.name}/totp`,
  );
  return { ...user, secret: String(secret), recoveryCodes: recoveryCodes as string[] };
}

/** The answer to a code after the right password. */
async function withCode({ name, password }: { name: string; password: string }, code: string) {
  const demand = (await control.login(name, password)).json();
  return control.post('/auth/mfa', { mfa_token: demand.mfa_token, code });
}

describe('the second factor', () => {
  it('is switched on by a code, and then a sign-in needs it', async () => {
    const { name, password } = await server.createUser(['user']);
    const first = (await control.login(name, password)).json();
    const token = String(first.access_token);
    assert.deepEqual(decodeJwt(token).amr, ['pwd']);
    assert.equal(decodeJwt(token).acr, '1fa');
    const begun = await control.post('/auth/totp', {}, { token });
    const { secret, uri } = begun.json();
    assert.match(String(secret), /^[A-Z2-7]{32}$/);
    assert.match(String(uri), new RegExp(`^otpauth://totp/Gatehouse:${name}\\?`));
    assert.equal((await control.login(name, password)).status, 200, 'not switched on yet');
    assert.equal((await control.post('/auth/totp/confirm', { code: '000000' }, { token })).status, 422);
    const confirmed = await control.post('/auth/totp/confirm', { code: codeOf(String(secret)) }, { token });
    assert.equal(confirmed.status, 200, confirmed.text());
    assert.equal((confirmed.json().recovery_codes as string[]).length, 10);

    const demand = await control.login(name, password);
    assert.equal(demand.status, 401);
    assert.ok(demand.headers['www-authenticate']);
    const { error, code, mfa_token, methods } = demand.json();
    assert.deepEqual([error, code, methods], ['mfa_required', 'mfa_required', ['totp', 'recovery']]);
    const answer = await control.post('/auth/mfa', { mfa_token, code: codeOf(String(secret), 1) });
    assert.equal(answer.status, 200, answer.text());
    const claims = decodeJwt(String(answer.json().access_token));
    assert.deepEqual([claims.amr, claims.acr], [['pwd', 'otp', 'mfa'], 'mfa']);
    assert.ok(Math.abs(Number(claims.auth_time) - Date.now() / 1000) < 60);
    assert.equal((await atGateway('/strong/a', answer.json().access_token)).status, 200);
  });

  it('never accepts a code twice, also not from two requests at once (RFC 6238 §5.2)', async () => {
    const user = await userWithTotp();
    const code = codeOf(user.secret);
    const answers = await Promise.all(Array.from({ length: 4 }, () => withCode(user, code)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401]);
    const [{ mfa_token }] = [(await control.login(user.name, user.password)).json()];
    assert.equal((await control.post('/auth/mfa', { mfa_token, code })).status, 401);
  });

  it('accepts each recovery code once, with any spaces', async () => {
    const user = await userWithTotp();
    const [code = ''] = user.recoveryCodes;
    assert.equal((await withCode(user, code.toUpperCase().replaceAll('-', ' '))).status, 200);
    assert.equal((await withCode(user, code)).status, 401);
    const { recoveryCodesLeft } = await server.admin('GET', `/admin/users/${user.name}`);
    assert.equal(recoveryCodesLeft, 9);
  });

  it('accepts the mfa_token once, and not after a change of the user', async () => {
    const user = await userWithTotp();
    const demand = (await control.login(user.name, user.password)).json();
    const again = { mfa_token: demand.mfa_token, code: codeOf(user.secret) };
    assert.equal((await control.post('/auth/mfa', again)).status, 200);
    assert.equal((await control.post('/auth/mfa', { ...again, code: codeOf(user.secret, 1) })).status, 401);
    const waiting = (await control.login(user.name, user.password)).json();
    await server.admin('PUT', `/admin/users/${user.name}/password`, { password: 'another long one' });
    const late = { mfa_token: waiting.mfa_token, code: codeOf(user.secret, 1) };
    assert.equal((await control.post('/auth/mfa', late)).status, 401);
  });

  it('refuses wrong codes with 429 after a dozen at most, and then the right one, too', async () => {
    const user = await userWithTotp();
    const statuses: number[] = [];
    for (let times = 0; times < 12; times += 1) statuses.push((await withCode(user, '123123')).status);
    assert.ok(statuses.includes(429), statuses.join());
    const answer = await withCode(user, codeOf(user.secret));
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers['retry-after']) > 2);
    assert.equal((await control.login(user.name, user.password)).status, 401, 'the password still works');
  });

  it('is switched off only after a recent sign-in with it', async () => {
    const { name, password } = await server.createUser(['user']);
    const before = String((await control.login(name, password)).json().access_token);
    const { secret } = await server.admin('POST', `/admin/users/${name}/totp`);
    const refused = await control.post('/auth/totp', '', { token: before, method: 'DELETE' });
    assert.equal(refused.status, 401);
    assert.match(
      String(refused.headers['www-authenticate']),
      /error="insufficient_user_authentication", acr_values="mfa", max_age="900"/,
    );
    const { access_token } = (await withCode({ name, password }, codeOf(String(secret)))).json();
    const token = String(access_token);
    assert.equal((await control.post('/auth/totp', {}, { token })).status, 409, 'replaces nothing');
    assert.equal((await control.post('/auth/recovery-codes', {}, { token })).status, 200);
    assert.equal((await control.post('/auth/totp', '', { token, method: 'DELETE' })).status, 204);
    assert.equal((await control.login(name, password)).status, 200);
  });

  it('ends the other sign-ins with a code when it is removed: tokens, refresh tokens and sessions', async () => {
    const user = await userWithTotp();
    const [ofOther = '', ofBrowser = ''] = user.recoveryCodes;
    const own = (await withCode(user, codeOf(user.secret))).json();
    const other = (await withCode(user, ofOther)).json();
    const browser = createPerson(server, user);
    const asked = await browser.submit(await browser.open('/login'), {
      username: user.name,
      password: user.password,
    });
    await browser.submit(asked, { code: ofBrowser });
    const account = async () => (await browser.open('/account')).url.pathname;
    assert.equal(await account(), '/account');
    const used = async () =>
      Promise.all([own, other].map(async ({ access_token: token }) => (await atGateway('/', token)).status));
    assert.deepEqual(await used(), [200, 200]);
    const token = String(own.access_token);
    assert.equal((await control.post('/auth/totp', '', { token, method: 'DELETE' })).status, 204);
    assert.deepEqual(await used(), [200, 401]);
    assert.equal(await account(), '/login');
    const refreshed = await Promise.all(
      [own, other].map(({ refresh_token }) => control.post('/auth/refresh', { refresh_token })),
    );
    assert.deepEqual(
      refreshed.map(({ status }) => status),
      [200, 401],
    );
  });
});

describe('a stronger sign-in (RFC 9470)', () => {
  it('is required by a route, with a challenge that says how, and an entry in the ledger', async () => {
    const { name, password } = await server.createUser(['user']);
    const { access_token } = (await control.login(name, password)).json();
    const weak = await atGateway('/fresh/a', access_token);
    assert.equal(weak.status, 401);
    assert.equal(weak.json().code, 'insufficient_user_authentication');
    assert.equal(
      weak.headers['www-authenticate'],
      'Bearer realm="gatehouse", error="insufficient_user_authentication", acr_values="mfa", max_age="900"',
    );
    const [denied] = (await ledger('gateway.request_denied')).filter(({ data }) => data.path === '/fresh/a');
    assert.equal(denied?.data.code, 'insufficient_user_authentication');
    assert.equal((await atGateway('/other', access_token)).status, 200);
    const keyed = await atGateway('/keys/a', access_token);
    assert.match(String(keyed.headers['www-authenticate']), /acr_values="phr"/);
  });

  it('is required by the admin API when control.require says so, but not to manage the own account', async () => {
    const { name, password } = await server.createUser(['admin']);
    const { access_token } = (await control.login(name, password)).json();
    const token = String(access_token);
    const list = (bearer: string) =>
      ask({
        port: server.controlPort,
        ca: server.ca,
        path: '/admin/users',
        headers: { authorization: `Bearer ${bearer}` },
      });
    const refused = await list(token);
    assert.equal(refused.status, 401);
    assert.match(String(refused.headers['www-authenticate']), /acr_values="mfa"/);
    const { secret } = (await control.post('/auth/totp', {}, { token })).json();
    await control.post('/auth/totp/confirm', { code: codeOf(String(secret)) }, { token });
    const strong = (await withCode({ name, password }, codeOf(String(secret), 1))).json();
    assert.equal((await list(String(strong.access_token))).status, 200);
  });
});

describe('administration by an OAuth client, if control.require has mfa and maxAge', () => {
  const { issuer, register } = oauthAt(server);
  const redirect = 'http://127.0.0.1:50000/callback';

  async function begin(person: Person) {
    const { client_id } = await register({
      grants: ['authorization_code'],
      authMethod: 'none',
      applicationType: 'native',
      redirectUris: ['http://127.0.0.1/callback'],
      scopes: ['gatehouse:admin'],
    });
    const query = new URLSearchParams({
      client_id,
      redirect_uri: redirect,
      response_type: 'code',
      scope: 'openid gatehouse:admin',
      resource: issuer,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    return person.open(`/oauth/authorize?${query}`);
  }

  it('is refused to a person without a second factor, and not asked for again and again', async () => {
    const user = await server.createUser(['admin']);
    const person = createPerson(server, user);
    const { url } = await person.submit(await begin(person), {
      username: user.name,
      password: user.password,
    });
    assert.equal(url.searchParams.get('error'), 'unmet_authentication_requirements');
  });

  it('begins with a new sign-in if the last one was without the second factor', async () => {
    const user = await server.createUser(['admin']);
    const person = createPerson(server, user);
    await person.submit(await person.open('/login'), { username: user.name, password: user.password });
    const { secret } = await server.admin('POST', `/admin/users/${user.name}/totp`);
    let shown = await begin(person);
    assert.match(shown.answer?.text() ?? '', /Sign in again/);
    shown = await person.submit(shown, {});
    shown = await person.submit(shown, { username: user.name, password: user.password });
    shown = await person.submit(shown, { code: codeOf(String(secret)) });
    assert.match(shown.answer?.text() ?? '', /administer this Gatehouse/);
    const { url } = await person.submit(shown, { decision: 'allow' });
    assert.ok(url.searchParams.has('code'), url.href);
  });

  it('begins with a new sign-in if the last one is older than maxAge', async (t) => {
    const user = await userWithTotp(['admin']);
    const person = createPerson(server, user);
    const signIn = async (page: Awaited<ReturnType<typeof begin>>) => {
      const asked = await person.submit(page, { username: user.name, password: user.password });
      return person.submit(asked, { code: codeOf(user.secret) });
    };
    assert.match((await signIn(await begin(person))).answer?.text() ?? '', /administer this Gatehouse/);
    assert.match((await begin(person)).answer?.text() ?? '', /administer this Gatehouse/, 'it is new enough');
    const { now } = Date;
    t.mock.method(Date, 'now', () => now() + 11 * 60_000);
    const shown = await begin(person);
    assert.match(shown.answer?.text() ?? '', /Sign in again/);
    const again = await signIn(await person.submit(shown, {}));
    assert.match(again.answer?.text() ?? '', /administer this Gatehouse/);
  });
});

describe('refresh tokens', () => {
  it('work once; the second use ends the sign-in and voids its access tokens (RFC 9700 §4.14.2)', async () => {
    const { name, password } = await server.createUser(['user']);
    const first = (await control.login(name, password)).json();
    const second = await control.post('/auth/refresh', { refresh_token: first.refresh_token });
    assert.equal(second.status, 200, second.text());
    const { access_token, refresh_token } = second.json();
    assert.notEqual(refresh_token, first.refresh_token);
    const [before, after] = [decodeJwt(String(first.access_token)), decodeJwt(String(access_token))];
    assert.deepEqual([after.sid, after.auth_time, after.amr], [before.sid, before.auth_time, before.amr]);
    assert.equal((await atGateway('/a', access_token)).status, 200);
    const replayed = await control.post('/auth/refresh', { refresh_token: first.refresh_token });
    assert.equal(replayed.status, 401);
    assert.equal((await atGateway('/a', access_token)).status, 401);
    assert.equal((await atGateway('/a', first.access_token)).status, 401);
    assert.equal((await control.post('/auth/refresh', { refresh_token })).status, 401);
    const ended = await ledger('identity.sign_in_ended');
    assert.ok(ended.some(({ subject, data }) => subject === name && data.reason === 'reuse'));
  });

  it('of several requests at once give at most one token', async () => {
    const { name, password } = await server.createUser(['user']);
    const { refresh_token } = (await control.login(name, password)).json();
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => control.post('/auth/refresh', { refresh_token })),
    );
    assert.ok(answers.filter(({ status }) => status === 200).length <= 1);
  });

  it('end with a sign-out, like the access tokens, on the gateway and the control listener', async () => {
    const { name, password } = await server.createUser(['user']);
    const { access_token, refresh_token } = (await control.login(name, password)).json();
    const token = String(access_token);
    const other = (await control.login(name, password)).json();
    assert.equal((await control.post('/auth/logout', {}, { token })).status, 204);
    assert.equal((await atGateway('/a', token)).status, 401);
    assert.equal((await control.post('/auth/totp', {}, { token })).status, 401);
    assert.equal((await control.post('/auth/refresh', { refresh_token })).status, 401);
    assert.equal((await atGateway('/a', other.access_token)).status, 200, 'another sign-in goes on');
  });

  it('are void when the user is disabled or has a new password', async () => {
    const { name, password } = await server.createUser(['user']);
    const { refresh_token } = (await control.login(name, password)).json();
    await server.admin('PUT', `/admin/users/${name}/disabled`, { disabled: true });
    await server.admin('PUT', `/admin/users/${name}/disabled`, { disabled: false });
    assert.equal((await control.post('/auth/refresh', { refresh_token })).status, 401);
  });
});

describe('guessing', () => {
  it('is refused with 429 for the account, and the owner can still sign in from another address', async () => {
    const owner = await server.createUser(['user']);
    assert.equal((await control.login(owner.name, owner.password, '127.0.0.5')).status, 200);
    const statuses = new Set<number>();
    for (let times = 0; times < 12; times += 1) {
      statuses.add((await control.login(owner.name, 'a wrong guess', '127.0.0.6')).status);
    }
    assert.deepEqual(statuses, new Set([401, 429]));
    assert.equal((await control.login(owner.name, owner.password, '127.0.0.5')).status, 200);
    const other = await server.createUser(['user']);
    assert.equal((await control.login(other.name, other.password, '127.0.0.6')).status, 200);
  });

  it('does not reveal which users exist: the limit and the answer are the same', async () => {
    const { name } = await server.createUser(['user']);
    const outcome = async (username: string) => {
      const seen: string[] = [];
      for (let times = 0; times < 12; times += 1) {
        const answer = await control.login(username, 'a wrong guess', '127.0.0.7');
        const { request_id: _, ...rest } = answer.json();
        seen.push(`${answer.status} ${JSON.stringify(rest).replace(/\d+ s/, 'some s')}`);
      }
      return seen;
    };
    assert.deepEqual(await outcome('user-none'), await outcome(name));
  });

  it('causes a limited number of entries: the first at once, then a count with its times', async () => {
    for (let times = 0; times < 8; times += 1) await control.login('ghost', 'a wrong guess', '127.0.0.8');
    const entries = (await ledger('identity.sign_in')).filter(({ subject }) => subject === 'ghost');
    // The minute of the first may have ended meanwhile. Then its count is there, too, and the first of the
    // next minute.
    const counts = entries.filter(({ data }) => data.count !== undefined).length;
    const firsts = entries.length - counts;
    assert.ok(firsts === 1 ? counts <= 1 : firsts === 2 && counts === 1, `${firsts} and ${counts} counts`);
  });
});

describe('a flood of forged credentials', () => {
  it('causes one entry at once and a count, and others are served meanwhile', async () => {
    const { name, password } = await server.createUser(['user']);
    const { access_token } = (await control.login(name, password)).json();
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = (jti: string) => `${part({ alg: 'ES256' })}.${part({ jti, sub: 'admin' })}.${part({})}`;
    const flood = Array.from({ length: 100 }, (_, index) => atGateway('/flooded', forged(`t${index}`)));
    assert.equal((await atGateway('/flooded', access_token)).status, 200);
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    assert.deepEqual(new Set(statuses), new Set([401]));
    const entries = (await ledger('gateway.request_denied')).filter(({ data }) => data.path === '/flooded');
    assert.ok(entries.length <= 2, `${entries.length} entries`);
  });
});

describe('the link to a new password', () => {
  it('works once, ends all sign-ins, and is no longer valid afterwards', async () => {
    const { name, password } = await server.createUser(['user']);
    const { access_token } = (await control.login(name, password)).json();
    const { url } = await server.admin('POST', `/admin/users/${name}/password-reset`);
    const token = new URL(String(url)).hash.replace('#token=', '');
    const choose = (chosen: string) => control.post('/auth/reset', { token, password: chosen });
    assert.equal((await choose('password1')).status, 422, 'one that attackers try first');
    const answers = await Promise.all([choose('a brand new one'), choose('another new one')]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 401]);
    assert.equal((await atGateway('/a', access_token)).status, 401);
    assert.equal((await choose('a third new one')).status, 401);
  });
});

describe('a request that makes no sense', () => {
  const endpoints = [
    ['/auth/login', 'username', 'password'],
    ['/auth/mfa', 'mfa_token', 'code'],
    ['/auth/refresh', 'refresh_token'],
    ['/auth/reset', 'token', 'password'],
    ['/auth/totp/confirm', 'code'],
  ] as const;

  for (const [path, ...members] of endpoints) {
    it(`to ${path} is a 4xx, never a 500`, async () => {
      const { name, password } = await server.createUser(['user']);
      const token = String((await control.login(name, password)).json().access_token);
      const sound = Object.fromEntries(members.map((member) => [member, 'text']));
      const [first] = members;
      const bodies: unknown[] = [
        {},
        [],
        null,
        'not json',
        '',
        ...[1, null, true, [], {}, 'x'.repeat(200_000), '\u0000', '\ud800'].map((value) => ({
          ...sound,
          [first]: value,
        })),
        { ...sound, more: 1 },
        `{"${first}":"a","${first}":"b"${members.slice(1).map((member) => `,"${member}":"c"`)}}`,
        { ...sound, [first]: 'x'.repeat(1_000_000) },
      ];
      for (const body of bodies) {
        const { status } = await control.post(path, body, { token, from: '127.0.0.9' });
        assert.ok(status >= 400 && status < 500, `${status} for ${JSON.stringify(body)?.slice(0, 80)}`);
      }
    });
  }

  it('to any operation on people, groups and services is a 4xx too', async () => {
    const { name: user } = await server.createUser(['user']);
    await server.admin('POST', '/admin/groups', { name: 'group' });
    await server.admin('POST', '/admin/services', { name: 'service' });
    const { paths } = (
      await ask({ port: server.controlPort, ca: server.ca, path: '/api/openapi.json' })
    ).json();
    const operations = Object.entries(paths as Record<string, Record<string, { requestBody?: unknown }>>)
      .filter(([path]) => /^\/admin\/(?:users|groups|services)/.test(path))
      .flatMap(([path, methods]) =>
        Object.entries(methods)
          .filter(([, { requestBody }]) => requestBody !== undefined)
          .map(([method]) => [method.toUpperCase(), path] as const),
      );
    assert.ok(operations.length >= 10);
    const junk = [
      1,
      'text',
      [],
      null,
      { name: 1, password: [], roles: {}, attributes: 1, set: [], disabled: 0 },
    ];
    for (const [method, path] of operations) {
      const named = path.replace(
        '{name}',
        path.includes('/users') ? user : path.includes('/groups') ? 'group' : 'service',
      );
      for (const body of [...junk, { ...(junk[4] as object), name: 'x'.repeat(100_000) }]) {
        await assert.rejects(server.admin(method, named, body), / answered 4\d\d/, `${method} ${path}`);
      }
    }
  });
});
