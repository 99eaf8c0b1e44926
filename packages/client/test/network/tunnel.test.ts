// Tunnels through proxies that misbehave, and to IPv6 addresses.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createTestAuthority } from '../../../../conformance/support/test-authority.ts';
import { client, proxy, trust } from '../../src/index.ts';

async function behind(t: TestContext, answer: string | undefined) {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      asked.push(chunk.toString().split('\r\n')[0] ?? '');
      if (answer !== undefined) socket.end(answer);
    });
    t.after(() => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const http = client({ timeouts: { connectSeconds: 1 } }).with(proxy(`http://127.0.0.1:${port}`));
  t.after(async () => {
    await http.close();
    server.close();
  });
  return { http, asked };
}

test('writes an IPv6 address in brackets, and reports the status of the proxy', async (t) => {
  const { http, asked } = await behind(t, 'HTTP/1.1 502 Bad Gateway\r\n\r\n');
  await assert.rejects(http.get('https://[::1]:8443/'), { name: 'ProxyError', status: 502 });
  assert.deepEqual(asked, ['CONNECT [::1]:8443 HTTP/1.1']);
});

for (const [name, answer] of [
  ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
  ['the end of the connection', ''],
  ['a header without an end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`],
] as const) {
  test(`reports a proxy that answers with ${name}`, async (t) => {
    const { http } = await behind(t, answer);
    await assert.rejects(http.get('https://localhost/'), {
      name: 'ProxyError',
      message: /does not answer as a proxy/,
    });
  });
}

test('reports a proxy that resets the connection, and reads an answer that comes octet by octet', async (t) => {
  const warnings: string[] = [];
  const warn = ({ message }: Error) => warnings.push(message);
  process.on('warning', warn);
  t.after(() => process.off('warning', warn));
  const answer = 'HTTP/1.1 407 No\r\nproxy-authenticate: Basic\r\n\r\n';
  for (const [reply, expected] of [
    [(socket: Socket) => socket.resetAndDestroy(), { name: 'ProxyError', message: /closed the connection/ }],
    [(socket: Socket) => drip(socket, answer), { name: 'ProxyError', status: 407 }],
  ] as const) {
    const server = createServer((socket) => {
      socket.on('error', () => {}).setNoDelay();
      socket.once('data', () => reply(socket));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const http = client().with(proxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    await assert.rejects(http.get('https://localhost/'), expected);
    await http.close();
    server.close();
  }
  assert.deepEqual(warnings, []);
});

function drip(socket: Socket, text: string): void {
  const [first, ...rest] = text;
  if (first === undefined) socket.end();
  else socket.write(first, () => setImmediate(() => drip(socket, rest.join(''))));
}

test('reports a proxy that does not answer', async (t) => {
  const { http } = await behind(t, undefined);
  await assert.rejects(http.get('https://localhost/'), { name: 'TimeoutError', phase: 'connect' });
});

test('reports a proxy that cannot be reached', async (t) => {
  const http = client().with(proxy('http://127.0.0.1:1'));
  t.after(() => http.close());
  await assert.rejects(http.get('https://localhost/'), {
    name: 'ProxyError',
    message: /cannot connect to the proxy/,
  });
});

test('verifies a proxy with TLS, and sends its password over TLS, for http: and for https:', async (t) => {
  const authority = createTestAuthority();
  const pair = authority.issue();
  const seen: string[] = [];
  const secure = createSecureServer(pair, (_request, response) => response.end('the server'));
  const gate = createSecureServer(pair, ({ url, headers }, response) => {
    seen.push(`${url} ${headers['proxy-authorization']}`);
    response.end('the proxy');
  });
  gate.on('connect', ({ url = '', headers }, socket) => {
    seen.push(`CONNECT ${headers['proxy-authorization']}`);
    const onward = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on('error', () => {});
  });
  const [port, gatePort] = await Promise.all(
    [secure, gate].map(async (server) => {
      t.after(() => server.close());
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  const basic = { username: 'ada', password: 'secret' };
  const through = client().with(proxy(`https://localhost:${gatePort}`, { basic }));
  const trusting = through.with(trust({ ca: authority.root }));
  t.after(() => trusting.close());
  await assert.rejects(through.get('http://example.com/'), { name: 'TlsError', reason: 'unknown_root' });
  assert.deepEqual(seen, []);
  assert.equal(await trusting.get('http://example.com/a').text(), 'the proxy');
  assert.equal(await trusting.get(`https://localhost:${port}/`).text(), 'the server');
  const sent = `Basic ${Buffer.from('ada:secret').toString('base64')}`;
  assert.deepEqual(seen, [`http://example.com/a ${sent}`, `CONNECT ${sent}`]);
});
