// Sign-in through other OpenID providers (OpenID Connect Core 1.0, RFC 9207, Back-Channel Logout 1.0): a
// second Gatehouse is the provider, and wrong answers of providers are refused (RFC 9700 §4.4, §4.5, §4.7).
// Only the owners of accounts can link them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { startBrowsers } from '../support/browser.ts';
import { hiddenField } from '../support/cookie-jar.ts';
import type { Lies } from '../support/fake-provider.ts';
import { CLIENT, startFakeProviders } from '../support/fake-provider.ts';
import { ask } from '../support/https-client.ts';
import { freePorts } from '../support/ports.ts';
import { without } from '../support/programs.ts';
import { startServer } from '../support/server-under-test.ts';
import { codeOf, controlClient } from '../support/sign-in.ts';
import { createTestAuthority } from '../support/test-authority.ts';
import type { Traveller } from '../support/traveller.ts';
import { createTraveller, onward } from '../support/traveller.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const ROUTES = [
  { path: '/app/*', accept: ['session'], allow: { roles: ['user'] } },
  { path: '/strong', accept: ['session'], allow: { roles: ['user'] }, require: 'mfa' },
];

const skip = without('chromium');
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-providers-'));
const file = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const [controlPort = 0, homePort = 0] = await freePorts(2);
const authority = createTestAuthority();
const fakes = await startFakeProviders(authority);
const upstream = await startRecordingUpstream();
// Another name for the same machine, so that a browser has other cookies for it.
const homeUrl = `https://127.0.0.1:${homePort}`;
const home = await startServer({
  upstream: upstream.origin,
  set: [`control.listen=127.0.0.1:${homePort}`, `control.url=${homeUrl}`],
});
const control = `https://localhost:${controlPort}`;
const relay = await startRelay();
const { client_id: homeClient, client_secret: homeSecret } = await home.admin('POST', '/admin/clients', {
  name: 'the-gateway',
  grants: ['authorization_code'],
  redirectUris: [`${control}/auth/providers/home/callback`],
  postLogoutRedirectUris: [`${control}/auth/providers/home/signed-out`],
  backchannelLogoutUri: relay.url,
});
for (const name of ['one', 'leaving', 'quiet']) {
  fakes.at(name).metadata = { end_session_endpoint: `${fakes.at(name).issuer}/end` };
}
const ca = file('fakes.pem', authority.root);
const clientSecretFile = file('fake.secret', `${CLIENT.secret}\n`);
const fake = (name: string, more: object = {}) => {
  const { issuer } = fakes.at(name);
  return { name, issuer, clientId: CLIENT.id, clientSecretFile, ca, ...more };
};
const PROVIDERS = [
  {
    name: 'home',
    title: 'the other Gatehouse',
    issuer: homeUrl,
    clientId: homeClient,
    clientSecretFile: file('home.secret', String(homeSecret)),
    ca: file('home.pem', home.ca),
  },
  fake('one'),
  fake('two'),
  fake('leaving', { signOutThere: 'always' }),
  fake('quiet', { signOutThere: 'never' }),
  fake('down'),
  fake('bare'),
  fake('trusted', { trustFactors: true, acrLevels: { gold: 'mfa' } }),
  fake('open', { signUp: { roles: ['user'], groups: { staff: ['staff'] }, emailDomains: ['example.com'] } }),
];
const server = await startServer({
  upstream: upstream.origin,
  set: [
    `control.listen=127.0.0.1:${controlPort}`,
    `gateway.routes=${JSON.stringify(ROUTES)}`,
    `identity.providers=${JSON.stringify(PROVIDERS)}`,
  ],
});
const gateway = `https://localhost:${server.port}`;
after(async () => {
  await Promise.all([server.stop(), home.stop(), fakes.close(), upstream.close(), relay.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** Forwards messages of the provider. It accepts plain HTTP, because the provider does not trust our root. */
async function startRelay() {
  const passed: number[] = [];
  const plain = createServer(async (incoming, outgoing) => {
    const path = '/auth/providers/home/backchannel-logout';
    const headers = { 'content-type': incoming.headers['content-type'] ?? '' };
    const body = await text(incoming);
    const { status } = await ask({ ...listener, path, method: 'POST', headers, body });
    passed.push(status);
    outgoing.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const { port } = plain.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, passed, close: () => void plain.close() };
}

const browser = () => createTraveller({ [control]: server.ca, [gateway]: server.ca, [homeUrl]: home.ca });
const SESSION = '__Host-gatehouse-session';
const listener = { port: controlPort, ca: server.ca };
const isSignedIn = (person: Traveller) => person.at(control).cookies.has(SESSION);

/** Signs in on the sign-in page where `person` is. */
async function signInOn(person: Traveller, at: string, user: { name: string; password: string }, html = '') {
  const next = hiddenField(html, 'next');
  const form = { username: user.name, password: user.password, ...(next !== '' && { next }) };
  return person.go(`${at}/login`, { form });
}

/** The URL to which a sign-in through this provider sends the browser. */
async function sentTo(
  person: Traveller,
  provider: string,
  query: Record<string, string> = {},
): Promise<string> {
  const answer = await person.go(`${control}/auth/providers/${provider}?${new URLSearchParams(query)}`, {
    follow: 0,
  });
  assert.equal(answer.status, 303, answer.text());
  return String(answer.headers.location);
}

async function sessionsOf(user: string): Promise<unknown> {
  return server.admin('GET', `/admin/sessions?user=${user}`);
}

/** A user here who has linked `sub` of a fake provider. */
async function linked(provider: string, sub: string) {
  const user = await server.createUser(['user']);
  const person = browser();
  await signInOn(person, control, user);
  const page = await person.go(`${control}/account/providers/link`, { form: { provider } });
  const to = String(onward(page, page.url));
  const back = await person.go(fakes.at(provider).answer(to, sub));
  assert.equal(back.url.search, '?done=provider-linked', back.text());
  return { ...user, person };
}

async function ledger(type: string) {
  const { entries } = await server.admin('GET', `/admin/audit?type=${type}&limit=1000`);
  return entries as unknown as { subject: string | null; outcome: string; data: Record<string, unknown> }[];
}

describe('with another Gatehouse as the provider', () => {
  it('a person links the account, and then signs in through it at the gateway and returns', async () => {
    const here = await server.createUser(['user']);
    const there = await home.createUser(['user']);
    const person = browser();
    await signInOn(person, control, here);
    const page = await person.go(`${control}/account/providers/link`, { form: { provider: 'home' } });
    assert.deepEqual([page.url.origin, page.url.pathname], [homeUrl, '/login'], page.text());
    const consent = await signInOn(person, homeUrl, there, page.text());
    const action = /action="([^"]*)"/.exec(consent.text())?.[1] ?? '';
    const back = await person.go(new URL(action, consent.url).href, { form: { decision: 'allow' } });
    assert.match(back.text(), /The account was linked/);

    const stranger = browser();
    const signIn = await stranger.go(`${gateway}/app/notes?page=2`);
    const link =
      /href="([^"]*auth\/providers\/home[^"]*)"/.exec(signIn.text())?.[1]?.replaceAll('&amp;', '&') ?? '';
    assert.match(signIn.text(), /Sign in with the other Gatehouse/);
    const atHome = await stranger.go(new URL(link, control).href);
    const last = await signInOn(stranger, homeUrl, there, atHome.text());
    assert.deepEqual([last.status, last.url.href], [200, `${gateway}/app/notes?page=2`], last.text());
    const [request] = upstream.saw('/app/notes?page=2');
    const [, claims = ''] = String(request?.headers['gatehouse-assertion']).split('.');
    assert.equal(JSON.parse(Buffer.from(claims, 'base64url').toString()).sub, here.name);

    await stranger.go(`${homeUrl}/logout`, { form: {} });
    while (relay.passed.length === 0) await setImmediate();
    assert.deepEqual(relay.passed, [200]);
    assert.equal(
      (await stranger.go(`${gateway}/app/notes`)).url.pathname,
      '/login',
      'signed out there, and so here',
    );
  });
});

describe('a person who has linked an account elsewhere', () => {
  it('signs in through it with one factor, `fed`, even if the provider names others', async () => {
    const user = await linked('one', 'sub-1');
    const person = browser();
    const answer = fakes.at('one').answer(await sentTo(person, 'one', { next: '/account' }), 'sub-1', {
      claims: { amr: ['mfa', 'hwk'], acr: 'phr' },
    });
    assert.equal((await person.go(answer)).status, 200);
    const [session] = (await sessionsOf(user.name)) as { methods: string[] }[];
    assert.deepEqual(session?.methods, ['fed']);
    const strong = await person.go(`${gateway}/strong`);
    assert.match(strong.text(), /A stronger sign-in is needed/);
    const entries = (await ledger('identity.sign_in')).filter(({ subject }) => subject === user.name);
    assert.deepEqual(
      entries.map(({ data: { provider, sub, amr } }) => [provider, sub, amr]),
      [
        [undefined, undefined, ['pwd']],
        ['one', 'sub-1', ['fed']],
      ],
    );
    assert.deepEqual(fakes.at('one').flaws, []);
  });

  it('is asked for the second factor of the account here, only on the page', async () => {
    const user = await linked('one', 'sub-2');
    const { secret } = await server.admin('POST', `/admin/users/${user.name}/totp`);
    const person = browser();
    const step = await person.go(
      fakes.at('one').answer(await sentTo(person, 'one', { next: '/account' }), 'sub-2'),
    );
    assert.match(step.text(), /Second step/);
    assert.equal(isSignedIn(person), false);
    const token = hiddenField(step.text(), 'token');
    const code = codeOf(String(secret), 1);
    const last = await person.go(`${control}/login/code`, { form: { token, code, next: '/account' } });
    assert.equal(last.status, 200, last.text());
    const [session] = (await sessionsOf(user.name)) as { methods: string[] }[];
    assert.deepEqual(session?.methods, ['fed', 'otp', 'mfa']);
    assert.equal((await person.go(`${gateway}/strong`)).url.pathname, '/strong');
  });

  it('cannot send the second factor to the API, whose tokens would stay valid after a sign-out at the provider', async () => {
    const user = await linked('one', 'sub-3');
    const { recovery_codes: codes } = await server.admin('POST', `/admin/users/${user.name}/totp`);
    const person = browser();
    const step = await person.go(fakes.at('one').answer(await sentTo(person, 'one'), 'sub-3'));
    const body = { mfa_token: hiddenField(step.text(), 'token'), code: (codes as string[])[0] };
    const { status } = await controlClient(server).post('/auth/mfa', body);
    assert.equal(status, 401);
  });

  it('satisfies `require` with the factors of a provider that the operator trusts', async () => {
    const user = await linked('trusted', 'sub-4');
    for (const [claims, methods] of [
      [{ amr: ['pwd', 'otp', 'mfa', 'made-up', 7] }, ['fed', 'pwd', 'otp', 'mfa']],
      [{ acr: 'gold', amr: 'mfa' }, ['fed', 'mfa']],
    ] as const) {
      const person = browser();
      const strong = await person.go(`${gateway}/strong`);
      const next = hiddenField(strong.text(), 'next');
      const answer = fakes
        .at('trusted')
        .answer(await sentTo(person, 'trusted', { next }), 'sub-4', { claims });
      assert.equal((await person.go(answer)).url.href, `${gateway}/strong`);
      const [session] = (await sessionsOf(user.name)) as { methods: string[] }[];
      assert.deepEqual(session?.methods, methods);
    }
  });

  it('must sign in again there, and an old sign-in there is not accepted', async () => {
    await linked('one', 'sub-5');
    const person = browser();
    const to = await sentTo(person, 'one', { again: '1' });
    const { searchParams } = new URL(to);
    assert.deepEqual([searchParams.get('prompt'), searchParams.get('max_age')], ['login', '0']);
    const old = Math.floor(Date.now() / 1000) - 3600;
    const answer = fakes.at('one').answer(to, 'sub-5', { claims: { auth_time: old } });
    const refused = await person.go(answer);
    assert.deepEqual([refused.status, isSignedIn(person)], [400, false]);
  });

  it('a sign-in that is old there is old here, and acts that need a recent one ask again', async () => {
    await linked('one', 'sub-6');
    const person = browser();
    const old = Math.floor(Date.now() / 1000) - 3600;
    const answer = fakes
      .at('one')
      .answer(await sentTo(person, 'one'), 'sub-6', { claims: { auth_time: old } });
    assert.match((await person.go(answer)).text(), /confirm that it is you/);
    const unlink = await person.go(`${control}/account/providers/unlink`, { form: { provider: 'one' } });
    assert.equal(unlink.status, 403);
  });

  it('removes the link, which ends the sessions that came from it', async () => {
    const user = await linked('one', 'sub-7');
    const other = browser();
    await other.go(fakes.at('one').answer(await sentTo(other, 'one'), 'sub-7'));
    const page = await user.person.go(`${control}/account/providers/unlink`, { form: { provider: 'one' } });
    assert.match(page.text(), /The link was removed/);
    assert.equal((await other.go(`${control}/account`)).url.pathname, '/login');
    assert.equal((await user.person.go(`${control}/account`)).url.pathname, '/account');
    const again = await other.go(fakes.at('one').answer(await sentTo(other, 'one'), 'sub-7'));
    assert.equal(again.status, 403);
    const types = ['identity.provider_linked', 'identity.provider_unlinked'];
    const entries = await Promise.all(types.map(ledger));
    assert.deepEqual(
      entries.map((of) => of.filter(({ subject }) => subject === user.name).map(({ data }) => data.sub)),
      [['sub-7'], ['sub-7']],
    );
  });

  it('an administrator sees the link and removes it', async () => {
    const { name } = await linked('two', 'sub-8');
    const { providers } = await server.admin('GET', `/admin/users/${name}`);
    const [link] = providers as { provider: string; subject: string }[];
    assert.deepEqual([link?.provider, link?.subject], ['two', 'sub-8']);
    await server.admin('DELETE', `/admin/users/${name}/providers/two`);
    assert.deepEqual((await server.admin('GET', `/admin/users/${name}`)).providers, []);
    await assert.rejects(server.admin('DELETE', `/admin/users/${name}/providers/two`), /404/);
  });

  it('cannot sign in while disabled; a new user with the name of a removed one has no link', async () => {
    const { name } = await linked('one', 'sub-9');
    const tried = async () => {
      const person = browser();
      return (await person.go(fakes.at('one').answer(await sentTo(person, 'one'), 'sub-9'))).status;
    };
    await server.admin('PUT', `/admin/users/${name}/disabled`, { disabled: true });
    assert.equal(await tried(), 403);
    await server.admin('PUT', `/admin/users/${name}/disabled`, { disabled: false });
    assert.equal(await tried(), 200);
    await server.admin('DELETE', `/admin/users/${name}`);
    await server.admin('POST', '/admin/users', {
      name,
      password: 'correct horse battery staple',
      roles: ['user'],
    });
    assert.equal(await tried(), 403);
  });
});

describe('a person without a link', () => {
  it('is refused with a page that says how to link, and with an entry in the ledger', async () => {
    const person = browser();
    const page = await person.go(fakes.at('one').answer(await sentTo(person, 'one'), 'zoe'));
    assert.equal(page.status, 403);
    assert.match(page.text(), /Sign in with your password or passkey, then link it on your account page/);
    assert.equal(isSignedIn(person), false);
    const entries = await ledger('identity.provider_sign_in_refused');
    const own = entries.filter(({ data }) => data.sub === 'zoe');
    assert.deepEqual(
      own.map(({ outcome, data }) => [outcome, data.code]),
      [['failure', 'account_not_linked']],
    );
  });

  it('is not mistaken for the user with the same name or e-mail address', async () => {
    const { name } = await server.createUser(['user']);
    const person = browser();
    fakes.at('open').userinfo = {
      preferred_username: name,
      email: `${name}@example.com`,
      email_verified: true,
    };
    const page = await person.go(fakes.at('open').answer(await sentTo(person, 'open'), 'sub-10'));
    assert.deepEqual([page.status, isSignedIn(person)], [403, false]);
    assert.match(page.text(), new RegExp(`An account with the name ${name} already exists here`));
  });

  it('gets an account if the settings allow it, with roles for its groups', async () => {
    const about = { preferred_username: 'newcomer', email: 'n@example.com', email_verified: true };
    fakes.at('open').userinfo = { ...about, groups: ['staff', 'others'] };
    for (const _ of ['sign-up', 'sign-in']) {
      const person = browser();
      await person.go(fakes.at('open').answer(await sentTo(person, 'open'), 'sub-11'));
      assert.equal(isSignedIn(person), true);
    }
    const { roles, providers } = await server.admin('GET', '/admin/users/newcomer');
    assert.deepEqual(roles, ['user', 'staff']);
    assert.deepEqual(
      (providers as { label: string }[]).map(({ label }) => label),
      ['n@example.com'],
    );
  });

  it('gets no account with an address that is not verified or of another domain, or without a usable name', async () => {
    const good = { preferred_username: 'visitor', email: 'v@example.com', email_verified: true };
    for (const bad of [
      { email_verified: false },
      { email_verified: 'true' },
      { email: 'v@evil.example' },
      { email: 'v@evil.example@example.com.evil.example' },
      { email: 7 },
      { preferred_username: undefined },
      { preferred_username: 'a b' },
      { preferred_username: 'admin' },
      { preferred_username: 'ADMIN' },
      { preferred_username: ['visitor'] },
    ]) {
      fakes.at('open').userinfo = { ...good, ...bad };
      const person = browser();
      const page = await person.go(fakes.at('open').answer(await sentTo(person, 'open'), 'sub-12'));
      assert.deepEqual([page.status, isSignedIn(person)], [403, false], JSON.stringify(bad));
    }
    await assert.rejects(server.admin('GET', '/admin/users/visitor'), /404/);
  });
});

describe('a provider with wrong answers, or an attacker', () => {
  const now = Math.floor(Date.now() / 1000);
  const LIES: [what: string, lies: Lies][] = [
    ['an ID token of another issuer', { claims: { iss: 'https://evil.example' } }],
    ['an ID token for another client', { claims: { aud: 'another' } }],
    [
      'an ID token for several clients, none of which is named as its user',
      { claims: { aud: [CLIENT.id, 'another'] } },
    ],
    ['an ID token for another sign-in', { claims: { nonce: 'another' } }],
    ['an ID token without a nonce', { claims: { nonce: undefined } }],
    ['an ID token that has expired', { claims: { exp: now - 600 } }],
    ['an ID token without an end', { claims: { exp: undefined } }],
    ['an ID token that is not valid yet', { claims: { nbf: now + 86_400 } }],
    ['an ID token without a subject', { claims: { sub: undefined } }],
    ['an ID token whose subject is a number', { claims: { sub: 7 } }],
    ['an ID token with a subject that is too long', { claims: { sub: 'x'.repeat(256) } }],
    ['an ID token with the signature of another key', { signature: 'another key' }],
    ['an ID token without a signature (alg none)', { signature: 'none' }],
    ['an answer of another issuer (RFC 9207)', { answer: { iss: 'https://evil.example' } }],
    ['an answer without its issuer (RFC 9207)', { answer: { iss: undefined } }],
    ['an answer without a code', { answer: { code: undefined } }],
    ['a code that it never gave', { answer: { code: 'made-up' } }],
    ['an ID token in the URL', { answer: { id_token: 'e30.e30.' } }],
  ];
  for (const [what, lies] of LIES) {
    it(`refuses a sign-in with ${what}`, async () => {
      await known;
      const person = browser();
      const page = await person.go(fakes.at('two').answer(await sentTo(person, 'two'), 'known', lies));
      assert.deepEqual([page.status, isSignedIn(person)], [400, false], page.text());
    });
  }
  const known = linked('two', 'known');

  it('the answer of one provider is not accepted as an answer of another (mix-up)', async () => {
    await linked('one', 'same-sub');
    const person = browser();
    const to = await sentTo(person, 'two');
    const swapped = fakes.at('two').answer(to, 'same-sub').replace('/two/callback', '/one/callback');
    assert.equal((await person.go(swapped)).status, 400);
    const page = await person.go(fakes.at('two').answer(to, 'same-sub'));
    assert.equal(page.status, 403, 'the same subject at another provider is another person');
    assert.equal(isSignedIn(person), false);
  });

  it('an answer works once, and only in the browser that began (login CSRF)', async () => {
    await known;
    const attacker = browser();
    const answer = fakes.at('two').answer(await sentTo(attacker, 'two'), 'known');
    const victim = browser();
    await sentTo(victim, 'two');
    assert.deepEqual([(await victim.go(answer)).status, isSignedIn(victim)], [400, false]);
    assert.equal((await attacker.go(answer)).status, 200);
    const repeated = browser();
    for (const [name, value] of attacker.at(control).cookies) repeated.at(control).cookies.set(name, value);
    repeated.at(control).cookies.delete(SESSION);
    assert.deepEqual([(await repeated.go(answer)).status, isSignedIn(repeated)], [400, false]);
  });

  it('two tabs of a browser can sign in at the same time', async () => {
    await known;
    const person = browser();
    const [first, second] = [await sentTo(person, 'two'), await sentTo(person, 'one')];
    assert.equal((await person.go(fakes.at('one').answer(second, 'unknown'))).status, 403);
    assert.equal((await person.go(fakes.at('two').answer(first, 'known'))).status, 200);
  });

  it('a cookie that was planted before is not adopted (session fixation)', async () => {
    await known;
    const person = browser();
    const planted = 'p'.repeat(43);
    for (const name of [SESSION, '__Host-gatehouse-provider']) person.at(control).cookies.set(name, planted);
    await person.go(fakes.at('two').answer(await sentTo(person, 'two'), 'known'));
    assert.equal(isSignedIn(person), true);
    assert.notEqual(person.at(control).cookies.get(SESSION), planted);
  });

  it('no link leads from the sign-in to another site, and no other site can begin one', async () => {
    await known;
    for (const next of ['//evil.example/', 'https://evil.example/', '/\\evil.example']) {
      const person = browser();
      const page = await person.go(fakes.at('two').answer(await sentTo(person, 'two', { next }), 'known'));
      assert.equal(page.url.href, `${control}/account`, next);
    }
    const headers = { 'sec-fetch-site': 'cross-site' };
    assert.equal((await browser().go(`${control}/auth/providers/two`, { headers })).status, 403);
  });

  it('an attacker cannot link their own account to that of another person', async () => {
    const victim = browser();
    await signInOn(victim, control, await server.createUser(['user']));
    const attacker = browser();
    await signInOn(attacker, control, await server.createUser(['user']));
    const begin = { form: { provider: 'two' } };
    const page = await attacker.go(`${control}/account/providers/link`, { ...begin, follow: 0 });
    const answer = fakes.at('two').answer(String(onward(page, page.url)), 'of-the-attacker');
    assert.equal((await victim.go(answer)).status, 400);
    const foreign = { ...begin, headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } };
    assert.equal((await victim.go(`${control}/account/providers/link`, foreign)).status, 403);
    await attacker.go(`${control}/logout`, { form: {} });
    await signInOn(attacker, control, await server.createUser(['user']));
    assert.equal((await attacker.go(answer)).status, 400, 'another session than the one that began');
  });

  it('an account at a provider is linked with one user, and a user with one account there', async () => {
    await known;
    const person = browser();
    await signInOn(person, control, await server.createUser(['user']));
    const link = async (sub: string) => {
      const page = await person.go(`${control}/account/providers/link`, {
        form: { provider: 'two' },
        follow: 0,
      });
      return person.go(fakes.at('two').answer(String(onward(page, page.url)), sub));
    };
    assert.equal((await link('known')).status, 409);
    assert.equal((await link('own')).status, 200);
    assert.equal((await link('own-2')).status, 409);
  });

  it('a refusal of the provider is a page, without the words of the answer', async () => {
    const person = browser();
    const state = String(new URL(await sentTo(person, 'two')).searchParams.get('state'));
    const query = new URLSearchParams({
      error: 'access_denied',
      error_description: 'call 555-1234 <b>now</b>',
      state,
      iss: fakes.at('two').issuer,
    });
    const page = await person.go(`${control}/auth/providers/two/callback?${query}`);
    assert.equal(page.status, 400);
    assert.match(page.text(), /did not allow the sign-in/);
    assert.doesNotMatch(page.text(), /555/);
  });

  it('missing, repeated, huge and broken parameters get a page, never a 500', async () => {
    const path = '/auth/providers/two/callback';
    for (const query of [
      '',
      '?',
      '?state=',
      '?state=x',
      '?code=x',
      '?state=a&state=b&code=c',
      '?state=%ff',
      '?state=%',
      `?state=${'x'.repeat(5000)}`,
      '?state[]=x&code[a]=b',
      '?state=x&iss=%00&code=%0d%0a',
      '?state=__proto__&code=constructor',
    ]) {
      const { status, headers } = await ask({ ...listener, path: path + query });
      assert.ok(status >= 400 && status < 500, `${query} answers ${status}`);
      assert.match(String(headers['content-type']), /^text\/html/);
    }
    for (const [method, where] of [
      ['PUT', path],
      ['GET', '/auth/providers/unknown'],
      ['GET', '/auth/providers/unknown/callback?state=x'],
      ['GET', '/auth/providers/__proto__'],
      ['GET', '/auth/providers/%2e%2e'],
    ] as const) {
      const { status } = await ask({ ...listener, path: where, method });
      assert.ok(status === 404 || status === 405 || status === 400, `${where} answers ${status}`);
    }
  });
});

describe('a provider with a failure', () => {
  const answers: [what: string, answer: (response: ServerResponse) => void][] = [
    ['more than it may', (response) => response.end('x'.repeat(600 * 1024))],
    ['a redirect', (response) => response.writeHead(302, { location: fakes.at('one').issuer }).end()],
    ['no JSON', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Busy')],
    ['an error', (response) => response.writeHead(503).end()],
    ['nothing', (response) => response.destroy()],
  ];
  for (const [what, answer] of answers) {
    it(`that sends ${what} leads to a page, and other ways to sign in work`, async () => {
      const provider = fakes.at('two');
      const person = browser();
      const back = provider.answer(await sentTo(person, 'two'), 'known');
      provider.instead.set('/token', (_request, response) => answer(response));
      const page = await person.go(back);
      provider.instead.delete('/token');
      assert.equal(page.status, 502, page.text());
      assert.match(page.text(), /href="\/login\?/);
      const user = await server.createUser(['user']);
      assert.equal((await signInOn(person, control, user)).status, 200);
    });
  }

  it('is not asked again for each click while it is down', async () => {
    const provider = fakes.at('down');
    provider.instead.set('/.well-known/openid-configuration', (_request, response) => response.destroy());
    for (const _ of [1, 2, 3]) {
      assert.equal((await browser().go(`${control}/auth/providers/down`)).status, 502);
    }
    assert.equal(provider.asked.length, 1);
  });
});

describe('a sign-out at the provider (Back-Channel Logout 1.0)', () => {
  const post = (provider: string, token: string) =>
    ask({
      ...listener,
      path: `/auth/providers/${provider}/backchannel-logout`,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token: token }).toString(),
    });

  /** A browser that is signed in through the provider, at the gateway as well. */
  async function signedIn(sub: string, sid?: string) {
    const person = browser();
    const page = await person.go(`${gateway}/app/x`);
    const next = hiddenField(page.text(), 'next');
    const answer = fakes.at('one').answer(await sentTo(person, 'one', { next }), sub, { claims: { sid } });
    assert.equal((await person.go(answer)).url.href, `${gateway}/app/x`);
    return async () => (await person.go(`${gateway}/app/x`)).url.origin === gateway;
  }

  it('ends only the sessions that came from that sign-in, here and at the gateway', async () => {
    const user = await linked('one', 'sub-20');
    const [first, second] = [await signedIn('sub-20', 's1'), await signedIn('sub-20', 's2')];
    const token = await fakes.at('one').logoutToken({ sub: 'sub-20', sid: 's1' });
    const { status, headers } = await post('one', token);
    assert.deepEqual([status, headers['cache-control']], [200, 'no-store']);
    assert.deepEqual([await first(), await second()], [false, true]);
    await post('one', await fakes.at('one').logoutToken({ sub: 'sub-20' }));
    assert.equal(await second(), false);
    const unnamed = await signedIn('sub-20');
    await post('one', await fakes.at('one').logoutToken({ sub: 'another', sid: 's1' }));
    assert.equal(await unnamed(), true);
    await post('one', await fakes.at('one').logoutToken({ sub: 'sub-20', sid: 's1' }));
    assert.equal(await unnamed(), false, 'the provider never said which session it is');
    assert.equal(
      (await user.person.go(`${control}/account`)).url.pathname,
      '/account',
      'signed in by password',
    );
  });

  it('a token that is forged, repeated, old or for something else ends nothing', async () => {
    await linked('one', 'sub-21');
    const isOn = await signedIn('sub-21', 's3');
    const one = fakes.at('one');
    const about = { sub: 'sub-21', sid: 's3' };
    const old = Math.floor(Date.now() / 1000) - 3600;
    const used = await one.logoutToken({ sub: 'sub-21', sid: 'another' });
    assert.equal((await post('one', used)).status, 200);
    for (const [what, token] of [
      ['repeated', used],
      ['of another key', await one.logoutToken(about, { signature: 'another key' })],
      ['unsigned', await one.logoutToken(about, { signature: 'none' })],
      ['of another provider', await fakes.at('two').logoutToken(about)],
      ['for another client', await one.logoutToken({ ...about, aud: 'another' })],
      ['old', await one.logoutToken({ ...about, iat: old })],
      ['expired', await one.logoutToken({ ...about, exp: old })],
      ['with a nonce', await one.logoutToken({ ...about, nonce: 'x' })],
      ['without the event', await one.logoutToken({ ...about, events: {} })],
      ['with another event', await one.logoutToken({ ...about, events: { other: {} } })],
      ['without an id', await one.logoutToken({ ...about, jti: undefined })],
      ['without a subject or session', await one.logoutToken({})],
      ['of another type', await one.logoutToken(about, { typ: 'at+jwt' })],
      ['no token', 'x'],
      ['empty', ''],
    ] as [string, string][]) {
      const answer = await post('one', token);
      assert.deepEqual([answer.status, answer.json().error], [400, 'invalid_request'], what);
    }
    assert.equal((await post('unknown', 'x')).status, 404);
    assert.equal(await isOn(), true);
  });
});

describe('a sign-out here (RP-Initiated Logout 1.0)', () => {
  const leave = (person: Traveller) => person.go(`${control}/logout`, { form: {}, follow: 0 });
  const linkIn = (page: string) =>
    /class="button full" href="([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&');

  /** A browser that is signed in through the provider. */
  async function signedIn(provider: string, sub: string, claims: object = {}) {
    await linked(provider, sub);
    const person = browser();
    const answer = fakes.at(provider).answer(await sentTo(person, provider), sub, { claims: { ...claims } });
    assert.equal((await person.go(answer)).status, 200);
    return person;
  }

  it('ends the session here, and offers to end the one there, with the ID token and a way back', async () => {
    const person = await signedIn('leaving', 'sub-30');
    const page = await leave(person);
    assert.equal(isSignedIn(person), false);
    const url = new URL(String(page.headers.refresh).replace('0; url=', ''));
    assert.equal(url.href, linkIn(page.text()));
    assert.equal(`${url.origin}${url.pathname}`, `${fakes.at('leaving').issuer}/end`);
    const { id_token_hint: hint = '', state = '', ...rest } = Object.fromEntries(url.searchParams);
    const back = `${control}/auth/providers/leaving/signed-out`;
    assert.deepEqual(rest, { client_id: CLIENT.id, post_logout_redirect_uri: back });
    const { sub, iss } = JSON.parse(Buffer.from(String(hint.split('.')[1]), 'base64url').toString());
    assert.deepEqual([sub, iss], ['sub-30', fakes.at('leaving').issuer]);
    const last = await person.go(`${back}?state=${state}`);
    assert.match(last.text(), /You are signed out here, and at leaving\./);
  });

  it('redirects only if the settings say so', async () => {
    const person = await signedIn('quiet', 'sub-31');
    const page = await leave(person);
    assert.equal(page.headers.refresh, undefined);
    assert.doesNotMatch(page.text(), /quiet/);
    const other = await signedIn('one', 'sub-32');
    const offered = await leave(other);
    assert.equal(offered.headers.refresh, undefined);
    assert.match(offered.text(), /You are still signed in at one\./);
    assert.match(String(linkIn(offered.text())), /\/one\/end\?/);
  });

  it('works without the provider’s endpoint: the page says where else to sign out', async () => {
    const person = await signedIn('bare', 'sub-33');
    const page = await leave(person);
    assert.deepEqual([page.status, isSignedIn(person)], [200, false]);
    assert.match(page.text(), /You may still be signed in at bare\./);
  });

  it('an ID token that is too long for a URL stays here', async () => {
    const person = await signedIn('one', 'sub-35', { groups: ['x'.repeat(6000)] });
    const url = new URL(String(linkIn((await leave(person)).text())));
    assert.equal(url.searchParams.has('id_token_hint'), false);
    assert.equal(url.searchParams.get('client_id'), CLIENT.id);
  });

  it('a new password does not prevent the sign-out there', async () => {
    const user = await linked('one', 'sub-36');
    const person = browser();
    await person.go(fakes.at('one').answer(await sentTo(person, 'one'), 'sub-36'));
    const form = { current: user.password, password: 'a brand new battery staple' };
    assert.equal((await person.go(`${control}/account/password`, { form })).url.search, '?done=password');
    const url = new URL(String(linkIn((await leave(person)).text())));
    assert.equal(url.searchParams.has('id_token_hint'), true);
  });

  it('a person who signed in by password is not asked about any provider', async () => {
    const { person } = await linked('one', 'sub-37');
    assert.equal(linkIn((await leave(person)).text()), undefined);
  });

  it('the page after the return has no text that another site could choose', async () => {
    const person = await signedIn('one', 'sub-38');
    await leave(person);
    for (const path of ['one/signed-out', 'one/signed-out?state=made-up', 'unknown/signed-out?state=x']) {
      const page = await person.go(`${control}/auth/providers/${path}`);
      assert.equal(page.url.pathname, '/signed-out');
      assert.doesNotMatch(page.text(), / at one/);
    }
    const { status } = await ask({ ...listener, path: '/auth/providers/one/signed-out?state=a&state=b' });
    assert.equal(status, 400);
  });
});

describe('in Chromium', { skip }, async () => {
  if (skip !== false) return;
  const browsers = await startBrowsers([server.port, controlPort, homePort]);
  after(browsers.close);
  const heading = (page: Page, name: string) => page.getByRole('heading', { name }).waitFor();
  async function signIn(page: Page, { name, password }: { name: string; password: string }) {
    await page.getByLabel('User name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  for (const javaScript of [true, false]) {
    it(`a person links an account and signs in with it at the gateway, JavaScript ${javaScript}`, async () => {
      const [here, there] = [await server.createUser(['user']), await home.createUser(['user'])];
      upstream.on('/app/page', (_request, response) => {
        response.setHeader('content-type', 'text/html').end('<!doctype html><h1>The upstream</h1>');
      });
      const { page, context } = await browsers.open({ javaScript });
      await page.goto(`${control}/account`);
      await signIn(page, here);
      await page.getByRole('button', { name: 'Link the other Gatehouse' }).click();
      await signIn(page, there);
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await page.getByText('The account was linked.').waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await heading(page, 'You are signed out');
      await page.goto(`${gateway}/app/page?x=1`);
      await page.getByRole('link', { name: 'Sign in with the other Gatehouse' }).click();
      await heading(page, 'The upstream');
      assert.equal(page.url(), `${gateway}/app/page?x=1`);
      await page.goto(`${control}/account`);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('link', { name: 'Sign out at the other Gatehouse' }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out here, and at the other Gatehouse.').waitFor();
      await page.goto(`${control}/auth/providers/home`);
      assert.equal(new URL(page.url()).origin, homeUrl, 'it asks for the password again');
      await signIn(page, there);
      await page.getByRole('heading', { name: 'My account' }).waitFor();
      await page.getByRole('button', { name: 'Remove the link with the other Gatehouse' }).click();
      await page.getByText('The link was removed.').waitFor();
      await context.close();
    });
  }
});
