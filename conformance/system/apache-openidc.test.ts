// Apache with mod_auth_openidc, as Debian ships both and as docs/oauth.md configures it, signs people in
// through us (OpenID Connect Core §3.1, with PKCE) and out again (RP-Initiated Logout 1.0 §2). Its
// certificate comes from our authority.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { adminOf } from '../support/admin-api.ts';
import type { RunningApache } from '../support/apache.ts';
import { startApache, withoutApache } from '../support/apache.ts';
import { createCookieJar } from '../support/cookie-jar.ts';
import type { Up } from '../support/gatehouse-command.ts';
import { up } from '../support/gatehouse-command.ts';
import type { Person } from '../support/person.ts';
import { createPerson } from '../support/person.ts';
import { freePorts } from '../support/ports.ts';

const DOCUMENT = new URL('../../docs/oauth.md', import.meta.url);
const MARIA = { name: 'maria', password: 'correct horse battery staple' };
const ADA = { ...MARIA, name: 'ada' };
const PAGES = {
  'index.html': 'Signed in as <!--#echo var="OIDC_CLAIM_name" -->, <!--#echo var="REMOTE_USER" -->',
  'signed-out.html': 'Signed out',
  admin: 'Only for administrators',
};

describe("Debian's Apache with libapache2-mod-auth-openidc", { skip: withoutApache() }, () => {
  let server: Up;
  let apache: RunningApache;
  let wiki: string;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-apache-'));
    server = await up({ upstream: 'http://127.0.0.1:9' });
    const admin = adminOf(server.data);
    await admin('POST', '/admin/users', { ...MARIA, roles: ['user'] });
    await admin('POST', '/admin/users', { ...ADA, roles: ['admin'] });
    const [port = 0] = await freePorts(1);
    wiki = `https://localhost:${port}`;
    const clientId = await registerWiki();
    const { files } = await server.json<{ files: string[] }>('cert', 'issue', 'localhost', '--out', folder);
    const [certificate = '', key = ''] = files;
    const site = siteOf(clientId);
    apache = await startApache({ folder, port, certificate, key, site, pages: PAGES });
  });
  after(async () => {
    await apache?.stop();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Writes the file of secrets, and returns the `client_id`. */
  async function registerWiki(): Promise<string> {
    const secret = join(folder, 'wiki.secret');
    const uris = ['--redirect-uri', `${wiki}/oidc`, '--post-logout-redirect-uri', `${wiki}/signed-out.html`];
    const args = ['client', 'add', 'wiki', '--grant', 'authorization_code', ...uris, '--out', secret];
    const { client_id: clientId } = await server.json<{ client_id: string }>(...args);
    const lines = [
      `OIDCClientSecret "${readFileSync(secret, 'utf8').trim()}"`,
      'OIDCCryptoPassphrase "for one test"',
    ];
    writeFileSync(join(folder, 'wiki-secret.conf'), lines.join('\n'), { mode: 0o600 });
    return clientId;
  }

  /** The configuration in the document, with the paths of this test. */
  function siteOf(clientId: string): string {
    copyFileSync(server.ready.rootCertificate, join(folder, 'gatehouse-root.pem'));
    const [, shown = ''] = /^```apache\n(.*?)^```$/ms.exec(readFileSync(DOCUMENT, 'utf8')) ?? [];
    return shown
      .replaceAll('https://localhost:9443', server.ready.control)
      .replaceAll('https://wiki.example', wiki)
      .replaceAll('/etc/apache2', folder)
      .replaceAll('CLIENT-ID', clientId);
  }

  /** Opens a page of the wiki without a session, and signs in on the way. Resolves with the page. */
  async function signIn(person: Person, path: string) {
    const browser = createCookieJar(server.ca);
    const sent = await browser.visit(`${wiki}${path}`);
    assert.equal(sent.status, 302, sent.text());
    const callback = await person.goThrough(String(sent.headers.location));
    assert.equal(callback.origin + callback.pathname, `${wiki}/oidc`);
    const back = await browser.visit(callback.href);
    assert.deepEqual([back.status, back.headers.location], [302, `${wiki}${path}`], back.text());
    return { browser, page: await browser.visit(`${wiki}${path}`) };
  }

  it('asks a person to sign in, and shows the page with the name from a claim', async () => {
    const { page } = await signIn(createPerson(server, MARIA), '/index.html');
    assert.deepEqual([page.status, page.text().trim()], [200, 'Signed in as maria, maria']);
  });

  it('decides by the roles in the id token', async () => {
    const { page, browser } = await signIn(createPerson(server, MARIA), '/admin');
    assert.equal(page.status, 401);
    assert.equal((await browser.visit(`${wiki}/index.html`)).status, 200);
    const admitted = await signIn(createPerson(server, ADA), '/admin');
    assert.deepEqual([admitted.page.status, admitted.page.text()], [200, PAGES.admin]);
  });

  it('signs out of the wiki and of Gatehouse', async () => {
    const person = createPerson(server, MARIA);
    const { browser } = await signIn(person, '/index.html');
    const goodbye = `${wiki}/signed-out.html`;
    const sent = await browser.visit(`${wiki}/oidc?logout=${encodeURIComponent(goodbye)}`);
    assert.equal(sent.status, 302, sent.text());
    const asked = await person.open(String(sent.headers.location));
    assert.match(asked.answer?.text() ?? '', /Sign out\?/);
    const { url } = await person.submit(asked, { logout: 'yes' });
    assert.equal(url.href, goodbye);
    assert.equal((await browser.visit(goodbye)).text(), 'Signed out');
    const again = await browser.visit(`${wiki}/index.html`);
    assert.equal(again.status, 302, 'the session of Apache has ended');
    const page = await person.open(String(again.headers.location));
    assert.match(page.answer?.text() ?? '', /name="password"/, 'the session of Gatehouse has ended');
  });
});
