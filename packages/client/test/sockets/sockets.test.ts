// TLS sockets in both directions, with Python's ssl and OpenSSL as the other side: each side requires a valid
// certificate of the other, reports why it refuses, and continues.
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import type { ClientError } from '../../src/errors.ts';
import { type ConnectTlsOptions, connectTls, listenTls, type TlsListener } from '../../src/sockets/index.ts';
import { type Authority, createAuthority, hasOpenssl, needsOpenssl } from '../certificates.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;
const withoutPython = hasPython ? false : 'needs python3';
const peerProgram = join(import.meta.dirname, 'python-peer.py');

describe('TLS sockets', { skip: hasOpenssl() ? false : needsOpenssl }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sockets-'));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const refusals: ClientError[] = [];
  const handlerErrors: unknown[] = [];
  let authority: Authority;
  let stranger: Authority;
  let listener: TlsListener;
  let server: { cert: string; key: string };
  let robot: { certificate: string; key: string };
  let other: { certificate: string; key: string };

  before(async () => {
    [authority, stranger] = [createAuthority(), createAuthority()];
    server = authority.issue('server', { alternativeNames: 'DNS:localhost,IP:127.0.0.1' });
    [robot, other] = [authority, stranger].map((issuer) => {
      const { cert: certificate, key } = issuer.issue('robot');
      return { certificate, key };
    }) as [typeof robot, typeof other];
    listener = await listenTls(
      {
        host: '127.0.0.1',
        port: 0,
        ca: authority.root,
        certificate: server.cert,
        key: server.key,
        clientCertificate: 'require',
        onRefused: (error) => refusals.push(error),
        onHandlerError: (error) => handlerErrors.push(error),
      },
      echoWithName,
    );
  });
  after(async () => {
    await listener.close();
    authority.remove();
    stranger.remove();
    rmSync(folder, { recursive: true });
  });

  const connectTo = (port: number, more: Partial<ConnectTlsOptions> = {}) =>
    connectTls({ host: 'localhost', port, ca: authority.root, ...robot, ...more });

  async function assertServes(): Promise<void> {
    const socket = await connectTo(listener.port);
    assert.equal(await exchange(socket), 'robot: hello');
  }

  /** The last refusal. It is reported when the connection has ended. */
  async function refusal(): Promise<string> {
    while (refusals.length === 0) await new Promise(setImmediate);
    return refusals.pop()?.message ?? '';
  }

  test('client and server verify each other, and the server knows the name of the client', async () => {
    const socket = await connectTo(listener.port);
    assert.ok(socket.authorized);
    assert.equal(await exchange(socket), 'robot: hello');
    const byAddress = await connectTo(listener.port, { host: '127.0.0.1' });
    assert.equal(await exchange(byAddress), 'robot: hello');
  });

  test('a client without a certificate gets the reason; the server reports it and continues to serve', async () => {
    const { certificate: _, key: _key, ...none } = { ...robot };
    await assert.rejects(
      connectTls({ host: 'localhost', port: listener.port, ca: authority.root, ...none }),
      {
        name: 'ClientError',
        code: 'client_certificate',
        message: /requires a client certificate: give one with its key/,
      },
    );
    assert.match(await refusal(), /^refused the client 127\.0\.0\.1:\d+: it sent no certificate/);
    await assertServes();
  });

  test('a client with a certificate of another authority is refused, with the reason on both sides', async () => {
    await assert.rejects(connectTo(listener.port, other), {
      code: 'client_certificate',
      message: /closed the connection after it received the client certificate/,
    });
    assert.match(await refusal(), /^refused the certificate of the client 127\.0\.0\.1:\d+: no trusted root/);
    await assertServes();
  });

  test('a client refuses a server of another root, and the server reports it', async () => {
    await assert.rejects(connectTo(listener.port, { ca: stranger.root }), {
      code: 'tls_trust',
      message: /no trusted root signed it/,
    });
    assert.match(await refusal(), /^the TLS handshake with the client|does not accept the certificate/);
    await assertServes();
  });

  test('the client refuses another name, and a name that is only the common name (RFC 9525 §2)', async (t) => {
    for (const leaf of [
      authority.issue('x', { alternativeNames: 'DNS:other.example' }),
      authority.issue('localhost'),
    ]) {
      const peer = createServer({ ...leaf }, (socket) => socket.on('error', () => {}).end('hello'));
      t.after(() => peer.close());
      peer.listen(0, '127.0.0.1');
      await once(peer, 'listening');
      const { port } = peer.address() as { port: number };
      // The second connection could resume the session of the first, where Node does not check the name.
      for (const serverName of ['localhost', 'localhost']) {
        await assert.rejects(connectTo(port, { serverName }), {
          code: 'tls_trust',
          message: /not for this name/,
        });
      }
    }
  });

  test('the server resumes no session, so each connection shows its certificate', async () => {
    for (const version of ['-tls1_2', '-tls1_3']) {
      const output = await openssl(
        [
          's_client',
          '-connect',
          `localhost:${listener.port}`,
          '-reconnect',
          version,
          '-CAfile',
          authority.rootFile,
        ],
        ['-cert', file('robot.pem', robot.certificate), '-key', file('robot.key', robot.key)],
      );
      assert.match(output, /^New, TLSv1\.[23], Cipher/m);
      assert.doesNotMatch(output, /^Reused/m);
    }
  });

  test('octets that are not TLS, and a handler that throws, do not end the server', async () => {
    const raw = connectTcp(listener.port, '127.0.0.1').on('error', () => {});
    raw.end('GET / HTTP/1.1\r\n\r\n');
    assert.match(await refusal(), /^the TLS handshake with the client 127\.0\.0\.1:\d+ failed/);
    const socket = await connectTo(listener.port);
    socket.write('throw');
    await assert.rejects(async () => {
      for await (const _ of socket.setEncoding('utf8'));
      throw new Error('ended');
    });
    assert.match(String(handlerErrors[0]), /as asked/);
    await assertServes();
  });

  test('Python connects to our server with a certificate, and without one gets a clear failure', {
    skip: withoutPython,
  }, async () => {
    const connect = async (certificate: string, key: string) => {
      const child = python('client', [String(listener.port), authority.rootFile, certificate, key]);
      return (await text(child.stdout)).trim();
    };
    const own = file('robot.pem', robot.certificate);
    assert.equal(await connect(own, file('robot.key', robot.key)), 'robot: from python');
    // The alert gives the reason, unless Python was still writing when the connection ended.
    assert.match(await connect('', ''), /^failed: /);
    assert.match(await refusal(), /it sent no certificate/);
    assert.match(
      await connect(file('x.pem', other.certificate), file('x.key', other.key)),
      /^failed: |^closed$/,
    );
    assert.match(await refusal(), /no trusted root signed it/);
    await assertServes();
  });

  test('our client connects to a Python server, which refuses other certificates and continues', {
    skip: withoutPython,
  }, async (t) => {
    const files = [file('server.pem', server.cert), file('server.key', server.key)];
    const child = python('server', ['0', authority.rootFile, ...files]);
    t.after(() => child.kill());
    const port = Number(await firstLine(child.stdout));
    assert.equal(await exchange(await connectTo(port)), 'robot: hello');
    await assert.rejects(connectTo(port, other), {
      code: 'client_certificate',
      message: /does not accept the client certificate \(UNKNOWN_CA\)/,
    });
    await assert.rejects(connectTls({ host: 'localhost', port, ca: authority.root }), {
      code: 'client_certificate',
      message: /requires a client certificate/,
    });
    await assert.rejects(connectTo(port, { ca: stranger.root }), { code: 'tls_trust' });
    assert.equal(await exchange(await connectTo(port)), 'robot: hello');
  });

  test('an OpenSSL server gets our certificate', async (t) => {
    const files = ['-cert', file('server.pem', server.cert), '-key', file('server.key', server.key)];
    const verify = ['-Verify', '2', '-verify_return_error', '-CAfile', authority.rootFile];
    const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-rev', ...files, ...verify], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    t.after(() => child.kill());
    const port = Number(/:(\d+)$/m.exec(await firstLine(child.stdout, /ACCEPT .*:\d+/))?.[1]);
    const socket = await connectTo(port);
    socket.write('abc\n');
    const [answer] = await once(socket, 'data');
    assert.equal(String(answer), 'cba\n');
    socket.destroy();
  });

  test('reports a port where nothing listens, a silent port, and text that is not PEM', async (t) => {
    const silent = createTcpServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.after(() => silent.close());
    const { port } = silent.address() as { port: number };
    await assert.rejects(connectTo(port, { connectSeconds: 0.05 }), { code: 'timeout' });
    await assert.rejects(connectTo(1), { code: 'connect', message: /nothing listens there/ });
    await assert.rejects(connectTo(port, { ca: 'none' }), TypeError);
    await assert.rejects(connectTo(port, { key: other.key }), TypeError);
    const { ca: _, ...withoutRoots } = { ca: '', port: 0, certificate: server.cert, key: server.key };
    await assert.rejects(listenTls({ ...withoutRoots, clientCertificate: 'require' }, echoWithName), {
      name: 'TypeError',
      message: /needs ca/,
    });
  });
});

async function echoWithName(socket: TLSSocket): Promise<void> {
  for await (const chunk of socket) {
    if (String(chunk) === 'throw') throw new Error('as asked');
    socket.write(`${socket.getPeerCertificate().subject.CN}: ${chunk}`);
  }
}

async function exchange(socket: TLSSocket): Promise<string> {
  socket.write('hello');
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer);
}

function python(role: string, args: readonly string[]): ChildProcessByStdio<null, Readable, null> {
  return spawn('python3', [peerProgram, role, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function openssl(...args: readonly string[][]): Promise<string> {
  const child = spawn('openssl', args.flat(), { stdio: ['ignore', 'pipe', 'ignore'] });
  return text(child.stdout);
}

/** The first line, or the output until it matches. */
async function firstLine(stream: Readable, pattern = /\n/): Promise<string> {
  let output = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    output += chunk;
    if (pattern.test(output)) break;
  }
  return output;
}
