// Trust: each bad certificate is refused with its own reason and its own advice.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, type TestContext, test } from 'node:test';
import { client, TlsError, type TrustOptions, trust } from '../../src/index.ts';
import { pinOf } from '../../src/network/pins.ts';
import { type Authority, createAuthority, hasOpenssl, needsOpenssl } from '../certificates.ts';

describe('trust', { skip: hasOpenssl() ? false : needsOpenssl }, () => {
  let authority: Authority;
  let leaf: { key: string; cert: string };

  before(() => {
    authority = createAuthority();
    leaf = authority.issue('localhost', { alternativeNames: 'DNS:localhost' });
  });
  after(() => authority.remove());

  async function serve(t: TestContext, options: object): Promise<string> {
    const server = createServer(options, (_request, response) => response.end('trusted')).listen(
      0,
      '127.0.0.1',
    );
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    await once(server, 'listening');
    return `https://localhost:${(server.address() as AddressInfo).port}/`;
  }

  function get(t: TestContext, url: string, options: TrustOptions): Promise<string> {
    const http = client().with(trust({ ca: authority.root, ...options }));
    t.after(() => http.close());
    return http.get(url).text();
  }

  async function reasonOf(sending: Promise<string>): Promise<TlsError> {
    const error = await sending.then(
      () => assert.fail('was accepted'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof TlsError, String(error));
    assert.equal(error.phase, 'tls');
    assert.equal(error.retryable, false);
    return error;
  }

  const cases: readonly (readonly [
    name: string,
    reason: string,
    fix: RegExp,
    order: Parameters<Authority['issue']>,
  ])[] = [
    [
      'another name',
      'wrong_name',
      /a name that it lists/,
      ['localhost', { alternativeNames: 'DNS:other.example' }],
    ],
    ['a common name only', 'common_name', /as subjectAltName/, ['localhost']],
    [
      'an expired certificate',
      'expired',
      /renew/,
      ['localhost', { alternativeNames: 'DNS:localhost', days: -1 }],
    ],
  ];
  for (const [name, reason, fix, order] of cases) {
    test(`refuses ${name}, with the chain`, async (t) => {
      const error = await reasonOf(get(t, await serve(t, authority.issue(...order)), {}));
      assert.equal(error.reason, reason);
      assert.match(error.fix, fix);
      assert.match(error.chain[0] ?? '', /^-----BEGIN CERTIFICATE-----/);
    });
  }

  test('refuses a certificate of an unknown root', async (t) => {
    const stranger = createAuthority();
    t.after(() => stranger.remove());
    const url = await serve(t, stranger.issue('localhost', { alternativeNames: 'DNS:localhost' }));
    const error = await reasonOf(get(t, url, {}));
    assert.equal(error.reason, 'unknown_root');
    assert.equal(error.code, 'tls_trust');
  });

  test('accepts a pinned key of the certificate or of its root, and refuses other keys', async (t) => {
    const url = await serve(t, leaf);
    for (const pem of [leaf.cert, authority.root]) {
      assert.equal(await get(t, url, { pins: [pinOf(new X509Certificate(pem))] }), 'trusted');
    }
    const error = await reasonOf(get(t, url, { pins: [`sha256/${'A'.repeat(43)}=`] }));
    assert.deepEqual([error.reason, error.code], ['pin_mismatch', 'pin']);
    assert.match(error.fix, /compare the pins/);
  });

  test('refuses a TLS version below the configured minimum', async (t) => {
    const url = await serve(t, { ...leaf, maxVersion: 'TLSv1.2' });
    assert.equal(await get(t, url, {}), 'trusted');
    assert.equal((await reasonOf(get(t, url, { minVersion: 'TLSv1.3' }))).reason, 'protocol_version');
  });

  test('a client with a different trust has separate connections', async (t) => {
    const url = await serve(t, leaf);
    const trusting = client().with(trust({ ca: authority.root }));
    t.after(() => trusting.close());
    assert.equal(await trusting.get(url).text(), 'trusted');
    const pinned = trusting.with(trust({ ca: authority.root, pins: [`sha256/${'A'.repeat(43)}=`] }));
    assert.equal((await reasonOf(pinned.get(url).text())).reason, 'pin_mismatch');
    assert.equal(await trusting.get(url).text(), 'trusted');
  });

  test('refuses PEM and pins that cannot be used', () => {
    assert.throws(() => trust({ ca: 'nothing' }), /PEM with one or more certificates/);
    assert.throws(() => trust({ certificate: leaf.cert }), /must be given together/);
    const other = authority.issue('other');
    assert.throws(() => trust({ certificate: leaf.cert, key: other.key }), /and key that of its private key/);
    assert.throws(() => trust({ pins: ['sha256/short'] }), /44 characters of base64/);
  });
});
