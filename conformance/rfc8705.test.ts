// Tokens that are bound to a client certificate (RFC 8705 §3), and requests with two credentials.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { after, describe, it } from 'node:test';
import type { TestCertificate } from './support/certificates.ts';
import { issue } from './support/certificates.ts';
import { ask } from './support/https-client.ts';
import { ownTokens } from './support/own-tokens.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const routes = [{ path: '/tokens/*', accept: ['bearer', 'apiKey'] }, { path: '/*' }];
const server = await startServer({
  upstream: upstream.origin,
  set: [
    `gateway.routes=${JSON.stringify(routes)}`,
    // Certificates are also requested for routes that accept only tokens.
    'control.accept=bearer,mtls',
  ],
});
after(() => Promise.all([server.stop(), upstream.close()]));

const alice = await server.createUser(['user']);
const sign = await ownTokens(server);
const robot = await issue(server.data, 'robot');
const other = await issue(server.data, 'other');

function thumbprintOf({ cert }: TestCertificate): string {
  return createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url');
}

const token = await sign(alice.name, { cnf: { 'x5t#S256': thumbprintOf(robot) } });

interface Use {
  path?: string;
  certificate?: TestCertificate;
  headers?: Record<string, string>;
  port?: number;
}

async function use({ path = '/tokens/x', certificate, headers = {}, port = server.port }: Use) {
  const identity = certificate && {
    cert: readFileSync(certificate.certFile),
    key: readFileSync(certificate.keyFile),
  };
  const agent = new Agent({ ca: server.ca, keepAlive: false, ...identity });
  const answer = await ask({ port, ca: server.ca, path, headers, agent });
  return { status: answer.status, code: answer.status === 200 ? undefined : answer.json().code };
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

describe('a token that is bound to a client certificate', () => {
  it('is accepted on a connection with that certificate, even if another service owns the certificate', async () => {
    assert.equal(
      (await use({ path: '/tokens/bound', certificate: robot, headers: bearer(token) })).status,
      200,
    );
    const [request] = upstream.saw('/tokens/bound');
    const [, payload = ''] = String(request?.headers['gatehouse-assertion']).split('.');
    const { sub, amr, cnf } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    assert.deepEqual([sub, amr], [alice.name, ['pwd', 'pop']]);
    assert.deepEqual(cnf, { 'x5t#S256': thumbprintOf(robot) });
    assert.equal((await use({ path: '/both', certificate: robot, headers: bearer(token) })).status, 200);
  });

  it('is refused without a certificate, and with another', async () => {
    for (const certificate of [undefined, other]) {
      const refused = await use({ ...(certificate && { certificate }), headers: bearer(token) });
      assert.deepEqual(refused, { status: 401, code: 'credential_invalid' });
    }
  });

  it('ends with the certificate', async () => {
    const leaver = await issue(server.data, 'leaver');
    const bound = await sign(alice.name, { cnf: { 'x5t#S256': thumbprintOf(leaver) } });
    assert.equal((await use({ certificate: leaver, headers: bearer(bound) })).status, 200);
    await server.admin('POST', `/admin/certificates/${leaver.serial}/revoke`, { reason: 'superseded' });
    const after = await use({ certificate: leaver, headers: bearer(bound) }).catch(
      (error: Error) => error.message,
    );
    assert.notDeepEqual(after, { status: 200, code: undefined });
  });
});

describe('a request with two credentials', () => {
  it('is refused if the route accepts both and they name different callers', async () => {
    const plain = await sign(alice.name);
    const key = await server.createKey(['user']);
    for (const headers of [bearer(plain), bearer(key.key), { 'x-api-key': key.key }]) {
      const refused = await use({ path: '/disagree', certificate: robot, headers });
      assert.deepEqual(refused, { status: 401, code: 'credential_invalid' });
    }
    assert.deepEqual(upstream.saw('/disagree'), []);
  });

  it('is accepted if both name the same caller, or if the route accepts only one of them', async () => {
    const { key } = (await server.admin('POST', '/admin/keys', { name: 'robot' })) as { key: string };
    const headers = { 'x-api-key': key };
    assert.equal((await use({ path: '/agree', certificate: robot, headers })).status, 200);
    assert.equal((await use({ certificate: other, headers })).status, 200);
  });
});

describe('at the control listener', () => {
  it('a certificate opens the admin API if control.accept has mtls', async () => {
    const port = server.controlPort;
    await server.admin('POST', '/admin/services', { name: 'operator', roles: ['admin'] });
    const operator = await issue(server.data, 'operator');
    assert.equal((await use({ port, path: '/admin/users', certificate: operator })).status, 200);
    assert.equal((await use({ port, path: '/admin/users', certificate: robot })).status, 403);
    assert.equal((await use({ port, path: '/admin/users' })).status, 401);
    const disagreeing = await use({
      port,
      path: '/admin/users',
      certificate: operator,
      headers: bearer(await sign(alice.name)),
    });
    assert.deepEqual(disagreeing, { status: 401, code: 'credential_invalid' });
  });
});
