// Tunnels through proxies that misbehave, and to addresses of IPv6.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { client, proxy } from '../../src/index.ts';

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

test('asks for an address of IPv6 in brackets, and reports the status of the proxy', async (t) => {
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
