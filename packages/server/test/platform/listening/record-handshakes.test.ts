// The records of handshakes with a Node server: the negotiated values, resumption, and failures.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect as connectTcp } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { connect, createServer } from 'node:tls';
import type { HandshakeFacts } from '@gatehouse/dataplane';
import { recordHandshakes } from '../../../src/platform/listening/record-handshakes.ts';
import { serverTlsOptions } from '../../../src/platform/tls/tls.ts';
import { resolveTlsSettings } from '../../../src/platform/tls/tls-settings.ts';
import { createTestAuthority } from '../../support/certificates.ts';

const authority = createTestAuthority();

async function listen(t: TestContext) {
  const records: HandshakeFacts[] = [];
  const news = new EventTarget();
  const identity = { ...authority.issue(), clientRoots: authority.root };
  const options = serverTlsOptions(resolveTlsSettings({}), identity, 'request');
  const server = createServer(options, (socket) => {
    socket.on('error', () => {});
    socket.end('.');
  });
  recordHandshakes(server, (record) => {
    records.push(record);
    news.dispatchEvent(new Event('record'));
  });
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const next = async (act: () => void) => {
    const recorded = once(news, 'record');
    act();
    await recorded;
    return records.at(-1) as HandshakeFacts;
  };
  const shake = (offer: ConnectionOptions) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ca: authority.root,
      ...offer,
    });
    socket.on('error', () => {}).resume();
    return socket;
  };
  return { port, next, shake };
}

test('records the negotiated values, the requested host, and the client’s certificate', async (t) => {
  const { next, shake } = await listen(t);
  const certified = authority.issueClient({ uris: ['urn:gatehouse:service:robot'] });
  const before = Date.now();
  const offer = { ...certified, ALPNProtocols: ['http/1.1'], ciphers: 'TLS_AES_256_GCM_SHA384' };
  const record = await next(() => void shake(offer));
  const { time, durationMs, ...rest } = record;
  assert.ok(time >= before && durationMs > 0 && durationMs < 10_000);
  assert.deepEqual(rest, {
    address: '127.0.0.1',
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    group: 'X25519MLKEM768',
    sni: 'localhost',
    alpn: 'http/1.1',
    resumed: false,
    peerCertificate: { serialNumber: certified.serialNumber, error: null },
    failure: null,
  });
});

test('records a resumed session', async (t) => {
  const { next, shake } = await listen(t);
  const socket = shake({});
  const [session] = (await once(socket, 'session')) as [Buffer];
  const record = await next(() => void shake({ session }));
  assert.deepEqual([record.resumed, record.peerCertificate, record.alpn], [true, null, null]);
});

test('records why a handshake failed, in words, with the client’s address', async (t) => {
  const { port, next, shake } = await listen(t);
  const reasons: [() => void, RegExp][] = [
    [() => void shake({ maxVersion: 'TLSv1.2' }), /no TLS version that this server allows/],
    [() => void shake({ ecdhCurve: 'P-521' }), /no key exchange group/],
    [() => void shake({ ALPNProtocols: ['h2'] }), /application protocol/],
    [() => void connectTcp(port, '127.0.0.1').end('GET / HTTP/1.1\r\n\r\n'), /plain HTTP/],
  ];
  for (const [act, reason] of reasons) {
    const { failure, address } = await next(act);
    assert.match(failure ?? '', reason);
    assert.equal(address, '127.0.0.1');
  }
});
