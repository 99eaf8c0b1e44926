// What Node's parser accepts and the gateway refuses (RFC 9112), and what it reads from a request that
// passes.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { checkRequest, isWebSocketRequest } from '../../src/gateway/request-check.ts';
import { refusal } from '../support/errors.ts';

const MAX_HEADERS = 20;

interface Parts {
  method?: string;
  url?: string;
  httpVersion?: string;
  /** Names and values in turn. */
  fields?: string[];
}

/** As Node's parser returns it: of a repeated field, `headers` has the first value. */
function request({
  method = 'GET',
  url = '/',
  httpVersion = '1.1',
  fields = ['Host', 'localhost'],
}: Parts = {}) {
  const headers: Record<string, string> = {};
  for (let index = 0; index < fields.length; index += 2) {
    headers[(fields[index] ?? '').toLowerCase()] ??= fields[index + 1] ?? '';
  }
  return { method, url, httpVersion, rawHeaders: fields, headers } as unknown as IncomingMessage;
}

function withFields(...fields: string[]): IncomingMessage {
  return request({ method: 'POST', fields: ['Host', 'localhost', ...fields] });
}

const check = (incoming: IncomingMessage) => checkRequest(incoming, MAX_HEADERS);

test('reads host, target, length and credentials', () => {
  const fields = ['HOST', 'Example.COM:8443', 'Content-Length', '5', 'Authorization', 'Bearer x'];
  assert.deepEqual(check(request({ method: 'PUT', url: '/%61?b', fields })), {
    path: '/a',
    query: '?b',
    authority: undefined,
    method: 'PUT',
    host: 'example.com:8443',
    contentLength: 5,
    authorization: 'Bearer x',
    apiKey: undefined,
  });
});

test('a body is announced by a length, or by chunks, or not at all (RFC 9112 §6.3)', () => {
  assert.equal(check(request()).contentLength, 0);
  assert.equal(check(withFields('Content-Length', '0')).contentLength, 0);
  assert.equal(check(withFields('Transfer-Encoding', 'Chunked')).contentLength, undefined);
});

test('refuses a length beyond 2^53 and a transfer coding that is not chunked alone (RFC 9112 §6.1, §6.3)', () => {
  const wrong = [
    ['Content-Length', '9007199254740992'],
    ['Transfer-Encoding', 'gzip, chunked'],
    ['Transfer-Encoding', 'chunked', 'Content-Length', '5'],
    ['Transfer-Encoding', ''],
  ];
  for (const fields of wrong) assert.throws(() => check(withFields(...fields)), refusal('bad_request'));
  const old = request({ httpVersion: '1.0', fields: ['Host', 'a', 'Transfer-Encoding', 'chunked'] });
  assert.throws(() => check(old), refusal('bad_request'));
});

test('refuses a repeated field if only one may count, in upper or lower case (RFC 9112 §3.2, §6.3)', () => {
  for (const name of [
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'Authorization',
    'X-API-Key',
    'Content-Type',
    'Expect',
    'Upgrade',
  ]) {
    const twice = request({ fields: [name, '1', name.toUpperCase(), '1'] });
    assert.throws(() => check(twice), refusal('bad_request', /only once/), name);
  }
  assert.doesNotThrow(() => check(withFields('Accept', 'a', 'Accept', 'b')));
});

test('refuses a missing or invalid Host (RFC 9112 §3.2)', () => {
  assert.throws(() => check(request({ fields: [] })), refusal('host_invalid'));
  for (const host of [
    '',
    'a b',
    'a,b',
    'a/b',
    'user@a',
    'a:b',
    'a:123456',
    '[::1',
    'a%41',
    'ä',
    "a'",
    'a\tb',
    'localhost.',
    'localhost.:8443',
  ]) {
    assert.throws(() => check(request({ fields: ['Host', host] })), refusal('host_invalid'), host);
  }
  for (const host of ['a', 'A.B-c_d', 'a:1', '127.0.0.1:65535', '[::1]', '[fe80::1]:80']) {
    assert.equal(check(request({ fields: ['Host', host] })).host, host.toLowerCase());
  }
});

test('refuses an absolute-form target for another host than Host (RFC 9112 §3.2.2)', () => {
  const fields = ['Host', 'localhost:8443'];
  assert.equal(check(request({ url: 'https://LOCALHOST:8443/a', fields })).path, '/a');
  for (const url of ['https://localhost/a', 'https://other:8443/a', 'https://x@localhost:8443/a']) {
    assert.throws(() => check(request({ url, fields })), refusal('host_invalid'), url);
  }
});

test('refuses methods that are not offered, naming those that are (RFC 9110 §15.5.6)', () => {
  for (const method of ['CONNECT', 'TRACE', 'PROPFIND', 'get', '']) {
    assert.throws(
      () => check(request({ method })),
      (error: { code?: string; allow?: string[] }) =>
        error.code === 'method_not_allowed' &&
        error.allow?.join() === 'GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS',
    );
  }
});

test('refuses more fields than the setting allows (RFC 6585 §5)', () => {
  const fields = ['Host', 'localhost', ...Array.from({ length: MAX_HEADERS - 1 }, () => ['X', 'y']).flat()];
  assert.doesNotThrow(() => check(request({ fields })));
  assert.throws(() => check(request({ fields: [...fields, 'X', 'y'] })), refusal('header_too_large'));
});

test('refuses versions other than HTTP/1.1 and HTTP/1.0 (RFC 9112 §2.3)', () => {
  for (const httpVersion of ['0.9', '1.2', '2.0']) {
    assert.throws(() => check(request({ httpVersion })), refusal('bad_request'));
  }
});

const HANDSHAKE = {
  Host: 'localhost',
  Connection: 'keep-alive, Upgrade',
  Upgrade: 'WebSocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

test('recognises the opening handshake of a WebSocket (RFC 6455 §4.1)', () => {
  assert.equal(isWebSocketRequest(request({ fields: Object.entries(HANDSHAKE).flat() })), true);
  assert.equal(isWebSocketRequest(request()), false);
});

test('refuses any other upgrade, and an incomplete handshake (RFC 9110 §7.8, RFC 6455 §4.2.1)', () => {
  const others: Record<string, string>[] = [
    { Upgrade: 'h2c' },
    { Upgrade: 'websocket, h2c' },
    { Connection: 'keep-alive' },
    { Connection: 'not-upgrade' },
    { 'Sec-WebSocket-Key': 'c2hvcnQ=' },
    { 'Sec-WebSocket-Version': 'x' },
    { 'Content-Length': '1' },
    { 'Transfer-Encoding': 'chunked' },
  ];
  for (const other of others) {
    const fields = Object.entries({ ...HANDSHAKE, ...other }).flat();
    assert.throws(
      () => isWebSocketRequest(request({ fields })),
      refusal('bad_request'),
      JSON.stringify(other),
    );
  }
  const fields = Object.entries(HANDSHAKE).flat();
  assert.throws(() => isWebSocketRequest(request({ fields, method: 'POST' })), refusal('bad_request'));
  assert.throws(() => isWebSocketRequest(request({ fields, httpVersion: '1.0' })), refusal('bad_request'));
});
