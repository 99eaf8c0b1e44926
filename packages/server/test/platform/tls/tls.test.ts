// Our TLS listeners: what they accept, refuse and report (RFC 8446, RFC 9325).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect, createServer } from 'node:tls';
import type { ServerIdentity } from '@gatehouse/access';
import fc from 'fast-check';
import type { ClientAuthentication, NegotiatedTls } from '../../../src/platform/tls/tls.ts';
import { negotiatedTls, serverTlsOptions, stapleOcsp } from '../../../src/platform/tls/tls.ts';
import type { TlsSettings } from '../../../src/platform/tls/tls-settings.ts';
import { resolveTlsSettings } from '../../../src/platform/tls/tls-settings.ts';
import { createTestAuthority } from '../../support/certificates.ts';

const authority = createTestAuthority();
const identity = authority.issue();
const MODERN = resolveTlsSettings({});
const INTERMEDIATE = resolveTlsSettings({ preset: 'intermediate' });

interface Handshake extends NegotiatedTls {
  alpn: string | false | null;
  resumed: boolean;
  /** For another handshake. */
  session: Buffer | undefined;
  /** The stapled response; undefined if the client did not ask for one. */
  ocsp: Buffer | null | undefined;
  /** The serial number of the client's certificate as the server sees it. */
  client: string | undefined;
}

interface Listening {
  identity?: ServerIdentity;
  clients?: ClientAuthentication;
  /** PEM that the client trusts. */
  root?: string;
}

/** A server that sends one byte and ends. Returns its report of a client's handshake. */
async function listen(t: TestContext, settings: TlsSettings, listening: Listening = {}) {
  const { identity: presented = identity, clients, root = authority.root } = listening;
  const seen: (NegotiatedTls & Pick<Handshake, 'client'>)[] = [];
  const server = createServer(serverTlsOptions(settings, presented, clients), (socket) => {
    const client = socket.getPeerX509Certificate()?.serialNumber.toLowerCase();
    seen.push({ ...negotiatedTls(socket), client });
    socket.on('error', () => {});
    socket.end('.');
  });
  server.on('tlsClientError', () => {});
  stapleOcsp(server, () => presented.ocspResponse);
  t.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return async (offer: ConnectionOptions): Promise<Handshake> => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ca: root,
      ...offer,
    });
    let ocsp: Buffer | null | undefined;
    socket.on('OCSPResponse', (response) => {
      ocsp = response;
    });
    let session: Buffer | undefined;
    socket.on('session', (ticket) => {
      session = ticket;
    });
    try {
      await once(socket, 'secureConnect');
      const { alpnProtocol: alpn } = socket;
      const resumed = socket.isSessionReused();
      socket.resume();
      await once(socket, 'end');
      const negotiated = seen.pop();
      assert.ok(negotiated);
      return { ...negotiated, alpn, resumed, session, ocsp };
    } finally {
      socket.destroy();
    }
  };
}

const failsWith =
  (...codes: string[]) =>
  (error: unknown) =>
    error instanceof Error && 'code' in error && codes.includes(String(error.code));

for (const group of ['X25519MLKEM768', 'X25519', 'P-256', 'P-384']) {
  test(`agrees on ${group} with a client that offers only this group, and reports it`, async (t) => {
    const handshake = await listen(t, MODERN);
    const { version, group: reported, cipher } = await handshake({ ecdhCurve: group });
    assert.deepEqual({ version, reported }, { version: 'TLSv1.3', reported: group });
    assert.match(cipher, /^TLS_AES_(128|256)_GCM_SHA(256|384)$|^TLS_CHACHA20_POLY1305_SHA256$/);
  });
}

test('chooses X25519MLKEM768 with a client that prefers another group', async (t) => {
  const handshake = await listen(t, MODERN);
  assert.equal((await handshake({ ecdhCurve: 'P-256:X25519:X25519MLKEM768' })).group, 'X25519MLKEM768');
  assert.equal((await handshake({})).group, 'X25519MLKEM768');
});

test('requests a certificate only if configured, and continues without one (RFC 8446 §4.3.2)', async (t) => {
  const trusting = { ...identity, clientRoots: authority.root };
  const certified = authority.issueClient({ uris: ['urn:gatehouse:service:robot'] });
  const silent = await listen(t, MODERN, { identity: trusting, clients: 'off' });
  assert.equal((await silent(certified)).client, undefined);
  const asking = await listen(t, MODERN, { identity: trusting, clients: 'request' });
  assert.equal((await asking(certified)).client, certified.serialNumber);
  assert.equal((await asking({})).client, undefined);
});

test('a resumed session has the certificate of its first handshake (RFC 8446 §2.2)', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const trusting = { ...identity, clientRoots: authority.root };
    const handshake = await listen(t, INTERMEDIATE, { identity: trusting, clients: 'request' });
    const certified = authority.issueClient({ uris: ['urn:gatehouse:service:robot'] });
    const { session } = await handshake({ ...certified, maxVersion: version });
    assert.ok(session);
    const again = await handshake({ session, maxVersion: version });
    assert.deepEqual([again.version, again.resumed, again.client], [version, true, certified.serialNumber]);
  }
});

test('a session without a certificate is not resumed by a listener that requires one', async (t) => {
  const trusting = { ...identity, clientRoots: authority.root };
  const asking = await listen(t, MODERN, { identity: trusting, clients: 'request' });
  const requiring = await listen(t, MODERN, { identity: trusting, clients: 'require' });
  const { session } = await asking({});
  assert.ok(session);
  assert.equal((await asking({ session })).resumed, true);
  await assert.rejects(requiring({ session }), failsWith('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'));
});

test('staples the current OCSP response for a client that asks (RFC 8446 §4.4.2.1)', async (t) => {
  const ocspResponse = Buffer.from('30030a0106', 'hex');
  const stapling = await listen(t, MODERN, { identity: { ...identity, ocspResponse } });
  assert.deepEqual((await stapling({ requestOCSP: true })).ocsp, ocspResponse);
  assert.equal((await stapling({})).ocsp, undefined);
  const without = await listen(t, MODERN);
  assert.equal((await without({ requestOCSP: true })).ocsp, null);
});

for (const keyType of ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const) {
  test(`serves and requests certificates with keys of ${keyType} (RFC 9881)`, async (t) => {
    const { root, issue, issueClient } = createTestAuthority(keyType);
    const postQuantum = { ...issue(), clientRoots: root };
    const options = { identity: postQuantum, clients: 'request', root } as const;
    const handshake = await listen(t, MODERN, options);
    const certified = issueClient({ uris: ['urn:gatehouse:service:robot'] });
    assert.equal((await handshake(certified)).client, certified.serialNumber);
    await assert.rejects(handshake({ ca: authority.root }), failsWith('SELF_SIGNED_CERT_IN_CHAIN'));
  });
}

test('offers the chosen suites and groups, in their order', async (t) => {
  const chosen = resolveTlsSettings({
    suites: 'TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256',
    groups: ['P-521', 'secp384r1'],
  });
  const handshake = await listen(t, chosen);
  const { cipher, group } = await handshake({ ecdhCurve: 'P-384:P-521' });
  assert.deepEqual({ cipher, group }, { cipher: 'TLS_AES_256_GCM_SHA384', group: 'P-521' });
  await assert.rejects(handshake({ ciphers: 'TLS_AES_128_GCM_SHA256', ecdhCurve: 'P-384' }), /handshake/i);
  await assert.rejects(handshake({ ecdhCurve: 'X25519' }), /handshake/i);
});

for (const group of ['SecP256r1MLKEM768', 'SecP384r1MLKEM1024', 'X448', 'P-521']) {
  test(`agrees on ${group} if it was chosen`, async (t) => {
    const handshake = await listen(t, resolveTlsSettings({ groups: group }));
    assert.equal((await handshake({ ecdhCurve: group })).group, group);
  });
}

test('with maxVersion 1.2 refuses clients that offer only TLS 1.3', async (t) => {
  const handshake = await listen(t, resolveTlsSettings({ maxVersion: '1.2' }));
  assert.equal((await handshake({})).version, 'TLSv1.2');
  await assert.rejects(handshake({ minVersion: 'TLSv1.3' }), /protocol|version/i);
});

test('refuses a client that offers only unknown groups', async (t) => {
  const handshake = await listen(t, MODERN);
  await assert.rejects(
    handshake({ ecdhCurve: 'P-521' }),
    failsWith('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'ERR_SSL_TLS_ALERT_HANDSHAKE_FAILURE'),
  );
});

test('reports the group of a resumed connection too (RFC 8446 §2.2)', async (t) => {
  const handshake = await listen(t, MODERN);
  const { session } = await handshake({});
  assert.ok(session);
  const again = await handshake({ session });
  assert.deepEqual(
    { resumed: again.resumed, group: again.group },
    { resumed: true, group: 'X25519MLKEM768' },
  );
});

test('refuses TLS 1.2 by default', async (t) => {
  const handshake = await listen(t, MODERN);
  await assert.rejects(
    handshake({ maxVersion: 'TLSv1.2' }),
    failsWith('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'ERR_SSL_TLS_ALERT_PROTOCOL_VERSION'),
  );
});

test('accepts TLS 1.2 if configured, and still prefers 1.3', async (t) => {
  const handshake = await listen(t, INTERMEDIATE);
  const old = await handshake({ maxVersion: 'TLSv1.2', ecdhCurve: 'P-256' });
  assert.equal(old.version, 'TLSv1.2');
  assert.equal(old.group, 'P-256');
  assert.match(old.cipher, /^TLS_ECDHE_ECDSA_WITH_(AES_\d+_GCM|CHACHA20_POLY1305)_SHA\d+$/);
  assert.equal((await handshake({})).version, 'TLSv1.3');
});

test('in TLS 1.2 refuses suites without ECDHE or without AEAD (RFC 9325 §4.2)', async (t) => {
  const handshake = await listen(t, INTERMEDIATE);
  for (const ciphers of ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES128-SHA', 'AES128-GCM-SHA256']) {
    await assert.rejects(
      handshake({ maxVersion: 'TLSv1.2', ciphers }),
      failsWith('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'ERR_SSL_TLS_ALERT_HANDSHAKE_FAILURE'),
      ciphers,
    );
  }
});

test('refuses versions before 1.2 when 1.2 is configured (RFC 8996)', async (t) => {
  const handshake = await listen(t, INTERMEDIATE);
  const ancient = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await assert.rejects(handshake(ancient), /protocol|version|handshake/i);
});

test('negotiates http/1.1 and refuses a client without it (RFC 7301 §3.2)', async (t) => {
  const handshake = await listen(t, MODERN);
  assert.equal((await handshake({ ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'http/1.1');
  await assert.rejects(handshake({ ALPNProtocols: ['h2'] }), /no application protocol/i);
});

/** The part of a socket that the test needs, with a given session. */
function socketWith(session: Buffer | undefined): TLSSocket {
  return {
    getProtocol: () => 'TLSv1.3',
    getCipher: () => ({ standardName: 'TLS_AES_128_GCM_SHA256' }),
    getSession: () => session,
  } as unknown as TLSSocket;
}

const groupOf = (...tail: number[]) =>
  negotiatedTls(socketWith(Buffer.from([0x30, 0x10, 0x02, 0x01, 0x01, ...tail]))).group;

test('reads the group only from a well-formed last field of the session', () => {
  assert.equal(groupOf(0xb3, 0x04, 0x02, 0x02, 0x11, 0xec), 'X25519MLKEM768');
  assert.equal(groupOf(0xb3, 0x03, 0x02, 0x01, 0x1d), 'X25519');
  assert.equal(groupOf(0xb3, 0x05, 0x02, 0x03, 0x00, 0xfe, 0x01), '0xfe01');
  const unreadable = [
    [],
    [0xb3, 0x04, 0x02, 0x02, 0x11, 0xec, 0x00],
    [0xb3, 0x04, 0x02, 0x01, 0x11, 0xec],
    [0xb3, 0x03, 0x04, 0x01, 0x1d],
    [0xb2, 0x03, 0x02, 0x01, 0x1d],
  ];
  for (const tail of unreadable) assert.equal(groupOf(...tail), 'unknown', Buffer.from(tail).toString('hex'));
  assert.equal(negotiatedTls(socketWith(undefined)).group, 'unknown');
});

test('reading the group never throws, even for a malformed session', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 16 }), (bytes) => {
      assert.match(
        negotiatedTls(socketWith(Buffer.from(bytes))).group,
        /^(X25519MLKEM768|X25519|P-256|P-384|0x[0-9a-f]{4,}|unknown)$/,
      );
    }),
  );
});
