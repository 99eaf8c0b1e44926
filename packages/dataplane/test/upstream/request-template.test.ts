// The heads of requests to upstreams: the first one and repeated ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldBlock } from '../../src/http1/field-block.ts';
import { latin1 } from '../../src/http1/octets.ts';
import type { RequestParts } from '../../src/upstream/request-template.ts';
import { RequestTemplate } from '../../src/upstream/request-template.ts';

const PARTS: RequestParts = {
  method: 'GET',
  path: '/notes?page=2',
  host: 'notes.example:3000',
  passed: new FieldBlock(['X-Name', 'J\xfcrgen']),
  origin: new FieldBlock(['Via', '1.1 gatehouse']),
  fields: ['Gatehouse-Assertion', 'a.b.c'],
  body: 'none',
  isWebSocket: false,
};

function headWith(id: string, rest = ''): string {
  return (
    'GET /notes?page=2 HTTP/1.1\r\nHost: notes.example:3000\r\nX-Name: J\xfcrgen\r\n' +
    `Via: 1.1 gatehouse\r\nX-Request-Id: ${id}\r\nGatehouse-Assertion: a.b.c\r\n${rest}\r\n`
  );
}

const textOf = (head: string | Uint8Array) =>
  typeof head === 'string' ? head : latin1(head, 0, head.length);

test('repeated requests differ only in their ids', () => {
  const template = new RequestTemplate(PARTS);
  for (const id of ['id-1', 'id-2', 'id-3', 'another id', 'id-4']) {
    assert.equal(textOf(template.head(id)), headWith(id));
  }
});

test('the head has the framing of the body, and says whether the connection ends', () => {
  const head = (parts: Partial<RequestParts>) => new RequestTemplate({ ...PARTS, ...parts }).head('id-1');
  assert.equal(
    head({ body: 'unknown' }),
    headWith('id-1', 'Transfer-Encoding: chunked\r\nConnection: close\r\n'),
  );
  assert.equal(head({ body: 'known' }), headWith('id-1', 'Connection: close\r\n'));
  assert.match(String(head({ body: 'known', method: 'POST' })), /a\.b\.c\r\n\r\n$/);
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  assert.equal(head({ isWebSocket: true }), headWith('id-1', upgrade));
});

test('a head with a body is text each time, because both are sent in one write', () => {
  const template = new RequestTemplate({ ...PARTS, method: 'POST', body: 'known' });
  for (const id of ['id-1', 'id-2', 'id-3']) assert.equal(typeof template.head(id), 'string');
});

test('a connection carries no other request after content without a meaning, or a WebSocket', () => {
  const mayCarryMore = (parts: Partial<RequestParts>) =>
    new RequestTemplate({ ...PARTS, ...parts }).mayCarryMore;
  assert.ok(mayCarryMore({}));
  assert.ok(mayCarryMore({ method: 'PUT', body: 'known' }));
  assert.ok(!mayCarryMore({ method: 'DELETE', body: 'known' }));
  assert.ok(!mayCarryMore({ isWebSocket: true }));
});
