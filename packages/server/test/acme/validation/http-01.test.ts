// http-01 (RFC 8555 §8.3), and that it never connects to a forbidden address (§10.4).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createResolver } from '../../../src/acme/validation/resolver.ts';
import { createTargets } from '../../../src/acme/validation/target.ts';
import { openBlackHole } from '../../support/black-hole.ts';
import { createTestAuthority } from '../../support/certificates.ts';
import type { DnsRecord } from '../../support/dns-server.ts';
import { startDnsServer } from '../../support/dns-server.ts';
import { challengePath, startChallengeServer } from '../support/challenges.ts';
import type { Flow } from '../support/flow.ts';
import { challengeOf, meetHttp01, readyOrder, startFlow } from '../support/flow.ts';

/** Answers http-01 for a new order of this name; gives the challenge after that. */
async function answer(
  { client, web }: Flow,
  name: string,
  prepare: (token: string, content: string) => void = () => {},
) {
  const order = await client.order([name]);
  assert.equal(order.status, 201, order.text);
  const { body } = await client.post(order.body.authorizations[0] ?? '');
  const { token, url } = challengeOf(body, 'http-01');
  web.files.set(challengePath(token), client.keyAuthorization(token));
  prepare(token, client.keyAuthorization(token));
  const challenge = await client.post(url, {});
  const authorization = await client.post(order.body.authorizations[0] ?? '');
  return { challenge, authorization, order: await client.post(order.headers.get('location') ?? ''), token };
}

const errorType = (body: { error?: { type: string } }) => body.error?.type.split(':').at(-1);

test('the key authorization is fetched; white space after it does not matter (RFC 8555 §8.3)', async (t) => {
  const flow = await startFlow(t);
  const { challenge, authorization, token } = await answer(flow, 'a.localhost', (token, content) =>
    flow.web.files.set(challengePath(token), `${content} \r\n`),
  );
  assert.equal(challenge.body.status, 'valid');
  assert.equal(challenge.body.validated, '2026-03-01T12:00:00.000Z');
  assert.match(challenge.headers.get('link') ?? '', /<https:[^>]+\/acme\/authorization\/[\w-]+>;rel="up"/);
  assert.deepEqual(flow.web.requests, [`a.localhost:${flow.web.port}${challengePath(token)}`]);
  assert.equal(authorization.body.status, 'valid');
  assert.deepEqual(
    authorization.body.challenges.map(({ type }) => type),
    ['http-01'],
  );
});

test('addresses are a separate type of identifier, also in IPv6 (RFC 8738 §4)', async (t) => {
  const flow = await startFlow(t);
  await readyOrder(flow, ['127.0.0.1']);
  assert.match(flow.web.requests[0] ?? '', /^127\.0\.0\.1:/);
  const { body } = await flow.client.order(['::1']);
  const authorization = await flow.client.post(body.authorizations[0] ?? '');
  assert.deepEqual(authorization.body.identifier, { type: 'ip', value: '::1' });
  assert.deepEqual(
    authorization.body.challenges.map(({ type }) => type),
    ['http-01', 'tls-alpn-01'],
  );
});

test('other content ends authorization and order, and is not quoted (RFC 8555 §7.1.6, §10.4)', async (t) => {
  const flow = await startFlow(t);
  const { challenge, authorization, order } = await answer(flow, 'localhost', (token) =>
    flow.web.files.set(challengePath(token), 'the secret of an inner service'),
  );
  assert.equal(challenge.body.status, 'invalid');
  assert.equal(errorType(challenge.body), 'unauthorized');
  assert.doesNotMatch(challenge.text, /secret/);
  assert.equal(authorization.body.status, 'invalid');
  assert.equal(authorization.body.challenges.length, 1);
  assert.equal(order.body.status, 'invalid');
  assert.equal(errorType(order.body), 'unauthorized');
  const event = flow.server.store.published.at(-1);
  assert.equal(event?.type, 'acme.challenge_failed');
  assert.equal(event?.subject, 'localhost');
  assert.equal(event?.outcome, 'failure');
});

for (const status of [404, 204, 304, 500, 100]) {
  test(`an answer with status ${status} does not count`, async (t) => {
    const flow = await startFlow(t);
    flow.web.handle = (_request, response) => {
      if (status === 100) response.socket?.end('HTTP/1.1 103 Early\r\n\r\n');
      else response.writeHead(status).end();
    };
    const { challenge } = await answer(flow, 'localhost');
    assert.equal(challenge.body.status, 'invalid');
  });
}

test('a body of more than 1 KiB is cut off', async (t) => {
  const flow = await startFlow(t);
  let sent = 0;
  flow.web.handle = (request, response) => {
    const endless = setInterval(() => {
      sent += 1000;
      response.write('x'.repeat(1000));
    }, 1);
    request.socket.once('close', () => clearInterval(endless));
  };
  const { challenge } = await answer(flow, 'localhost');
  assert.equal(errorType(challenge.body), 'unauthorized');
  assert.ok(sent < 100_000);
});

test('a port without a server is a connection error', async (t) => {
  const flow = await startFlow(t);
  flow.web.server.close();
  const { challenge } = await answer(flow, 'localhost');
  assert.equal(errorType(challenge.body), 'connection');
  assert.match(challenge.body.error.detail, /ECONNREFUSED/);
});

test('a server that does not speak HTTP is a connection error', async (t) => {
  const server = createTcpServer((socket) => socket.end('SSH-2.0-x\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  const flow = await startFlow(t, { httpPort: (server.address() as AddressInfo).port });
  const { challenge } = await answer(flow, 'localhost');
  assert.equal(errorType(challenge.body), 'connection');
});

test('follows redirects to the configured ports, and for https with any certificate (RFC 8555 §8.3)', async (t) => {
  const authority = createTestAuthority();
  const { privateKey, certificateChain } = authority.issue();
  let content = '';
  const secure = createHttpsServer({ key: privateKey, cert: certificateChain }, (_request, response) => {
    response.end(content);
  });
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
  t.after(() => {
    secure.closeAllConnections();
    secure.close();
  });
  const tlsPort = (secure.address() as AddressInfo).port;
  const flow = await startFlow(t, { tlsPort });
  flow.web.handle = (request, response) => {
    const location = request.url?.startsWith('/elsewhere')
      ? `https://b.localhost:${tlsPort}/x`
      : '/elsewhere?y=1';
    response.writeHead(302, { location }).end('ignored');
  };
  const { challenge } = await answer(flow, 'a.localhost', (_token, expected) => {
    content = expected;
  });
  assert.equal(challenge.body.status, 'valid', challenge.text);
  assert.equal(flow.web.requests.length, 2);
});

test('ten redirects are followed and an eleventh is not', async (t) => {
  for (const [hops, expected] of [
    [10, 'valid'],
    [11, 'invalid'],
  ] as const) {
    const flow = await startFlow(t);
    flow.web.handle = (request, response) => {
      const hop = Number(/^\/hop(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
      if (hop === hops) response.end([...flow.web.files.values()][0]);
      else response.writeHead(307, { location: `/hop${hop + 1}` }).end();
    };
    const { challenge } = await answer(flow, 'localhost');
    assert.equal(challenge.body.status, expected);
  }
});

/** Redirects every challenge to `location` and gives the result. */
async function redirectTo(t: TestContext, location: (flow: Flow) => string, settings = {}) {
  const flow = await startFlow(t, settings);
  const target = location(flow);
  flow.web.handle = (_request, response) => void response.writeHead(302, { location: target }).end();
  const { challenge } = await answer(flow, 'localhost');
  assert.equal(challenge.body.status, 'invalid', target);
  return { flow, detail: challenge.body.error.detail, type: errorType(challenge.body) };
}

test('a redirect to a forbidden address is not followed in any spelling (RFC 8555 §10.4)', async (t) => {
  const hosts = [
    '169.254.169.254',
    '[fe80::1]',
    '[::ffff:169.254.169.254]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::a9fe:a9fe]',
    '0.0.0.0',
    '0',
    '[::]',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '169.254.169.254.',
    '8.8.8.8',
    '224.0.0.1',
    '[ff02::1]',
    '[fd00:ec2::254]',
  ];
  for (const host of hosts) {
    const { detail, type } = await redirectTo(t, ({ web }) => `http://${host}:${web.port}/`);
    assert.equal(type, 'connection', host);
    assert.match(detail, /acme\.networks/, host);
  }
});

test('an error quotes only the beginning of a long URL or host', async (t) => {
  const long = 'A'.repeat(10_000);
  for (const location of [
    (port: number) => `http://a.localhost:${port}/${long}`,
    (port: number) => `http://${long}.localhost:${port}.`,
    (port: number) => `http://${long}.invalid:${port}/`,
    () => `http://a.localhost:1/${long}`,
  ]) {
    const { flow, detail } = await redirectTo(t, ({ web }) => location(web.port));
    assert.ok(detail.length < 400, detail);
    const event = flow.server.store.published.at(-1);
    assert.equal(event?.type, 'acme.challenge_failed');
    assert.ok(JSON.stringify(event).length < 1000);
  }
});

test('a redirect to another port or scheme, or with credentials, is refused (RFC 8555 §10.4)', async (t) => {
  const inner = await startChallengeServer(t);
  for (const location of [
    `http://127.0.0.1:${inner.port}/`,
    'http://127.0.0.1:22/',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'http://user:password@127.0.0.1/',
    'http://',
  ]) {
    const { type } = await redirectTo(t, () => location);
    assert.equal(type, 'connection', location);
  }
  assert.deepEqual(inner.requests, []);
});

test('does not connect to a name whose address is outside the networks (RFC 8555 §10.4)', async (t) => {
  const dns = await startDnsServer(t);
  const flow = await startFlow(t, { resolver: dns.address });
  const addresses = ['8.8.8.8', '169.254.169.254', '0.0.0.0', '224.0.0.1', '100.64.0.1'];
  for (const address of addresses) {
    dns.zone.set('a.example.com', [{ type: 'A', address }]);
    const { challenge } = await answer(flow, 'a.example.com');
    assert.equal(errorType(challenge.body), 'connection');
    assert.match(
      challenge.body.error.detail,
      new RegExp(`${address.replaceAll('.', '\\.')}.*acme\\.networks`),
    );
  }
  for (const address of ['fe80::1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', '2606:4700::1111']) {
    dns.zone.set('a.example.com', [{ type: 'AAAA', address }]);
    const { challenge } = await answer(flow, 'a.example.com');
    assert.equal(errorType(challenge.body), 'connection', address);
  }
  assert.deepEqual(flow.web.requests, []);
});

test('link-local and metadata addresses are forbidden even if configured (RFC 8555 §10.4)', async (t) => {
  const dns = await startDnsServer(t);
  const flow = await startFlow(t, { resolver: dns.address, networks: ['0.0.0.0/0', '::/0'] });
  for (const address of ['169.254.169.254', '0.0.0.0', '168.63.129.16', '239.1.1.1', '255.255.255.255']) {
    dns.zone.set('a.example.com', [{ type: 'A', address }]);
    const { challenge } = await answer(flow, 'a.example.com');
    assert.match(challenge.body.error.detail, /acme\.networks/, address);
  }
});

test('of several addresses, connects only to the allowed ones (RFC 8555 §10.4)', async (t) => {
  const dns = await startDnsServer(t);
  const flow = await startFlow(t, { resolver: dns.address });
  dns.zone.set('a.example.com', [
    { type: 'A', address: '169.254.169.254' },
    { type: 'A', address: '127.0.0.1' },
    { type: 'AAAA', address: 'fe80::1' },
  ]);
  const { challenge } = await answer(flow, 'a.example.com');
  assert.equal(challenge.body.status, 'valid');
});

test('when one address refuses, the next is tried', async (t) => {
  const dns = await startDnsServer(t);
  const flow = await startFlow(t, { resolver: dns.address });
  dns.zone.set('a.example.com', [
    { type: 'A', address: '127.0.0.9' },
    { type: 'A', address: '127.0.0.1' },
  ]);
  const { challenge } = await answer(flow, 'a.example.com');
  assert.equal(challenge.body.status, 'valid');
});

test('when one address hangs, the next is tried, after a redirect too (RFC 8305 §5)', async (t) => {
  const dns = await startDnsServer(t);
  const flow = await startFlow(t, { resolver: dns.address });
  await openBlackHole(t, '127.0.0.3', flow.web.port);
  const addresses: DnsRecord[] = [
    { type: 'A', address: '127.0.0.3' },
    { type: 'A', address: '127.0.0.1' },
  ];
  for (const name of ['a.example.com', 'b.example.com']) dns.zone.set(name, addresses);
  flow.web.handle = (request, response) => {
    if (request.headers.host?.startsWith('b')) return response.end([...flow.web.files.values()][0]);
    return response.writeHead(302, { location: `http://b.example.com:${flow.web.port}/` }).end();
  };
  const { challenge } = await answer(flow, 'a.example.com');
  assert.equal(challenge.body.status, 'valid', challenge.text);
});

test('when no address accepts, the error names each with its reason', async (t) => {
  const port = await openBlackHole(t, '127.0.0.3');
  const resolver = { addresses: async () => ['127.0.0.3', '127.0.0.9'], texts: async () => [] };
  const networks = { has: () => true };
  const targets = createTargets({ resolver, networks }, { delayMs: 1, timeoutMs: 50 });
  await assert.rejects(targets.connect('a.example.com', port, new AbortController().signal), {
    message:
      `Connecting to a.example.com on port ${port} failed ` +
      '(127.0.0.9: ECONNREFUSED, 127.0.0.3: no answer in time).',
  });
});

test('wrong content at the first address that accepts is final', async (t) => {
  const dns = await startDnsServer(t);
  const flow = await startFlow(t, { resolver: dns.address });
  const other = await startChallengeServer(t, '127.0.0.2', flow.web.port);
  dns.zone.set('a.example.com', [
    { type: 'A', address: '127.0.0.2' },
    { type: 'A', address: '127.0.0.1' },
  ]);
  const { challenge } = await answer(flow, 'a.example.com');
  assert.equal(errorType(challenge.body), 'unauthorized');
  assert.deepEqual([other.requests.length, flow.web.requests.length], [1, 0]);
});

test('an unanswered question for AAAA does not delay the A record (RFC 8305 §3)', async (t) => {
  const dns = await startDnsServer(t);
  const resolver = createResolver(dns.address);
  dns.zone.set('a.example.com', [{ type: 'A', address: '127.0.0.1' }]);
  dns.unanswered.add('AAAA a.example.com');
  assert.deepEqual(await resolver.addresses('a.example.com'), ['127.0.0.1']);
  assert.equal(dns.questions.filter((question) => question === 'AAAA a.example.com').length, 1);
});

test('validation connects to the address that it checked, without a second look-up (RFC 8555 §10.4)', async (t) => {
  const dns = await startDnsServer(t);
  const flow = await startFlow(t, { resolver: dns.address });
  let asked = 0;
  dns.zone.set('a.example.com', () => {
    asked += 1;
    return [{ type: 'A', address: asked <= 1 ? '127.0.0.1' : '169.254.169.254' }];
  });
  const { challenge } = await answer(flow, 'a.example.com');
  assert.equal(challenge.body.status, 'valid');
  assert.equal(dns.questions.filter((question) => question === 'A a.example.com').length, 1);
});

test('a name is looked up and checked again after a redirect (RFC 8555 §10.4)', async (t) => {
  const dns = await startDnsServer(t);
  const flow = await startFlow(t, { resolver: dns.address });
  let asked = 0;
  dns.zone.set('a.example.com', () => {
    asked += 1;
    // A and AAAA of the first hop, then those of the second.
    return [{ type: 'A', address: asked <= 2 ? '127.0.0.1' : '169.254.169.254' }];
  });
  flow.web.handle = (_request, response) => void response.writeHead(302, { location: '/again' }).end();
  const { challenge } = await answer(flow, 'a.example.com');
  assert.match(challenge.body.error.detail, /169\.254\.169\.254.*acme\.networks/);
  assert.equal(flow.web.requests.length, 1);
});

test('a redirect to a name that leads to a forbidden address is not followed (RFC 8555 §10.4)', async (t) => {
  const dns = await startDnsServer(t);
  dns.zone.set('metadata.example.com', [{ type: 'CNAME', target: 'inner.example.com' }]);
  dns.zone.set('inner.example.com', [{ type: 'A', address: '169.254.169.254' }]);
  const { detail } = await redirectTo(t, ({ web }) => `http://metadata.example.com:${web.port}/`, {
    resolver: dns.address,
  });
  assert.match(detail, /169\.254\.169\.254/);
});

test('localhost is always this machine, even if the resolver has another answer (RFC 6761 §6.3)', async (t) => {
  const dns = await startDnsServer(t);
  dns.zone.set('localhost', [{ type: 'A', address: '10.0.0.1' }]);
  const flow = await startFlow(t, { resolver: dns.address });
  await readyOrder(flow, ['localhost', 'a.localhost']);
  assert.deepEqual(dns.questions, []);
});

test('a name that does not resolve is a dns error', async (t) => {
  const dns = await startDnsServer(t);
  const flow = await startFlow(t, { resolver: dns.address });
  const { challenge } = await answer(flow, 'none.example.com');
  assert.equal(errorType(challenge.body), 'dns');
  assert.match(challenge.body.error.detail, /ENOTFOUND/);
});

test('a challenge that was answered is not validated again', async (t) => {
  const flow = await startFlow(t);
  const order = await flow.client.order(['localhost']);
  const first = await meetHttp01(flow, order.body.authorizations[0] ?? '');
  const again = await flow.client.post(first.body.url, {});
  assert.deepEqual(again.json, first.json);
  assert.equal(flow.web.requests.length, 1);
});
