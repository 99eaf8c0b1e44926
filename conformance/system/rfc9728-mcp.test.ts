// Protected resources (RFC 9728), and a Model Context Protocol server behind the gateway with the client of
// @modelcontextprotocol/sdk, unchanged: after a refusal, it finds the authorization server, gets a token, and
// calls.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import { up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { startMcpServer } from '../support/mcp-server.ts';
import { fetchWith } from '../support/oauth-client.ts';
import { createPerson } from '../support/person.ts';

const PASSWORD = 'correct horse battery staple';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-mcp-'));
const mcp = await startMcpServer();
const config = join(folder, 'gatehouse.config.json');
const routes = [
  {
    path: '/mcp/*',
    upstream: mcp.url,
    allow: { scopes: ['mcp:use'] },
    resource: { name: 'Notes', scopes: ['mcp:use'] },
  },
  { path: '/*', upstream: mcp.url },
];
writeFileSync(config, JSON.stringify({ gateway: { routes } }));
const server = await up({ config });
after(async () => {
  await server.stop();
  mcp.close();
  rmSync(folder, { recursive: true, force: true });
});
const { gateway, control } = server.ready;
const fetch = fetchWith(server.ca);

it('a 401 of a resource names its metadata, and they name the authorization server (RFC 9728 §5.1)', async () => {
  const refused = await ask({ ...server, path: '/mcp', method: 'POST' });
  assert.equal(refused.status, 401);
  const metadataUrl = `${gateway}/.well-known/oauth-protected-resource/mcp`;
  assert.match(
    String(refused.headers['www-authenticate']),
    new RegExp(`^Bearer .*resource_metadata="${metadataUrl}"`),
  );
  const { status, headers, json } = await ask({
    ...server,
    path: '/.well-known/oauth-protected-resource/mcp',
  });
  assert.deepEqual([status, headers['content-type']], [200, 'application/json']);
  assert.deepEqual(json(), {
    resource: `${gateway}/mcp`,
    authorization_servers: [control],
    bearer_methods_supported: ['header'],
    scopes_supported: ['mcp:use'],
    resource_name: 'Notes',
  });
});

it('a route that is no resource has no metadata, and its 401 names none', async () => {
  const refused = await ask({ ...server, path: '/other' });
  assert.ok(!String(refused.headers['www-authenticate']).includes('resource_metadata'));
  assert.equal((await ask({ ...server, path: '/.well-known/oauth-protected-resource' })).status, 401);
});

it('HEAD gets the fields of the metadata without them', async () => {
  const answer = await ask({ ...server, path: '/.well-known/oauth-protected-resource/mcp', method: 'HEAD' });
  assert.deepEqual([answer.status, answer.body.length], [200, 0]);
});

async function clientWith(...options: string[]) {
  const name = `agent-${options.length}-${Math.floor(performance.now())}`;
  return server.json<{ client_id: string; client_secret: string }>('client', 'add', name, ...options);
}

it('the client of the MCP SDK calls with client credentials', async () => {
  const { client_id: clientId, client_secret: clientSecret } = await clientWith(
    '--grant',
    'client_credentials',
    '--scope',
    'mcp:use',
  );
  const authProvider = new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer: control });
  const client = new Client({ name: 'test', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL(`${gateway}/mcp`), { authProvider, fetch });
  await client.connect(transport as never);
  const result = await client.callTool({ name: 'greet' });
  assert.deepEqual(result.content, [{ type: 'text', text: 'hello' }]);
  assert.ok(
    mcp.callers.every((assertion) => typeof assertion === 'string'),
    'the server learns who calls',
  );
  await client.close();
});

it('the client of the MCP SDK calls in a person’s name, after PKCE in the browser', async () => {
  const redirectUrl = 'http://127.0.0.1:51789/callback';
  const information = await clientWith(
    ...['--grant', 'authorization_code', '--public', '--native', '--scope', 'mcp:use'],
    ...['--redirect-uri', 'http://127.0.0.1/callback'],
  );
  await server.command(['user', 'add', 'alice', '--password-stdin'], { input: PASSWORD });
  const person = createPerson(server, { name: 'alice', password: PASSWORD });
  const saved: { verifier?: string; tokens?: OAuthTokens; url?: URL } = {};
  const authProvider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: { redirect_uris: [redirectUrl] },
    clientInformation: () => ({ client_id: information.client_id }),
    tokens: () => saved.tokens,
    saveTokens: (tokens) => {
      saved.tokens = tokens;
    },
    redirectToAuthorization: (url) => {
      saved.url = url;
    },
    saveCodeVerifier: (verifier) => {
      saved.verifier = verifier;
    },
    codeVerifier: () => saved.verifier ?? '',
  };
  const transport = () =>
    new StreamableHTTPClientTransport(new URL(`${gateway}/mcp`), { authProvider, fetch });
  const first = transport();
  await assert.rejects(
    new Client({ name: 'test', version: '1.0.0' }).connect(first as never),
    UnauthorizedError,
  );
  const callback = await person.goThrough(String(saved.url));
  await first.finishAuth(String(callback.searchParams.get('code')));
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(transport() as never);
  const result = await client.callTool({ name: 'greet' });
  assert.deepEqual(result.content, [{ type: 'text', text: 'hello' }]);
  await client.close();
});

it('refuses a token without the scope of the route', async () => {
  const { client_id: id, client_secret: secret } = await clientWith('--grant', 'client_credentials');
  const answer = await fetch(`${control}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret }),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await ask({ ...server, path: '/mcp', method: 'POST', headers })).status, 403);
});
