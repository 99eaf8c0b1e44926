// The reader of TLS for display: it is strict, and never changes or loses octets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readConversation } from '../../../src/commands/lab/conversation.ts';
import { dump, findAll, readable } from '../../../src/commands/lab/dump.ts';
import {
  readCertificateNames,
  readClientHello,
  readServerHello,
} from '../../../src/commands/lab/tls-hello.ts';
import { createTlsReader, type TlsRecord } from '../../../src/commands/lab/tls-records.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
/** A ClientHello with a name and GREASE (RFC 8701), and the ServerHello that answers it. */
const EXTENSIONS = hex(`0000 000e 000c 00 0009 6c6f63616c686f7374 0010 000b 0009 08 687474702f312e31
  002b 0007 06 2a2a 0304 0303 000a 0008 0006 3a3a 11ec 001d ff01 0001 00`);
const CLIENT_HELLO = Buffer.concat([
  hex(`0303 ${'11'.repeat(32)} 00 0006 1a1a 1301 00ff 01 00 00`),
  Buffer.from([EXTENSIONS.length]),
  EXTENSIONS,
]);
const SERVER_HELLO = hex(`0303 ${'22'.repeat(32)} 00 1301 00 000e 002b 0002 0304 0033 0004 11ec 0000`);
const screen = { paint: (_style: string, text: string) => text };

function message(type: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([type, 0, body.length >> 8, body.length & 255]), body]);
}

function record(type: number, fragment: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([type, 3, 3, fragment.length >> 8, fragment.length & 255]), fragment]);
}

test('reads name, protocols, versions, groups and suites of a ClientHello, without GREASE (RFC 8446 §4.1.2)', () => {
  assert.deepEqual(readClientHello(CLIENT_HELLO), {
    serverName: 'localhost',
    alpn: ['http/1.1'],
    versions: ['TLS 1.3', 'TLS 1.2'],
    groups: ['X25519MLKEM768', 'X25519'],
    suites: ['TLS_AES_128_GCM_SHA256'],
  });
  assert.deepEqual(readServerHello(SERVER_HELLO), {
    version: 'TLS 1.3',
    suite: 'TLS_AES_128_GCM_SHA256',
    group: 'X25519MLKEM768',
  });
});

test('joins messages across records, and divides records with several messages (RFC 8446 §5.1)', () => {
  const octets = Buffer.concat([message(1, CLIENT_HELLO), message(20, Buffer.alloc(3))]);
  const reader = createTlsReader();
  const pieces = [octets.subarray(0, 3), octets.subarray(3, 50), octets.subarray(50)];
  const records = pieces.flatMap((piece) => reader.read(record(22, piece)));
  assert.deepEqual(
    records.map(({ messages }) => messages.map(({ type }) => type)),
    [[], [], [1, 20]],
  );
});

test('returns the same records for octets in pieces of any size', () => {
  const stream = Buffer.concat([
    record(22, message(1, CLIENT_HELLO)),
    record(20, hex('01')),
    record(23, hex('aabb')),
  ]);
  const all = (records: readonly TlsRecord[]) =>
    records.map(({ octets, messages, ...facts }) => ({
      ...facts,
      octets: Buffer.from(octets),
      messages: messages.map(({ type, body }) => [type, Buffer.from(body)]),
    }));
  const whole = all(createTlsReader().read(stream));
  assert.deepEqual(
    whole.map(({ type }) => type),
    ['handshake', 'change_cipher_spec', 'application_data'],
  );
  fc.assert(
    fc.property(fc.array(fc.nat({ max: stream.length })), (cuts) => {
      const reader = createTlsReader();
      const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const records = places.flatMap((place, index) =>
        reader.read(stream.subarray(place, places[index + 1])),
      );
      assert.deepEqual(all(records), whole);
      assert.equal(reader.rest().length, 0);
    }),
  );
});

test('treats handshake records after ChangeCipherSpec as encrypted', () => {
  const reader = createTlsReader();
  const [, finished] = reader.read(
    Buffer.concat([record(20, hex('01')), record(22, message(20, hex('00')))]),
  );
  assert.deepEqual([finished?.isEncrypted, finished?.messages], [true, []]);
});

test('stops at octets that are not a record: another type, another version, a length over the limit', () => {
  for (const head of ['18 0303 0001 00', '17 0203 0001 00', '17 0305 0001 00', '17 0303 4801 00', '17 03']) {
    const reader = createTlsReader();
    assert.deepEqual(reader.read(Buffer.concat([record(23, hex('00')), hex(head)])).length, 1, head);
    assert.ok(reader.rest().length > 0);
  }
});

test('shows any octets, and loses none (property)', () => {
  const begun = fc
    .uint8Array({ maxLength: 200 })
    .map((octets) => Buffer.concat([record(22, octets.subarray(0, 50)), octets]));
  const mutated = fc
    .tuple(fc.nat({ max: CLIENT_HELLO.length - 1 }), fc.nat({ max: 255 }))
    .map(([at, octet]) => {
      const changed = Buffer.from(CLIENT_HELLO);
      changed[at] = octet;
      return record(22, message(1, changed));
    });
  const part = fc.oneof(
    begun,
    mutated,
    fc.uint8Array({ maxLength: 100 }).map((octets) => Buffer.from(octets)),
  );
  const passages = fc.array(
    fc.record({ from: fc.constantFrom('client' as const, 'server' as const), octets: part }),
  );
  fc.assert(
    fc.property(passages, (given) => {
      const { parts } = readConversation(given);
      for (const from of ['client', 'server'] as const) {
        const of = (list: readonly { from: string; octets: Buffer }[]) =>
          Buffer.concat(list.filter((each) => each.from === from).map(({ octets }) => octets));
        assert.deepEqual(of(parts), of(given));
      }
    }),
    { numRuns: 500 },
  );
});

test('reads nothing from messages of another form, and does not throw (property)', () => {
  const readers = [readClientHello, readServerHello, readCertificateNames];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (octets) => {
      for (const read of readers) read(octets);
    }),
  );
  for (const length of [0, 1, 34, CLIENT_HELLO.length - 1])
    assert.equal(readClientHello(CLIENT_HELLO.subarray(0, length)), undefined);
});

test('prints rows of 16 octets with carets below a mark, and leaves out rows in between', () => {
  const octets = Buffer.from(`${'.'.repeat(70)}secret${'.'.repeat(40)}`);
  const lines = dump(octets, screen, { marks: findAll(octets, Buffer.from('secret')), maxRows: 1 });
  assert.deepEqual(lines, [
    `0000  ${Array(8).fill('2e').join(' ')}  ${Array(8).fill('2e').join(' ')}  ${'.'.repeat(16)}`,
    '   ⋮  48 octets more',
    '0040  2e 2e 2e 2e 2e 2e 73 65  63 72 65 74 2e 2e 2e 2e  ......secret....',
    `${' '.repeat(62)}^^^^^^`,
    '   ⋮  36 octets more',
  ]);
  assert.deepEqual(dump(Buffer.from('abc'), screen), [`0000  61 62 63${' '.repeat(40)}  abc`]);
  assert.equal(readable(hex('1b5b316d 41 7f ff')), '·[1mA··');
});
