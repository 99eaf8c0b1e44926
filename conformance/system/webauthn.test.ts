// The pages in Debian's Chromium, with its virtual authenticator (WebAuthn L3 §11): a passkey is enrolled and
// used, also from the list of the user name's field. TOTP is enrolled from the QR code's secret. Everything
// except passkeys works without JavaScript and by keyboard.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { addAuthenticator, startBrowsers } from '../support/browser.ts';
import { createCookieJar } from '../support/cookie-jar.ts';
import { ask } from '../support/https-client.ts';
import { oauthAt } from '../support/oauth-client.ts';
import { without } from '../support/programs.ts';
import { startServer } from '../support/server-under-test.ts';
import { controlClient } from '../support/sign-in.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const skip = without('chromium');
const ROUTES = [
  { path: '/tools', accept: ['basic'], allow: { roles: ['user'] } },
  { path: '/app/*', accept: ['session'], allow: { roles: ['user'] } },
  {
    path: '/phishing-resistant',
    accept: ['session'],
    allow: { roles: ['user'] },
    require: 'phishing-resistant',
  },
];

async function startWorld() {
  const upstream = await startRecordingUpstream();
  for (const { path } of ROUTES) {
    upstream.on(path.replace('*', 'page'), (_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>The upstream</title>');
    });
  }
  const server = await startServer({
    upstream: upstream.origin,
    set: [`gateway.routes=${JSON.stringify(ROUTES)}`],
  });
  const gateway = `https://localhost:${server.port}`;
  const control = `https://localhost:${server.controlPort}`;
  const browsers = await startBrowsers([server.port, server.controlPort]);
  const { open } = browsers;
  async function stop() {
    await browsers.close();
    await server.stop();
    await upstream.close();
  }
  return { server, gateway, control, open, stop };
}

async function signIn(page: Page, { name, password }: { name: string; password: string }): Promise<void> {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

describe('pages in Chromium', { skip }, async () => {
  if (skip !== false) return;
  const world = await startWorld();
  const { server, gateway, control, open } = world;
  after(world.stop);

  it('a passkey is added to an account and then signs in without a user name, at the gateway', async () => {
    const user = await server.createUser(['user']);
    const browser = await open();
    const { page } = browser;
    const { cdp, id: authenticatorId } = await addAuthenticator(browser);
    await page.goto(`${gateway}/phishing-resistant`);
    await signIn(page, user);
    await page.getByRole('heading', { name: 'A stronger sign-in is needed' }).waitFor();
    await page.getByRole('link', { name: 'My account' }).click();
    await page.getByLabel('Name of the new passkey').fill('Laptop');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('The passkey was added.').waitFor();
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    assert.deepEqual(
      credentials.map(({ isResidentCredential, rpId }) => [isResidentCredential, rpId]),
      [[true, 'localhost']],
    );
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    // Without a touch, so that the page does not use it from the list by itself.
    await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
    await page.goto(`${gateway}/phishing-resistant`);
    const button = page.getByRole('button', { name: 'Sign in with a passkey' });
    await button.waitFor();
    await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
    await button.click();
    await page.waitForURL(`${gateway}/phishing-resistant`);
    const [sent] = (await server.admin('GET', `/admin/sessions?user=${user.name}`)) as unknown as {
      methods: string[];
    }[];
    assert.deepEqual(sent?.methods, ['hwk', 'user', 'mfa', 'phr']);
  });

  it('a password alone changes nothing about the sign-in of a person who has a passkey', async () => {
    const user = await server.createUser(['user']);
    const browser = await open();
    const { page } = browser;
    await addAuthenticator(browser);
    await page.goto(`${control}/account`);
    await signIn(page, user);
    await page.getByLabel('Name of the new passkey').fill('Phone');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('The passkey was added.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Add a passkey' }).isVisible(), true, 'one more');
    const { passkeys } = await server.admin('GET', `/admin/users/${user.name}`);
    const [{ id = '' } = {}] = passkeys as { id: string }[];
    const thief = createCookieJar(server.ca);
    const words = { username: user.name, password: user.password };
    const shown = await thief.visit(`${control}/login`, { form: words });
    assert.match(
      shown.text(),
      /with your passkey or authenticator app\. You signed in with your password only/,
    );
    assert.doesNotMatch(shown.text(), /Set up an app|Add a passkey|Make a new one|Current password/);
    const refusals = [
      ['/account/passkeys/remove', { id }],
      ['/account/passkeys/rename', { id, name: 'x' }],
      ['/account/totp', {}],
      ['/account/totp/confirm', { code: '1', uri: 'otpauth://totp/x' }],
      ['/account/password', { current: user.password, password: 'the own words of a thief' }],
      ['/account/app-password', {}],
      ['/account/app-password/remove', {}],
    ] as const;
    for (const [path, form] of refusals) {
      assert.equal((await thief.visit(`${control}${path}`, { form })).status, 403, path);
    }
    const api = controlClient(server);
    const { access_token: token } = (await api.login(user.name, user.password)).json();
    const enrolled = await api.post('/auth/totp', {}, { token: String(token) });
    assert.deepEqual([enrolled.status, enrolled.json().code], [401, 'insufficient_user_authentication']);
    await server.admin('DELETE', `/admin/users/${user.name}/passkeys/${id}`);
    assert.equal((await thief.visit(`${control}/account/totp`, { form: {} })).status, 200);
    await assert.rejects(server.admin('DELETE', `/admin/users/${user.name}/passkeys/${id}`), /404/);
  });

  it('if an administrator removes a passkey, the sessions that began with it end, also at the gateway', async () => {
    const user = await server.createUser(['user']);
    const browser = await open();
    const { page } = browser;
    await addAuthenticator(browser);
    await page.goto(`${control}/account`);
    await signIn(page, user);
    await page.getByLabel('Name of the new passkey').fill('Lost');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('The passkey was added.').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    // The virtual authenticator's owner takes it from the list at once.
    await page.goto(`${gateway}/app/page`);
    await page.waitForURL(`${gateway}/app/page`);
    const other = createCookieJar(server.ca);
    await other.visit(`${control}/login`, { form: { username: user.name, password: user.password } });
    const { passkeys } = await server.admin('GET', `/admin/users/${user.name}`);
    const [{ id = '' } = {}] = passkeys as { id: string }[];
    await server.admin('DELETE', `/admin/users/${user.name}/passkeys/${id}`);
    await page.goto(`${gateway}/app/page`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal((await other.visit(`${control}/account`)).url.pathname, '/account', 'it began otherwise');
  });

  it('an answer as a form continues by itself, or with a button without JavaScript (Form Post Response Mode)', async () => {
    const user = await server.createUser(['user']);
    const posts: { origin: string | undefined; form: URLSearchParams }[] = [];
    const client = createServer(async (incoming, outgoing) => {
      if (incoming.method === 'POST') {
        posts.push({ origin: incoming.headers.origin, form: new URLSearchParams(await text(incoming)) });
      }
      outgoing.setHeader('content-type', 'text/html').end('<!doctype html><title>The client</title>');
    }).listen(0, '127.0.0.1');
    await once(client, 'listening');
    after(() => {
      client.closeAllConnections();
      client.close();
    });
    const callback = `http://127.0.0.1:${(client.address() as AddressInfo).port}/callback`;
    const { client_id } = await oauthAt(server).register({
      grants: ['authorization_code'],
      authMethod: 'none',
      applicationType: 'native',
      redirectUris: [callback],
    });
    const request = new URLSearchParams({
      client_id: String(client_id),
      redirect_uri: callback,
      response_type: 'code',
      response_mode: 'form_post',
      scope: 'openid',
      state: 'a<b>"c',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    for (const javaScript of [true, false]) {
      const { page } = await open({ javaScript });
      await page.goto(`${control}/oauth/authorize?${request}`);
      await signIn(page, user);
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      if (!javaScript) {
        await page.getByRole('heading', { name: 'One moment' }).waitFor();
        assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Continue');
        await page.keyboard.press('Enter');
      }
      await page.waitForURL(callback);
    }
    for (const { origin, form } of posts) {
      assert.deepEqual([origin, form.get('state'), form.get('iss')], [control, 'a<b>"c', control]);
      assert.match(String(form.get('code')), /^[\w-]{43}$/);
    }
    assert.equal(posts.length, 2);
  });

  it('a password for programs is made on the account page, shown once, and removed', async () => {
    const user = await server.createUser(['user']);
    const { page } = await open({ javaScript: false });
    await page.goto(`${control}/account`);
    await signIn(page, user);
    await page.getByRole('button', { name: 'Make a new one' }).click();
    await page.getByRole('heading', { name: 'Your password for programs' }).waitFor();
    const password = await page.locator('code').textContent();
    const authorization = `Basic ${Buffer.from(`${user.name}:${password}`).toString('base64')}`;
    const used = () => ask({ ...server, path: '/tools', headers: { authorization } });
    assert.equal((await used()).status, 200);
    await page.getByRole('link', { name: 'I have stored it' }).click();
    assert.doesNotMatch(await page.content(), new RegExp(String(password)));
    await page.getByRole('button', { name: 'Remove the password for programs' }).click();
    await page.getByText('The password for programs was removed.').waitFor();
    assert.equal((await used()).status, 401);
  });

  it('a passkey is offered in the list of the field for the user name (conditional mediation)', async () => {
    const user = await server.createUser(['user']);
    const browser = await open();
    const { page } = browser;
    await addAuthenticator(browser);
    await page.goto(`${control}/account`);
    await signIn(page, user);
    await page.getByLabel('Name of the new passkey').fill('Phone');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('The passkey was added.').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(`${gateway}/app/page`);
    // The virtual authenticator's owner takes it from the list at once.
    await page.waitForURL(`${gateway}/app/page`);
    await page.goto(`${control}/account`);
    await page.getByRole('button', { name: 'Remove the passkey Phone' }).click();
    await page.getByText('The passkey was removed.').waitFor();
    await page.getByText('You have no passkey yet.').waitFor();
  });

  it('without JavaScript: TOTP is enrolled from the QR code’s secret, signs in with the password, and works once', {
    skip: without('oathtool'),
  }, async () => {
    const user = await server.createUser(['user']);
    const { page } = await open({ javaScript: false });
    await page.goto(`${control}/account`);
    await signIn(page, user);
    await page.getByRole('button', { name: 'Set up an app' }).click();
    assert.equal(await page.getByRole('img', { name: /QR code/ }).isVisible(), true);
    const secret = ((await page.locator('details code').textContent()) ?? '').replaceAll(' ', '');
    const code = (atSeconds: number) => {
      const args = ['--totp', '--base32', `--now=@${atSeconds}`, '-'];
      return spawnSync('oathtool', args, { input: secret }).stdout.toString().trim();
    };
    const now = Math.floor(Date.now() / 1000);
    await page.getByLabel('Code that the app shows now').fill('000000');
    await page.getByRole('button', { name: 'Switch on' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Code that the app shows now').fill(code(now));
    await page.getByRole('button', { name: 'Switch on' }).click();
    await page.getByRole('heading', { name: 'Your authenticator app is set up' }).waitFor();
    const [recovery = ''] = await page.locator('ul.codes li').allTextContents();
    await page.getByRole('link', { name: 'I have stored them' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(`${gateway}/app/page`);
    await signIn(page, user);
    await page.getByLabel('Code').fill(code(now + 30));
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${gateway}/app/page`);
    await page.goto(`${control}/account`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(`${control}/login`);
    await signIn(page, user);
    for (const [typed, isRight] of [
      [code(now + 30), false],
      [recovery, true],
    ] as const) {
      await page.getByLabel('Code').fill(typed);
      await page.getByRole('button', { name: 'Continue' }).click();
      await (isRight ? page.getByRole('heading', { name: 'My account' }) : page.getByRole('alert')).waitFor();
    }
  });

  it('only by keyboard: fields in order, an error gets the focus, and every part has a name', async () => {
    const user = await server.createUser(['user']);
    const { page } = await open();
    await page.goto(`${control}/login`);
    await page.keyboard.type(user.name);
    await page.keyboard.press('Tab');
    await page.keyboard.type('wrong password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').first().waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'alert');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type(user.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'My account', level: 1 }).waitFor();
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll('input:not([type=hidden]):not([hidden]),button')]
        .filter((part) => {
          const { labels, textContent } = part as HTMLInputElement;
          return !labels?.length && !textContent?.trim() && !part.getAttribute('aria-label');
        })
        .map((part) => part.outerHTML),
    );
    assert.deepEqual(unnamed, []);
  });

  it('every page has one heading, a main part and a name for each part, and fits on a phone', async () => {
    const user = await server.createUser(['user']);
    const { page } = await open();
    await page.setViewportSize({ width: 320, height: 640 });
    const problems = () =>
      page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        const unnamed = [...document.querySelectorAll<HTMLInputElement>('input:not([type=hidden]),button,a')]
          .filter((part) => part.checkVisibility())
          .filter(
            ({ labels, textContent, ariaLabel }) => !labels?.length && !textContent?.trim() && !ariaLabel,
          );
        return {
          headings: document.querySelectorAll('h1').length,
          mains: document.querySelectorAll('main').length,
          beyond: scrollWidth - clientWidth,
          unnamed: unnamed.map(({ outerHTML }) => outerHTML),
        };
      });
    const good = { headings: 1, mains: 1, beyond: 0, unnamed: [] };
    const strangers = ['/login', '/reset', '/device', '/oauth/authorize?client_id=x', '/oauth/logout'];
    for (const path of strangers) {
      await page.goto(control + path);
      assert.deepEqual(await problems(), good, path);
    }
    await page.goto(`${control}/account`);
    await signIn(page, user);
    await page.getByRole('heading', { name: 'My account' }).waitFor();
    for (const path of ['/account', '/oauth/logout', '/logout', '/login?again=1&next=/account']) {
      await page.goto(control + path);
      assert.deepEqual(await problems(), good, path);
    }
    await page.goto(`${control}/account`);
    await page.getByRole('button', { name: 'Set up an app' }).click();
    await page.getByRole('heading', { name: 'Set up an authenticator app' }).waitFor();
    assert.deepEqual(await problems(), good, 'authenticator app');
  });

  it('a password is changed on the account page, which ends all other sessions', async () => {
    const user = await server.createUser(['user']);
    const [one, other] = [await open(), await open()];
    for (const { page } of [one, other]) {
      await page.goto(`${control}/account`);
      await signIn(page, user);
      await page.getByRole('heading', { name: 'My account' }).waitFor();
    }
    const { page } = one;
    await page.getByText('Change password').first().click();
    await page.getByLabel('Current password').fill(user.password);
    await page.getByLabel('New password').fill('another correct horse battery');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Your password was changed.').waitFor();
    await other.page.reload();
    await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('the link of an administrator sets a new password, and its token disappears from the address bar', async () => {
    const { name } = await server.createUser(['user']);
    const { url } = await server.admin('POST', `/admin/users/${name}/password-reset`, undefined);
    const { page } = await open();
    await page.goto(String(url));
    await page.waitForURL(`${control}/reset`);
    await page.getByLabel('New password').fill('a password of my own choice');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signIn(page, { name, password: 'a password of my own choice' });
    await page.getByRole('heading', { name: 'My account' }).waitFor();
    await page.goto('about:blank');
    await page.goto(String(url));
    await page.getByLabel('New password').fill('a password of my own choice 2');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('The link does not work').waitFor();
  });
});
