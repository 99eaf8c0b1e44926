// Clients whose id is the URL of a document (draft-ietf-oauth-client-id-metadata-document), as in the Model
// Context Protocol: with the unchanged client of @modelcontextprotocol/sdk, and with documents that must be
// refused.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import { ask } from './support/https-client.ts';
import { startMcpServer } from './support/mcp-server.ts';
import { claimsOf, oauthAt } from './support/oauth-client.ts';
import { createPerson } from './support/person.ts';
import { startServer } from './support/server-under-test.ts';
import { createTestAuthority } from './support/test-authority.ts';
import { startTlsUpstream } from './support/tls-upstream.ts';

const LOOPBACK = 'http://127.0.0.1:51790/callback';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-documents-'));
const authority = createTestAuthority();
const ca = join(folder, 'ca.pem');
writeFileSync(ca, authority.root);
const host = await startTlsUpstream(authority.issue());
const origin = `https://localhost:${host.port}`;
const mcp = await startMcpServer();
const routes = [
  { path: '/mcp/*', allow: { scopes: ['mcp:use'] }, resource: { name: 'Notes', scopes: ['mcp:use'] } },
  { path: '/*' },
];
const documents = 'oauth.clientIdMetadataDocuments';
const server = await startServer({
  upstream: mcp.url,
  set: [
    `gateway.routes=${JSON.stringify(routes)}`,
    `${documents}.enabled=true`,
    `${documents}.approved=${origin}/approved/*`,
    `${documents}.networks=127.0.0.0/8,::1`,
    `${documents}.ca=${ca}`,
  ],
});
after(async () => {
  await Promise.all([server.stop(), host.close()]);
  mcp.close();
  rmSync(folder, { recursive: true, force: true });
});
const { issuer, gateway, fetch, post } = oauthAt(server);
const user = await server.createUser(['user']);

/** The answers of the host of the documents, by path. */
interface Served {
  status?: number;
  fields?: Record<string, string>;
  body: string;
}
const served = new Map<string, Served>();
const asked: string[] = [];
host.answer = (request, response) => {
  const path = request.url ?? '';
  asked.push(path);
  const { status = 200, fields = {}, body } = served.get(path) ?? { status: 404, body: '{}' };
  response.writeHead(status, { 'content-type': 'application/json', ...fields }).end(body);
};

/** Serves a document under this path. Returns the client id. */
function publish(path: string, members: object = {}, served_: Partial<Served> = {}): string {
  const id = origin + path;
  const document = { client_id: id, client_name: 'My app', redirect_uris: [LOOPBACK], scope: 'mcp:use' };
  served.set(path, { body: JSON.stringify({ ...document, ...members }), ...served_ });
  return id;
}

async function authorize(id: string, redirect = LOOPBACK, who = createPerson(server, user)) {
  const query = new URLSearchParams({
    client_id: id,
    redirect_uri: redirect,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  });
  return who.open(`/oauth/authorize?${query}`);
}

/** The reason on the page why the document is refused. */
async function refusalOf(id: string): Promise<string> {
  const { answer } = await authorize(id);
  assert.ok(answer && answer.status >= 400, `${id} is accepted`);
  return answer.text();
}

const clients = () =>
  server.admin('GET', '/admin/clients') as unknown as Promise<
    { client_id: string; name: string; state: string; redirectUris: string[] }[]
  >;

it('the metadata of the server say that it accepts such clients', async () => {
  for (const name of ['openid-configuration', 'oauth-authorization-server']) {
    const answer = await ask({ port: server.controlPort, ca: server.ca, path: `/.well-known/${name}` });
    assert.equal(answer.json().client_id_metadata_document_supported, true);
  }
});

it('the client of the MCP SDK signs a person in with the URL of an approved document, and calls', async () => {
  const clientMetadataUrl = publish('/approved/mcp.json');
  const person = createPerson(server, user);
  const saved: { client?: OAuthClientInformationMixed; verifier?: string; tokens?: OAuthTokens; url?: URL } =
    {};
  const authProvider: OAuthClientProvider = {
    redirectUrl: LOOPBACK,
    clientMetadataUrl,
    clientMetadata: { redirect_uris: [LOOPBACK] },
    clientInformation: () => saved.client,
    saveClientInformation: (client) => void Object.assign(saved, { client }),
    tokens: () => saved.tokens,
    saveTokens: (tokens) => void Object.assign(saved, { tokens }),
    redirectToAuthorization: (url) => void Object.assign(saved, { url }),
    saveCodeVerifier: (verifier) => void Object.assign(saved, { verifier }),
    codeVerifier: () => saved.verifier ?? '',
  };
  const transport = () =>
    new StreamableHTTPClientTransport(new URL(`${gateway}/mcp`), { authProvider, fetch });
  const first = transport();
  const unauthorized = new Client({ name: 'test', version: '1.0.0' });
  await assert.rejects(unauthorized.connect(first as never), UnauthorizedError);
  const callback = await person.goThrough(String(saved.url));
  await first.finishAuth(String(callback.searchParams.get('code')));
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(transport() as never);
  const result = await client.callTool({ name: 'greet' });
  assert.deepEqual(result.content, [{ type: 'text', text: 'hello' }]);
  await client.close();
  assert.equal(claimsOf(saved.tokens?.access_token).client_id, clientMetadataUrl);
});

it('a document never gets the scope for administration (RFC 9700 §2.3)', async () => {
  const id = publish('/approved/greedy.json', { scope: 'mcp:use gatehouse:admin' });
  const query = new URLSearchParams({
    client_id: id,
    redirect_uri: LOOPBACK,
    response_type: 'code',
    scope: 'openid gatehouse:admin',
    resource: issuer,
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  });
  const { url } = await createPerson(server, user).open(`/oauth/authorize?${query}`);
  assert.match(String(url.searchParams.get('error')), /^invalid_(?:scope|target)$/);
});

it('the consent page shows the host of the document, and warns that the access goes to this computer', async () => {
  const id = publish('/approved/shown.json', { client_name: 'A <b>bold</b> name' });
  const person = createPerson(server, user);
  const login = await authorize(id, LOOPBACK, person);
  const consent = await person.submit(login, { username: user.name, password: user.password });
  const text = consent.answer?.text() ?? '';
  assert.match(text, new RegExp(`<strong>localhost:${host.port}</strong> chose this name`));
  assert.match(text, /A &lt;b&gt;bold/);
  assert.match(text, /goes to a program on this computer/);
});

it('without approval the client waits for an administrator, and is not fetched again meanwhile', async () => {
  const id = publish('/waiting.json');
  assert.match(await refusalOf(id), /waits for the approval of an administrator/);
  assert.match(await refusalOf(id), /waits for the approval/);
  assert.equal(asked.filter((path) => path === '/waiting.json').length, 1);
  const waiting = (await clients()).find((client) => client.client_id === id);
  assert.deepEqual([waiting?.state, waiting?.name.startsWith('localhost-')], ['waiting', true]);
  await server.admin('PUT', `/admin/clients/${waiting?.name}/disabled`, { disabled: false });
  assert.equal((await authorize(id)).answer?.status, 200);
  await server.admin('PUT', `/admin/clients/${waiting?.name}/disabled`, { disabled: true });
  await refusalOf(id);
});

it('a redirect URI that is not in the document is refused (RFC 9700 §2.1)', async () => {
  const id = publish('/approved/exact.json', { redirect_uris: [`${origin}/callback`] });
  assert.equal((await authorize(id, `${origin}/callback`)).answer?.status, 200);
  for (const uri of [`${origin}/callback/`, `${origin}/other`, LOOPBACK]) {
    assert.equal((await authorize(id, uri)).answer?.status, 400, uri);
  }
});

it('refuses a document with mistakes, and the page says why', async () => {
  const cases: [object, RegExp][] = [
    [{ client_id: `${origin}/approved/other.json` }, /client_id is not its URL/],
    [{ client_id: undefined }, /client_id/],
    [{ client_secret: 'x' }, /client secret/],
    [{ client_secret_expires_at: 0 }, /client secret/],
    [{ token_endpoint_auth_method: 'client_secret_basic' }, /token_endpoint_auth_method/],
    [{ token_endpoint_auth_method: 'client_secret_jwt' }, /token_endpoint_auth_method/],
    [{ redirect_uris: [] }, /redirect_uris/],
    [{ redirect_uris: ['https://evil.example/callback'] }, /another origin/],
    [{ redirect_uris: ['http://evil.example/callback'] }, /loopback/],
    [{ redirect_uris: ['javascript:alert(1)'] }, /scheme/],
    [{ grant_types: ['implicit'] }, /authorization_code/],
    [{ token_endpoint_auth_method: 'private_key_jwt' }, /public keys/],
    [{ jwks: { keys: [{ kty: 'oct', k: 'x' }] } }, /jwks/],
    [{ client_name: 7 }, /client_name/],
  ];
  for (const [index, [members, why]] of cases.entries()) {
    assert.match(
      await refusalOf(publish(`/approved/bad-${index}.json`, members)),
      why,
      JSON.stringify(members),
    );
  }
  const ids = (await clients()).map((client) => client.client_id);
  assert.ok(!ids.some((id) => id.includes('/bad-')), 'none of them is a client');
});

it('accepts only a small JSON answer of 200 as a document: no redirect, no other type, no other text', async () => {
  const cases: [Partial<Served>, RegExp][] = [
    [{ status: 302, fields: { location: `${origin}/approved/mcp.json` } }, /answered 302/],
    [{ status: 404 }, /answered 404/],
    [{ fields: { 'content-type': 'text/html' } }, /not application\/json/],
    [{ body: '{' }, /no valid JSON|not valid JSON/],
    [{ body: '[]' }, /object/],
    [{ body: JSON.stringify({ filler: 'x'.repeat(20_000) }) }, /larger than/],
  ];
  for (const [index, [answer, why]] of cases.entries()) {
    assert.match(await refusalOf(publish(`/approved/answer-${index}.json`, {}, answer)), why, String(why));
  }
});

it('a URL that cannot be a client id is not fetched: http, a fragment, a user, dots, no path', async () => {
  const before = asked.length;
  for (const id of [
    `http://localhost:${host.port}/x.json`,
    `${origin}/x.json#fragment`,
    `https://user@localhost:${host.port}/x.json`,
    `${origin}/a/../x.json`,
    `${origin}/a/%2e%2e/x.json`,
    `${origin}/`,
    origin,
    `${origin}/${'x'.repeat(600)}`,
  ]) {
    await refusalOf(id);
  }
  assert.equal(asked.length, before);
});

it('applies a changed document when the old one is no longer fresh, and refuses a client without a document', async (t) => {
  const id = publish('/approved/changing.json');
  assert.equal((await authorize(id)).answer?.status, 200);
  publish('/approved/changing.json', { redirect_uris: [`${origin}/new`] });
  assert.equal((await authorize(id)).answer?.status, 200, 'fresh for a minute at least');
  const { now } = Date;
  t.after(() => void Object.assign(Date, { now }));
  let ahead = 901_000;
  Object.assign(Date, { now: () => now() + ahead });
  assert.equal((await authorize(id)).answer?.status, 400);
  assert.equal((await authorize(id, `${origin}/new`)).answer?.status, 200);
  served.delete('/approved/changing.json');
  ahead += 901_000;
  assert.match(await refusalOf(id), /answered 404/);
});

it('the token endpoint accepts no such client without a code, and answers in the form of the standard', async () => {
  const id = publish('/approved/token.json');
  const form = { grant_type: 'client_credentials', client_id: id };
  const answer = await post('/oauth/token', form);
  assert.deepEqual([answer.status, answer.json().error], [400, 'invalid_request']);
  const unknown = await post('/oauth/token', { ...form, client_id: `${origin}/approved/none.json` });
  assert.deepEqual([unknown.status, unknown.json().error], [400, 'invalid_client']);
});
