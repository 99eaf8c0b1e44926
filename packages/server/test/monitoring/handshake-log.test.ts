// The log of handshakes: its order and bound, the admin API's page of it, and the stream.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { HandshakeFacts } from '@gatehouse/dataplane';
import { createHandshakeLog } from '../../src/monitoring/handshake-log.ts';
import { handshakeRoutes } from '../../src/monitoring/handshake-routes.ts';
import { createCheckedApp } from '../support/app.ts';
import { fetchFrom } from '../support/incoming.ts';

const HANDSHAKE: HandshakeFacts = {
  time: Date.parse('2026-03-01T12:00:00Z'),
  address: '192.0.2.7',
  version: 'TLSv1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  group: 'X25519MLKEM768',
  sni: 'localhost',
  alpn: 'http/1.1',
  resumed: false,
  peerCertificate: { serialNumber: '1a2b', error: null },
  durationMs: 1.5,
  failure: null,
};

const numbered = (...names: string[]) => names.map((sni) => ({ ...HANDSHAKE, sni }));
const names = (found: { sni: string | null }[]) => found.map(({ sni }) => sni).join('');

test('has the newest handshakes, the oldest first, and forgets those above its bound', () => {
  const log = createHandshakeLog(3);
  assert.deepEqual(log.latest(10), []);
  log.record('gateway', numbered('a', 'b'));
  log.record('control', numbered('c', 'd', 'e'));
  assert.equal(names(log.latest(10)), 'cde');
  assert.equal(names(log.latest(2)), 'de');
  assert.deepEqual(
    log.latest(1).map(({ seq, listener }) => [seq, listener]),
    [[5, 'control']],
  );
});

test('gives pages after a number, even if the next records were removed', () => {
  const log = createHandshakeLog(3);
  log.record('gateway', numbered('a', 'b', 'c', 'd', 'e'));
  assert.equal(names(log.after(3, 10)), 'de');
  assert.equal(names(log.after(0, 2)), 'cd');
  assert.equal(names(log.after(5, 10)), '');
  assert.equal(names(log.after(99, 10)), '');
});

test('follows with the known records, then each new one, until the reader leaves', async () => {
  const log = createHandshakeLog();
  log.record('gateway', numbered('a', 'b'));
  const leaving = new AbortController();
  const seen: (string | null)[] = [];
  const following = (async () => {
    for await (const { sni } of log.follow(1, leaving.signal)) {
      seen.push(sni);
      if (seen.length === 2) leaving.abort();
    }
  })();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(seen, ['b']);
  log.record('control', numbered('c'));
  await following;
  assert.deepEqual(seen, ['b', 'c']);
});

test('ends a stream that waits when the reader leaves', async () => {
  const leaving = new AbortController();
  const following = createHandshakeLog().follow(0, leaving.signal).next();
  leaving.abort();
  assert.equal((await following).done, true);
});

test('the admin API gives a page, with times as text', async () => {
  const log = createHandshakeLog();
  log.record('gateway', [HANDSHAKE, { ...HANDSHAKE, failure: 'The client did not use TLS.', version: null }]);
  const app = createCheckedApp(handshakeRoutes(log));
  const ask = async (query: string) => {
    const answer = await fetchFrom(app, new Request(`https://localhost/admin/tls/handshakes?${query}`));
    assert.equal(answer.status, 200);
    return ((await answer.json()) as { handshakes: Record<string, unknown>[] }).handshakes;
  };
  assert.deepEqual(await ask('limit=1'), [
    {
      ...HANDSHAKE,
      seq: 2,
      listener: 'gateway',
      time: '2026-03-01T12:00:00.000Z',
      version: null,
      failure: 'The client did not use TLS.',
    },
  ]);
  assert.equal((await ask('after=0&limit=1'))[0]?.seq, 1);
});

test('the stream has an event for each handshake, with its number as id, and begins where the client stopped', async () => {
  const log = createHandshakeLog();
  log.record('gateway', numbered('a', 'b', 'c'));
  const app = createCheckedApp(handshakeRoutes(log));
  const request = new Request('https://localhost/admin/tls/handshakes/stream', {
    headers: { 'last-event-id': '1' },
  });
  const socket = Object.assign(new EventEmitter(), { remoteAddress: '192.0.2.1' });
  const answer = await fetchFrom(app, request, socket);
  assert.equal(answer.status, 200);
  let text = '';
  for await (const octets of answer.body ?? []) {
    text += Buffer.from(octets).toString();
    if (text.includes('id: 3')) break;
  }
  assert.match(text, /id: 2\ndata: \{"seq":2,.*"sni":"b"/);
  assert.doesNotMatch(text, /id: 1\n/);
});
