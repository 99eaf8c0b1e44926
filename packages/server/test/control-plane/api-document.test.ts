// Compares the API of a whole server with its description: the document is valid OpenAPI, and each answer has
// exactly the members that it describes.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { TOTP } from 'otpauth';
import { z } from 'zod';
import { API_PAGE, apiPage } from '../../../../tools/api-docs.ts';
import type { OpenApiDocument } from '../../src/platform/http/openapi.ts';
import { requestFor } from '../support/ca.ts';
import type { Answer } from '../support/send.ts';
import { send } from '../support/send.ts';
import { startServer } from '../support/spawn-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const scope = { after };
const folder = temporaryFolder(scope);
const server = await startServer(scope, folder);
const fetched = await server.control({ path: '/api/openapi.json' });
const document = fetched.json<OpenApiDocument>();
const password = readFileSync(join(folder, 'admin-password'), 'utf8').trim();

/**
 * The schema together with the schemas that it refers to. Objects may have no other members than described.
 */
function strictSchema(schema: unknown): z.ZodType {
  const whole = { ...(strict(schema) as object), $defs: strict(document.components.schemas) };
  return z.fromJSONSchema(whole as Parameters<typeof z.fromJSONSchema>[0]);
}

function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, below]) => [
      key,
      key === '$ref' ? String(below).replace('#/components/schemas/', '#/$defs/') : strict(below),
    ]),
  );
  const describesMembers = Object.keys(Object(Reflect.get(value, 'properties'))).length > 0;
  return describesMembers ? { ...inner, additionalProperties: false } : inner;
}

interface Described {
  method: string;
  path: string;
  id: string;
  responses: Record<string, { content?: Record<string, { schema?: unknown }> }>;
}

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).flatMap(([method, operation]): Described[] =>
    method === 'servers'
      ? []
      : [
          {
            method: method.toUpperCase(),
            path,
            id: String(operation.operationId),
            responses: operation.responses as Described['responses'],
          },
        ],
  ),
);
const called = new Set<string>();

type Send = (method: string, path: string, body: unknown) => Promise<Answer>;
const asOperator: Send = (method, path, body) => server.operate(method, path, body);

/** A person with this access token. */
function asPerson(token: string): Send {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return (method, path, body) => {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    return server.control({ method, path, headers, ...text });
  };
}

/** Calls an operation as the local operator, and checks the answer against its description. */
function call(id: string, params: Record<string, string> = {}, body?: unknown): Promise<Answer> {
  return callAs(asOperator, { id, params }, body);
}

async function callAs(
  caller: Send,
  { id, params = {} }: { id: string; params?: Record<string, string> },
  body?: unknown,
): Promise<Answer> {
  const operation = operations.find((each) => each.id === id) ?? assert.fail(`no operation ${id}`);
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    return encodeURIComponent(params[name] ?? assert.fail(`no ${name}`));
  });
  const answer = await caller(operation.method, path, body);
  const response = operation.responses[answer.status];
  assert.ok(response, `${id} answered ${answer.status}: ${answer.text}`);
  const type = String(answer.headers['content-type']);
  if (!response.content) assert.equal(answer.text, '', id);
  else assert.ok(type in response.content, `${id}: ${type}`);
  const { schema } = response.content?.[type] ?? {};
  if (schema !== undefined) strictSchema(schema).parse(answer.json());
  called.add(id);
  return answer;
}

test('the document is valid OpenAPI 3.1, over TLS without a credential and on the socket', async () => {
  assert.equal(fetched.status, 200);
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  assert.equal(valid, true, JSON.stringify(errors, undefined, 2));
  assert.equal(validator.version, '3.1');
  const local = await server.operate('GET', '/api/openapi.json');
  assert.deepEqual(local.json(), document);
});

test('docs/api.md has every operation of the document (run: npm run docs)', () => {
  assert.equal(readFileSync(API_PAGE, 'utf8'), apiPage(document));
});

test('users: created, listed, given a password, signed in, removed', async () => {
  await call('createUser', {}, { name: 'alice', password: 'correct-horse', roles: ['user'] });
  await call('listUsers');
  await call('showUser', { name: 'alice' });
  await call('setUserRoles', { name: 'alice' }, { roles: ['auditor'] });
  await call('setUserDisabled', { name: 'alice' }, { disabled: true });
  await call('setPassword', { name: 'alice' }, { password: 'correct-horse-2' });
  await call('signIn', {}, { username: 'admin', password });
  await call('createDigestPassword', { name: 'alice' });
  await call('removeDigestPassword', { name: 'alice' });
  await call('removeUser', { name: 'alice' });
});

test('people: attributes, a second factor of their own, refresh tokens, sign-out', async () => {
  const carol = { username: 'carol', password: 'correct-horse' };
  await call('createUser', {}, { name: 'carol', password: carol.password, roles: ['user'] });
  await call('changeUserAttributes', { name: 'carol' }, { set: { level: 3 }, remove: [] });
  const first = (await call('signIn', {}, carol)).json<{ access_token: string }>();
  const { secret } = (await callAs(asPerson(first.access_token), { id: 'beginTotp' }, {})).json<{
    secret: string;
  }>();
  const code = new TOTP({ secret }).generate();
  await callAs(asPerson(first.access_token), { id: 'confirmTotp' }, { code });
  const demand = (await call('signIn', {}, carol)).json<{ mfa_token: string }>();
  const proof = { mfa_token: demand.mfa_token, code };
  const tokens = (await call('proveSecondFactor', {}, proof)).json<Record<string, string>>();
  const strong = asPerson(tokens.access_token ?? '');
  await callAs(strong, { id: 'renewRecoveryCodes' }, {});
  await callAs(strong, { id: 'removeTotp' });
  await call('refreshTokens', {}, { refresh_token: tokens.refresh_token });
  await callAs(strong, { id: 'signOut' });
});

test('users: a second factor and a new password from an administrator', async () => {
  const name = 'carol';
  await call('enrolUserTotp', { name });
  await call('renewUserRecoveryCodes', { name });
  await call('removeUserTotp', { name });
  const { url } = (await call('createPasswordReset', { name })).json<{ url: string }>();
  const token = new URL(url).hash.replace('#token=', '');
  await call('resetPassword', {}, { token, password: 'correct-horse-3' });
});

test('groups: created, listed, shown, changed, removed', async () => {
  const name = 'editors';
  await call('createGroup', {}, { name, roles: ['editor'], members: ['carol'] });
  await call('listGroups');
  await call('showGroup', { name });
  await call('changeGroup', { name }, { roles: [], removeMembers: ['carol'] });
  await call('setGroupDisabled', { name }, { disabled: true });
  await call('removeGroup', { name });
});

test('signing keys: listed, replaced', async () => {
  await call('listSigningKeys');
  await call('rotateSigningKey', {}, { use: 'assertion' });
  await call('rotateMasterKey');
});

test('services and keys: created, listed, shown, rotated, revoked', async () => {
  const { id } = (
    await call('createKey', {}, { name: 'robot', roles: ['user'], expiresInSeconds: 60 })
  ).json<{ id: string }>();
  await call('createService', {}, { name: 'robot-2' });
  const limits = { scopes: ['notes'], addresses: ['127.0.0.0/8'] };
  await call('createKey', {}, { name: 'robot-2', roles: ['user'], ...limits });
  const pair = generateKeyPairSync('ed25519');
  const publicKey = String(pair.publicKey.export({ type: 'spki', format: 'pem' }));
  await call('addPublicKey', {}, { name: 'robot-2', publicKey, expiresInSeconds: 60 });
  await call('showService', { name: 'robot-2' });
  await call('changeServiceAttributes', { name: 'robot-2' }, { set: { tier: 2 }, remove: [] });
  await call('setServiceDisabled', { name: 'robot-2' }, { disabled: true });
  await call('rotateKey', { id }, { overlapSeconds: 60 });
  await call('listKeys');
  await call('showKey', { id });
  await call('changeKey', { id }, { scopes: ['notes:read'], expiresAt: null });
  await call('setKeyDisabled', { id }, { disabled: true });
  await call('revokeKey', { id });
});

test('OAuth clients: created, listed, shown, changed, disabled, given another secret, removed', async () => {
  await call('createClient', {}, { name: 'reports', grants: ['client_credentials'], scopes: ['notes'] });
  await call('listClients');
  await call('showClient', { name: 'reports' });
  await call('changeClient', { name: 'reports' }, { scopes: ['notes', 'mail'] });
  await call('setClientDisabled', { name: 'reports' }, { disabled: true });
  await call('rotateClientSecret', { name: 'reports' }, { overlapSeconds: 60 });
  await call('removeClient', { name: 'reports' });
});

test('certificates: issued, listed, read, renewed, revoked; their services listed and removed', async () => {
  const request = requestFor(['backup']).pem;
  const issued = await call('issueCertificate', {}, { request, profile: 'client', names: ['backup'] });
  const { serial } = issued.json<{ serial: string }>();
  await call('readCertificate', { serial });
  const again = await call('renewCertificate', { serial }, { request: requestFor(['backup']).pem });
  assert.equal(again.status, 201);
  await call('revokeCertificate', { serial }, { reason: 'superseded' });
  await call('listCertificates');
  await call('listServices');
  await call('removeService', { name: 'backup' });
});

test('authorities: read, rotated, requested', async () => {
  await call('readHierarchy');
  await call('readChannelKey');
  await call('rotateIntermediate');
  await call('requestIntermediate');
});

test('ACME administration: keys and lists', async () => {
  const { kid } = (await call('createExternalAccountKey', {}, { name: 'web' })).json<{ kid: string }>();
  await call('listExternalAccountKeys');
  await call('listAcmeAccounts');
  await call('listAcmeOrders');
  await call('removeExternalAccountKey', { kid });
});

test('the ledger, the key sets, the status and the document itself', async () => {
  await call('listAuditEntries');
  await call('verifyAudit');
  await call('readTokenKeys');
  await call('readAssertionKeys');
  await call('readAnswerKeys');
  await call('readLedgerKeys');
  await call('readStatus');
  await call('readConfiguration');
  await call('listHandshakes');
  await call('readApiDocument');
});

test('monitoring: the health, the readiness and the metrics', async () => {
  await call('readHealth');
  await call('readReadiness');
  await call('readMetrics');
});

test('a refusal has the form that the document describes', async () => {
  const problem = operations.find(({ id }) => id === 'removeUser')?.responses.default;
  const answer = await server.operate('DELETE', '/admin/users/no-such-user');
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  strictSchema(problem?.content?.['application/problem+json']?.schema).parse(answer.json());
  const notAllowed = await server.operate('PUT', '/admin/users');
  strictSchema(problem?.content?.['application/problem+json']?.schema).parse(notAllowed.json());
});

test('the public PKI is described with its server', async () => {
  const roots = operations.find(({ id }) => id === 'readRoots') ?? assert.fail('no operation readRoots');
  assert.deepEqual(document.paths[roots.path]?.servers, [{ url: server.ready.pki }]);
  const answer = await send({ url: `${server.ready.pki}${roots.path}` });
  assert.deepEqual(Object.keys(roots.responses['200']?.content ?? {}), [answer.headers['content-type']]);
});

test('the data folder: copied', async () => {
  await call('createBackup');
});

test('sessions of people in browsers: listed and ended', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams({ username: 'admin', password }).toString();
  assert.equal((await server.control({ method: 'POST', path: '/login', headers, body })).status, 303);
  const listed = await call('listSessions');
  const [session] = listed.json() as unknown as { id: string }[];
  await call('endSession', { id: session?.id ?? '' });
});

test('the tests above call every operation except ACME (its own protocol) and those that need more than one call', () => {
  // The endpoints of OAuth take forms; conformance/ has their tests.
  const oauth = [
    'authorizeDevice',
    'introspectToken',
    'issueToken',
    'pushAuthorizationRequest',
    'revokeToken',
  ];
  const others = ['followHandshakes', 'importHierarchy', 'reloadConfiguration', 'renewOwnCertificate'];
  const providers = ['endSessionsOfProvider', 'unlinkProvider'];
  // Only browsers add passkeys.
  const passkeys = ['removeUserPasskey'];
  const policies = [
    ...['applyPolicies', 'checkPolicies', 'explainDecision', 'listPolicyVersions', 'readPolicies'],
    ...['readPolicySchema', 'readPolicyVersion', 'rollBackPolicies', 'testPolicies'],
  ];
  const elsewhere = [...oauth, ...others, ...providers, ...passkeys, ...policies].sort();
  const left = operations.filter(
    ({ id, path }) => !called.has(id) && !id.startsWith('acme') && !document.paths[path]?.servers,
  );
  assert.deepEqual(left.map(({ id }) => id).sort(), elsewhere);
});

test('every operation of the admin API names its permission and requires a credential', async () => {
  const admin = operations.filter(({ path }) => path.startsWith('/admin/'));
  assert.ok(admin.length > 20);
  for (const { method, path } of admin) {
    const operation = document.paths[path]?.[method.toLowerCase()];
    assert.match(String(operation?.['x-permission']), /^[a-z]+:[A-Z][A-Za-z]+$/, path);
    const answer = await server.control({ method, path: path.replaceAll(/\{\w+\}/g, 'x') });
    assert.equal(answer.status, 401, `${method} ${path}`);
  }
});
