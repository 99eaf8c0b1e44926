// Mutual TLS with curl, openssl, Python's ssl, ws and our own client (RFC 8446 §4.3.2 and §4.4.2, RFC 8705,
// RFC 6066 §8): accepted certificates, the errors for others, resumption, and the effect of a revocation
// everywhere.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { ClientError } from '@gatehouse/client';
import { client, createClient, renewAtGatehouse, trust } from '@gatehouse/client';
import { decodeJwt } from 'jose';
import { WebSocket, WebSocketServer } from 'ws';
import type { TestCertificate } from '../support/certificates.ts';
import { forge, issue, operate } from '../support/certificates.ts';
import { eventually } from '../support/conditions.ts';
import { run, up } from '../support/gatehouse-command.ts';
import { startProgram, without, withoutPython } from '../support/programs.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const openssl = { skip: without('openssl', 'version') };
const curl = { skip: without('curl') };
const python = { skip: withoutPython(['ssl'], 'python3') };
const PEER = fileURLToPath(new URL('../support/tls-peer.py', import.meta.url));

const upstream = await startRecordingUpstream();
upstream.on('/slow', (_request, response) => void response.write('begun'));
const sockets = new WebSocketServer({ server: upstream.server });
// Only Node can staple.
const [server, requiring, postQuantum, stapling] = await Promise.all([
  up({ upstream: upstream.origin, set: ['gateway.workers=2'] }),
  up({ upstream: upstream.origin, set: ['gateway.workers=1', 'gateway.clientCertificates=require'] }),
  up({ upstream: upstream.origin, set: ['gateway.workers=1', 'ca.keyType=ML-DSA-65'] }),
  up({ upstream: upstream.origin, set: ['gateway.workers=1', 'tls.stapling=always'] }),
]);
after(async () => {
  for (const socket of sockets.clients) socket.terminate();
  await Promise.all([server, requiring, postQuantum, stapling].map(({ stop }) => stop()));
  await upstream.close();
});
const robot = await issue(server.data, 'robot');

function accessLog(): { [key: string]: unknown }[] {
  const lines = readFileSync(join(server.data, 'access.log'), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

/** curl's request, and the answer's status and body. */
async function curlAs(certificate: TestCertificate | undefined, path: string) {
  const { certFile = '', keyFile = '' } = certificate ?? {};
  const presented = certificate ? ['--cert', certFile, '--key', keyFile] : [];
  const trust = ['--silent', '--cacert', server.ready.rootCertificate, '--write-out', '\n%{http_code}'];
  const { stdout } = await run('curl', [...trust, ...presented, `https://localhost:${server.port}${path}`]);
  const [, body = '', status] = /^(.*)\n(\d+)$/s.exec(stdout) ?? [];
  return { status: Number(status), body };
}

const revoke = ({ serial }: TestCertificate, data = server.data) =>
  operate(data, `POST /admin/certificates/${serial}/revoke`, { reason: 'keyCompromise' });

describe('a client certificate that was issued here', () => {
  it('identifies the caller in the assertion and in the access log (RFC 8705 §3.1)', curl, async () => {
    assert.equal((await curlAs(robot, '/curl')).status, 200);
    const assertion = decodeJwt(String(upstream.saw('/curl')[0]?.headers['gatehouse-assertion']));
    assert.equal(assertion.sub, 'robot');
    assert.match(String((assertion.cnf as Record<string, unknown>)['x5t#S256']), /^[\w-]{43}$/);
    const line = await eventually('the access log', () => accessLog().find(({ path }) => path === '/curl'));
    assert.deepEqual([line.principal, line.via, line.certificateSerial], ['robot', 'mtls', robot.serial]);
  });

  it(
    'also identifies the caller of a resumed session, until it is revoked (RFC 8446 §2.2)',
    openssl,
    async () => {
      // On Bun, each worker resumes only its own sessions.
      const { data, port, ready } = requiring;
      const certificate = await issue(data, 'resumer');
      const session = join(data, 'session.pem');
      const get = async (...options: string[]) => {
        const args = ['-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-ign_eof'];
        const trust = ['-CAfile', ready.rootCertificate];
        const input = 'GET /resumed HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
        const { stdout } = await run('openssl', ['s_client', ...args, ...trust, ...options], { input });
        const [, status] = /HTTP\/1\.1 (\d+) /.exec(stdout) ?? [];
        const [, detail] = /"detail":"([^"]+)"/.exec(stdout) ?? [];
        return { resumed: /^Reused, TLSv1\.3/m.test(stdout), status, detail };
      };
      const identity = ['-cert', certificate.certFile, '-key', certificate.keyFile];
      const first = await get(...identity, '-sess_out', session);
      assert.deepEqual(first, { resumed: false, status: '200', detail: undefined });
      const second = await get('-sess_in', session);
      assert.deepEqual(second, { resumed: true, status: '200', detail: undefined });
      await revoke(certificate, data);
      const detail = 'The client certificate was revoked.';
      assert.deepEqual(await get('-sess_in', session), { resumed: true, status: '401', detail });
    },
  );

  it('also identifies the caller under an ML-DSA hierarchy, which our client verifies (RFC 9881)', async (t) => {
    const { data, ca: roots, port } = postQuantum;
    const { cert: chain, key } = await issue(data, 'robot');
    const client = createClient({ roots, certificate: { chain, key } });
    t.after(() => client.close());
    assert.equal((await client.request(`https://localhost:${port}/`)).status, 200);
    const distrustful = createClient({ roots: server.ca });
    t.after(() => distrustful.close());
    await assert.rejects(distrustful.request(`https://localhost:${port}/`), { code: 'tls_trust' });
  });
});

describe('a client without a valid certificate', () => {
  it('is renewed by our client with a new key, and the same caller continues (RFC 2986)', async (t) => {
    const renewable = await issue(server.data, 'renewable');
    const [certificate, key] = [renewable.certFile, renewable.keyFile].map((file) =>
      readFileSync(file, 'utf8'),
    );
    const ca = readFileSync(server.ready.rootCertificate, 'utf8');
    const renew = renewAtGatehouse(server.ready.control, { ca });
    const renewed = await renew({ certificate: String(certificate), key: String(key) });
    assert.notEqual(renewed.key, key);
    const http = client().with(trust({ ca, ...renewed }));
    t.after(() => http.close());
    assert.equal((await http.get(`https://localhost:${server.port}/renewed`)).status, 200);
    const assertion = decodeJwt(String(upstream.saw('/renewed')[0]?.headers['gatehouse-assertion']));
    assert.equal(assertion.sub, 'renewable');
  });

  it(
    'gets the reason in the answer, the log also has it, and the server continues to run',
    curl,
    async () => {
      const none = await curlAs(undefined, '/none');
      assert.deepEqual([none.status, JSON.parse(none.body).code], [401, 'unauthenticated']);
      const forged = await curlAs(forge(server.data, 'robot'), '/forged');
      assert.deepEqual([forged.status, JSON.parse(forged.body).code], [401, 'client_certificate_invalid']);
      assert.match(forged.body, /was not issued here/);
      const logged =
        /"reason":"The client certificate was not issued here\.".*"message":"client certificate refused"/;
      await eventually('the log', () => logged.test(server.stderr()));
      const line = await eventually('its line', () => accessLog().find(({ path }) => path === '/forged'));
      assert.equal(line.status, 401);
      assert.equal(line.reason, 'client_certificate_invalid: The client certificate was not issued here.');
      assert.equal((await curlAs(robot, '/')).status, 200);
      assert.equal(upstream.saw('/forged').length + upstream.saw('/none').length, 0);
    },
  );
});

describe('revoking a certificate', () => {
  it('ends its tunnels and downloads on every worker within a second, and no others', async (t) => {
    const { cert, key, ...certificate } = await issue(server.data, 'robot');
    const { cert: otherCert, key: otherKey } = robot;
    const ends: Promise<unknown>[] = [];
    const others: TLSSocket[] = [];
    for (let count = 0; count < 8; count += 1) {
      ends.push((await openTunnel({ cert, key })).ended, (await openDownload({ cert, key })).ended);
      const { socket } = await openDownload({ cert: otherCert, key: otherKey });
      others.push(socket);
      t.after(() => void socket.destroy());
    }
    const started = performance.now();
    await revoke({ cert, key, ...certificate });
    await Promise.all(ends);
    const took = performance.now() - started;
    assert.ok(took < 1000, `took ${took} ms`);
    t.diagnostic(`revoked, published and cut 16 connections in ${took.toFixed(0)} ms`);
    assert.ok(others.every(({ destroyed }) => !destroyed));
  });

  it('is also done by removing its service', curl, async () => {
    const certificate = await issue(server.data, 'temporary');
    const services = await operate(server.data, 'GET /admin/services');
    const registered = Object.values(services) as { name: string; roles: string[] }[];
    assert.deepEqual(registered.find(({ name }) => name === 'temporary')?.roles, ['user']);
    assert.equal((await curlAs(certificate, '/')).status, 200);
    await operate(server.data, 'DELETE /admin/services/temporary');
    const refused = await curlAs(certificate, '/');
    assert.equal(refused.status, 401);
    // Removing an owner also revokes the owner's certificates.
    assert.match(refused.body, /The client certificate was revoked/);
  });

  it('works like revoking an API key, which also ends running requests', async () => {
    const { id, key } = await server.json<{ id: string; key: string }>(
      'key',
      'create',
      'tunneller',
      '--role',
      'user',
    );
    const { ended } = await openTunnel({ headers: { 'x-api-key': key } });
    await server.command(['key', 'revoke', id]);
    await ended;
  });
});

describe('stapled OCSP responses (RFC 6066 §8)', openssl, () => {
  for (const [name, port] of [
    ['the gateway', stapling.port],
    ['the control plane', stapling.controlPort],
  ] as const) {
    it(`${name} sends one to a client that asks, and openssl accepts it`, async () => {
      const { stdout } = await run('openssl', [
        ...['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-status'],
        ...['-CAfile', stapling.ready.rootCertificate],
      ]);
      assert.match(stdout, /OCSP Response Status: successful/);
      assert.match(stdout, /Cert Status: good/);
    });
  }
});

describe('Python’s ssl, with certificates that both sides require', python, () => {
  const pythonClient = (...identity: string[]) =>
    run('python3', [PEER, 'client', String(requiring.port), requiring.ready.rootCertificate, ...identity]);

  it('as a client is served with a certificate and fails clearly without one, and the server continues to run', async () => {
    const { certFile, keyFile } = await issue(requiring.data, 'snake');
    const forged = forge(requiring.data, 'snake');
    for (let round = 0; round < 2; round += 1) {
      assert.deepEqual((await pythonClient(certFile, keyFile)).stdout, 'HTTP/1.1 200 OK\n');
      const none = await pythonClient();
      assert.equal(none.status, 1);
      assert.match(none.stderr, /SSLError.*CERTIFICATE_REQUIRED/s);
      const wrong = await pythonClient(forged.certFile, forged.keyFile);
      assert.equal(wrong.status, 1);
      assert.match(wrong.stderr, /SSLEOFError|ConnectionResetError/);
    }
    await eventually('both reasons in the log', () => {
      const log = requiring.stderr();
      return log.includes('No client certificate was presented.') && log.includes('was not issued here.');
    });
  });

  it('as a server accepts our client with a certificate; without one, our client says what is missing', async (t) => {
    const { data, ca: roots } = requiring;
    const { certFile, keyFile } = await issue(data, 'localhost', { profile: 'server' });
    const peer = await startProgram(
      'python3',
      [PEER, 'server', requiring.ready.rootCertificate, certFile, keyFile],
      /port (\d+)/,
    );
    t.after(peer.stop);
    const url = `https://localhost:${peer.port}/`;
    const { cert: chain, key } = await issue(data, 'snake');
    for (let round = 0; round < 2; round += 1) {
      const anonymous = createClient({ roots });
      await assert.rejects(anonymous.request(url), (error: ClientError) => {
        assert.match(error.message, /requires a client certificate/);
        return error.code === 'client_certificate';
      });
      await anonymous.close();
      const client = createClient({ roots, certificate: { chain, key } });
      const { body } = await client.request(url);
      assert.equal(await text(body), 'hello');
      await client.close();
    }
  });
});

interface Identified {
  cert?: string;
  key?: string;
  headers?: Record<string, string>;
}

/** Resolves when the tunnel is open, with the promise of its end. */
function openTunnel({ headers = {}, ...identity }: Identified): Promise<{ ended: Promise<unknown> }> {
  const socket = new WebSocket(`wss://localhost:${server.port}/ws`, { ca: server.ca, headers, ...identity });
  const ended = new Promise((resolve) => socket.once('close', resolve));
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.on('error', () => {});
      resolve({ ended });
    });
    socket.once('error', reject);
  });
}

async function openDownload(identity: Identified): Promise<{ socket: TLSSocket; ended: Promise<unknown> }> {
  const socket = connect({
    host: '127.0.0.1',
    port: server.port,
    servername: 'localhost',
    ca: server.ca,
    ...identity,
  });
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [head] = await new Promise<[Buffer]>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', (chunk: Buffer) => resolve([chunk]));
  });
  assert.match(head.toString('latin1'), /^HTTP\/1\.1 200 /);
  socket.on('error', () => {});
  socket.resume();
  return { socket, ended };
}
