// tls-alpn-01 (RFC 8737, RFC 8738 §6): a certificate made for the challenge, over acme-tls/1.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { createServer } from 'node:tls';
import type { AcmeSettings } from '../../../src/acme/index.ts';
import { reverseName } from '../../../src/acme/validation/reverse-name.ts';
import { openBlackHole } from '../../support/black-hole.ts';
import { startDnsServer } from '../../support/dns-server.ts';
import { challengeOf, startFlow } from '../support/flow.ts';
import { selfSigned, skipWithoutOpenssl } from '../support/self-signed.ts';

interface Presented {
  key: string;
  cert: string;
}

/** Serves the certificate that `present` makes for the challenge of this name, and answers it. */
async function answer(
  t: TestContext,
  name: string,
  present: (digest: string) => Presented,
  options: TlsOptions = { ALPNProtocols: ['acme-tls/1'] },
  settings: (port: number) => Promise<Partial<AcmeSettings>> = async () => ({}),
) {
  const asked: string[] = [];
  const server = createServer({
    ...options,
    SNICallback(servername, done) {
      asked.push(servername);
      done(null);
    },
  });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => socket.on('error', () => {}).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const flow = await startFlow(t, { tlsPort: port, ...(await settings(port)) });
  const { body } = await flow.client.order([name]);
  const authorization = await flow.client.post(body.authorizations[0] ?? '');
  const { token, url } = challengeOf(authorization.body, 'tls-alpn-01');
  const presented = present(hash('sha256', flow.client.keyAuthorization(token), 'hex'));
  server.setSecureContext(presented);
  return { challenge: await flow.client.post(url, {}), asked };
}

const extension = (digest: string, critical = 'critical,') =>
  `1.3.6.1.5.5.7.1.31=${critical}DER:0420${digest}`;
const san = (names: string) => `subjectAltName=${names}`;
const refusedWith = (challenge: {
  body: { status: string | number; error: { type: string; detail: string } };
}) => {
  assert.equal(challenge.body.status, 'invalid');
  return challenge.body.error.type.split(':').at(-1);
};

test('accepts a certificate with the name and the digest, which it requests by SNI (RFC 8737 §3)', {
  skip: skipWithoutOpenssl,
}, async (t) => {
  const { challenge, asked } = await answer(t, 'a.localhost', (digest) =>
    selfSigned([san('DNS:A.localhost'), extension(digest)]),
  );
  assert.equal(challenge.body.status, 'valid', challenge.text);
  assert.deepEqual(asked, ['a.localhost']);
});

test('when one address hangs, the next is tried (RFC 8305 §5)', { skip: skipWithoutOpenssl }, async (t) => {
  const dns = await startDnsServer(t);
  dns.zone.set('a.example.com', [
    { type: 'A', address: '127.0.0.3' },
    { type: 'A', address: '127.0.0.1' },
  ]);
  const { challenge } = await answer(
    t,
    'a.example.com',
    (digest) => selfSigned([san('DNS:a.example.com'), extension(digest)]),
    { ALPNProtocols: ['acme-tls/1'] },
    async (port) => {
      await openBlackHole(t, '127.0.0.3', port);
      return { resolver: dns.address };
    },
  );
  assert.equal(challenge.body.status, 'valid', challenge.text);
});

test('for an address, SNI has the name of the reverse mapping (RFC 8738 §6)', {
  skip: skipWithoutOpenssl,
}, async (t) => {
  const { challenge, asked } = await answer(t, '127.0.0.1', (digest) =>
    selfSigned([san('IP:127.0.0.1'), extension(digest)]),
  );
  assert.equal(challenge.body.status, 'valid', challenge.text);
  assert.deepEqual(asked, ['1.0.0.127.in-addr.arpa']);
});

test('other certificates are unauthorized (RFC 8737 §3)', { skip: skipWithoutOpenssl }, async (t) => {
  const other = hash('sha256', 'other', 'hex');
  const cases: [(digest: string) => string[], RegExp][] = [
    [(digest) => [san('DNS:b.localhost'), extension(digest)], /only name/],
    [(digest) => [san('DNS:a.localhost,DNS:b.localhost'), extension(digest)], /only name/],
    [(digest) => [san('IP:127.0.0.1'), extension(digest)], /only name/],
    [(digest) => [extension(digest)], /only name/],
    [(digest) => [san('DNS:a.localhost'), extension(digest, '')], /critical/],
    [() => [san('DNS:a.localhost')], /critical/],
    [() => [san('DNS:a.localhost'), extension(other)], /key authorization/],
    [
      (digest) => [san('DNS:a.localhost'), `1.3.6.1.5.5.7.1.31=critical,DER:041f${digest.slice(2)}`],
      /cannot be read/,
    ],
  ];
  for (const [extensions, detail] of cases) {
    const { challenge } = await answer(t, 'a.localhost', (digest) => selfSigned(extensions(digest)));
    assert.equal(refusedWith(challenge), 'unauthorized');
    assert.match(challenge.body.error.detail, detail);
  }
});

test('a server that does not speak acme-tls/1 is refused (RFC 8737 §3)', {
  skip: skipWithoutOpenssl,
}, async (t) => {
  for (const options of [{}, { ALPNProtocols: ['http/1.1'] }]) {
    const { challenge } = await answer(
      t,
      'a.localhost',
      (digest) => selfSigned([san('DNS:a.localhost'), extension(digest)]),
      options,
    );
    assert.equal(refusedWith(challenge), 'tls');
  }
});

test('a server that speaks no TLS, hangs up or does not exist is refused', async (t) => {
  for (const greet of ['HTTP/1.1 400 Bad\r\n\r\n', '']) {
    const server = createTcpServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end(greet),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const flow = await startFlow(t, { tlsPort: (server.address() as AddressInfo).port });
    const ask = async () => {
      const { body } = await flow.client.order(['a.localhost']);
      const authorization = await flow.client.post(body.authorizations[0] ?? '');
      return flow.client.post(challengeOf(authorization.body, 'tls-alpn-01').url, {});
    };
    assert.match(refusedWith(await ask()) ?? '', /^(tls|connection)$/);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(refusedWith(await ask()), 'connection');
  }
});

test('reverse names of IPv6 addresses have all their digits (RFC 3596 §2.5)', () => {
  const nibbles = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2';
  assert.equal(reverseName('2001:db8::1'), `${nibbles}.ip6.arpa`);
  assert.equal(reverseName('::1'), `1.${'0.'.repeat(31)}ip6.arpa`);
  assert.equal(reverseName('10.1.2.3'), '3.2.1.10.in-addr.arpa');
});
