// Sign-in through providers that differ from the standard, or use rare parts of it, by their documentation:
// Keycloak, Microsoft Entra ID, Google and Apple. Each is imitated here, because a test cannot reach them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { CLIENT, startFakeProviders } from './support/fake-provider.ts';
import { freePorts } from './support/ports.ts';
import { startServer } from './support/server-under-test.ts';
import { createTestAuthority } from './support/test-authority.ts';
import { createTraveller } from './support/traveller.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-well-known-'));
const file = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const [port = 0] = await freePorts(1);
const authority = createTestAuthority();
const fakes = await startFakeProviders(authority);
const ca = file('fakes.pem', authority.root);
const clientSecretFile = file('secret', CLIENT.secret);
const provider = (name: string, more: object) => ({
  name,
  issuer: fakes.at(name).issuer,
  clientId: CLIENT.id,
  clientSecretFile,
  ca,
  ...more,
});
const upstream = await startRecordingUpstream();
const server = await startServer({
  upstream: upstream.origin,
  set: [
    `control.listen=127.0.0.1:${port}`,
    `identity.providers=${JSON.stringify([
      provider('keycloak', { signUp: { groups: { staff: ['user'] } } }),
      provider('entra', {
        clientAuthentication: 'post',
        requireClaims: { tid: ['8d88c9c2'] },
        signUp: { roles: ['user'] },
      }),
      provider('google', {
        scopes: ['openid', 'email'],
        promptAgain: 'select_account',
        requireClaims: { hd: ['example.com'] },
        signUp: { roles: ['user'], nameClaim: 'email' },
      }),
      provider('apple', {
        title: 'Apple',
        scopes: ['openid', 'email'],
        clientAuthentication: 'post',
        responseMode: 'form_post',
        signUp: { roles: ['user'], nameClaim: 'email' },
      }),
    ])}`,
  ],
});
const control = `https://localhost:${port}`;
after(async () => {
  await Promise.all([server.stop(), fakes.close(), upstream.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const browser = () => createTraveller({ [control]: server.ca });
type Browser = ReturnType<typeof browser>;
const isSignedIn = (person: Browser) => person.at(control).cookies.has('__Host-gatehouse-session');

async function sentTo(person: Browser, name: string, query = ''): Promise<string> {
  const { headers } = await person.go(`${control}/auth/providers/${name}${query}`, { follow: 0 });
  return String(headers.location);
}

async function signIn(name: string, sub: string, claims: Record<string, unknown>) {
  const person = browser();
  const answer = fakes
    .at(name)
    .answer(await sentTo(person, name), sub, { claims, answer: { iss: undefined } });
  return { person, page: await person.go(answer) };
}

describe('Keycloak', () => {
  // Its discovery document announces `iss` in answers (RFC 9207), and its answers have it.
  const answer = async (person: Browser, claims: object, sub: string) =>
    person.go(fakes.at('keycloak').answer(await sentTo(person, 'keycloak'), sub, { claims: { ...claims } }));

  it('an ID token may also be for other clients, if `azp` is our client; roles come from a mapper', async () => {
    fakes.at('keycloak').userinfo = { preferred_username: 'kay', groups: ['staff', 'offline_access'] };
    const person = browser();
    await answer(person, { aud: [CLIENT.id, 'account'], azp: CLIENT.id, sid: 'k1', acr: '1' }, 'k');
    assert.equal(isSignedIn(person), true);
    assert.deepEqual((await server.admin('GET', '/admin/users/kay')).roles, ['user']);
  });

  it('an ID token with another `azp` is refused', async () => {
    const person = browser();
    const { status } = await answer(person, { aud: [CLIENT.id, 'account'], azp: 'account' }, 'k');
    assert.deepEqual([status, isSignedIn(person)], [400, false]);
  });

  it('names of groups with a path give no role, and the page says that the person is in no group', async () => {
    fakes.at('keycloak').userinfo = { preferred_username: 'kim', groups: ['/staff'] };
    const person = browser();
    const page = await answer(person, {}, 'k2');
    assert.equal(page.status, 403);
    assert.match(page.text(), /you are not in any of them/);
  });
});

describe('Microsoft Entra ID', () => {
  const entra = fakes.at('entra');
  entra.metadata = {
    authorization_response_iss_parameter_supported: undefined,
    userinfo_endpoint: undefined,
  };
  const claims = { tid: '8d88c9c2', preferred_username: 'erin@example.com', auth_time: undefined };

  it('signs in without `iss` in the answer, without `auth_time` and without a UserInfo endpoint', async () => {
    const { person } = await signIn('entra', 'e', claims);
    assert.equal(isSignedIn(person), true);
    assert.deepEqual((await server.admin('GET', '/admin/users/erin@example.com')).roles, ['user']);
    assert.deepEqual(entra.flaws, []);
  });

  it('refuses a person of another tenant', async () => {
    for (const tid of ['another', undefined, ['x'], 7, { '8d88c9c2': 1 }]) {
      const { person, page } = await signIn('entra', 'e', { ...claims, tid });
      assert.deepEqual([page.status, isSignedIn(person)], [403, false]);
      assert.match(page.text(), /because of its claim tid/);
    }
  });
});

describe('Google', () => {
  const google = fakes.at('google');
  // It has no end_session_endpoint, and no `iss` in its answers.
  google.metadata = { authorization_response_iss_parameter_supported: undefined };
  google.userinfo = { email: 'gil@example.com', email_verified: true };

  it('accepts only the organization (`hd`), because anyone can make an account with its e-mail address', async () => {
    const consumer = await signIn('google', 'g1', {});
    assert.deepEqual([consumer.page.status, isSignedIn(consumer.person)], [403, false]);
    const { person } = await signIn('google', 'g2', { hd: 'example.com' });
    assert.equal(isSignedIn(person), true);
    assert.equal((await server.admin('GET', '/admin/users/gil@example.com')).name, 'gil@example.com');
  });

  it('gets a `prompt` that it supports, and a sign-out here says that the session there continues', async () => {
    const { person } = await signIn('google', 'g2', { hd: 'example.com' });
    const again = new URL(await sentTo(person, 'google', '?again=1'));
    assert.equal(again.searchParams.get('prompt'), 'select_account');
    const page = await person.go(`${control}/logout`, { form: {} });
    assert.match(page.text(), /You may still be signed in at google\./);
  });
});

describe('Apple', () => {
  const apple = fakes.at('apple');
  apple.metadata = {
    authorization_response_iss_parameter_supported: undefined,
    userinfo_endpoint: undefined,
  };

  /** The form that its page makes the browser send: without cookies, because it comes from another site. */
  async function formTo(person: Browser, sub: string, more: Record<string, string> = {}) {
    const to = await sentTo(person, 'apple');
    assert.equal(new URL(to).searchParams.get('response_mode'), 'form_post');
    const claims = { email: 'ann@example.com', email_verified: 'true', auth_time: undefined };
    const answer = new URL(apple.answer(to, sub, { claims, answer: { iss: undefined } }));
    const form = { ...Object.fromEntries(answer.searchParams), ...more };
    const headers = { origin: 'https://appleid.apple.com', 'sec-fetch-site': 'cross-site' };
    return browser().go(`${control}/auth/providers/apple/callback`, { form, headers, follow: 0 });
  }

  it('answers with a form of its own site, and the person is signed in', async () => {
    const person = browser();
    const turned = await formTo(person, 'a', { user: '{"name":{"firstName":"Ann"}}' });
    assert.deepEqual([turned.status, turned.headers['set-cookie']], [303, undefined]);
    const location = new URL(String(turned.headers.location), control);
    assert.deepEqual([...location.searchParams.keys()].sort(), ['code', 'state']);
    await person.go(location.href);
    assert.equal(isSignedIn(person), true);
    assert.equal((await server.admin('GET', '/admin/users/ann@example.com')).name, 'ann@example.com');
  });

  it('refuses its answer in another browser, and broken forms get a page', async () => {
    const { headers } = await formTo(browser(), 'a');
    const victim = browser();
    const page = await victim.go(new URL(String(headers.location), control).href);
    assert.deepEqual([page.status, isSignedIn(victim)], [400, false]);
    for (const path of ['apple', 'unknown', '%2e%2e']) {
      for (const form of [{}, { state: 'x'.repeat(5000) }, { 'state[]': 'x' }] as Record<string, string>[]) {
        const { status } = await victim.go(`${control}/auth/providers/${path}/callback`, { form, follow: 0 });
        assert.ok(status === 303 || (status >= 400 && status < 500), `${path} answers ${status}`);
      }
    }
  });
});
