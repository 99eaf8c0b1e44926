// PEM: written in the strict form of RFC 7468, read in the lax form, and refused if it is damaged.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { X509Error, type X509ErrorCode } from '../../src/errors.ts';
import { decodePem, decodePemBlock, encodePem } from '../../src/read/pem.ts';

const BLOCK = '-----BEGIN DATA-----\nAQID\n-----END DATA-----\n';
const LINE = 'QUFB'.repeat(16);

function assertRefused(text: string, message: RegExp, code: X509ErrorCode = 'pem_invalid'): void {
  assert.throws(
    () => decodePem(text),
    (error) => error instanceof X509Error && error.code === code && message.test(error.message),
    text,
  );
}

test('reads back every block that was written, in order (RFC 7468 §3)', () => {
  const label = fc.constantFrom('CERTIFICATE', 'PRIVATE KEY', 'X509 CRL', 'A-B C');
  const block = fc.record({ label, bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }) });
  fc.assert(
    fc.property(fc.array(block), (blocks) => {
      const text = blocks.map(({ label: name, bytes }) => encodePem(name, bytes)).join('');
      const read = decodePem(text).map(({ label: name, bytes }) => ({
        label: name,
        bytes: Uint8Array.from(bytes),
      }));
      assert.deepEqual(
        read,
        blocks.map((each) => ({ ...each })),
      );
    }),
  );
});

test('writes lines of exactly 64 characters and a final newline (RFC 7468 §2)', () => {
  assert.equal(encodePem('DATA', Uint8Array.of(1, 2, 3)), BLOCK);
  assert.equal(
    encodePem('DATA', Buffer.from('A'.repeat(48))),
    `-----BEGIN DATA-----\n${LINE}\n-----END DATA-----\n`,
  );
  assert.equal(encodePem('DATA', Buffer.from('A'.repeat(49))).split('\n')[2], 'QQ==');
});

test('skips text before, between and after blocks, and accepts CRLF (RFC 7468 §2, §3)', () => {
  const text = `Subject: CN=x\n\n${BLOCK}comment\n${BLOCK.replaceAll('\n', '\r\n')}the end`;
  assert.deepEqual(
    decodePem(text).map(({ bytes }) => bytes.toString('hex')),
    ['010203', '010203'],
  );
  assert.deepEqual(decodePem('no block\n'), []);
});

test('skips text that begins with a digit, dashes or white space, as openssl does (RFC 7468 §2)', () => {
  const lines = [
    '0',
    '0: first',
    '1. text',
    '-',
    '-----',
    '----------',
    '------BEGIN DATA-----',
    '-----BEGINNING',
  ];
  for (const line of [...lines, '---- BEGIN SSH2 PUBLIC KEY ----', '-----x-----', ' -----BEGIN DATA-----']) {
    for (const text of [`${line}\n${BLOCK}`, `${BLOCK}${line}`, `${BLOCK}${line}\n${BLOCK}`]) {
      assert.equal(decodePem(text).length, text.split(BLOCK).length - 1, line);
    }
  }
});

test('ignores byte order marks, also where files that begin with one were joined', () => {
  const joined = `\uFEFF${BLOCK}\uFEFF${BLOCK}`;
  assert.equal(decodePem(joined).length, 2);
  assert.equal(decodePem(Buffer.from(joined).toString('latin1')).length, 2);
});

test('refuses text beyond the limit and says so', () => {
  assertRefused('x'.repeat(1024 * 1024 + 1), /limit of 1048576 bytes/, 'pem_too_large');
  assert.throws(() => decodePem(BLOCK, { maxBytes: 10 }), /limit of 10 bytes/);
  assert.equal(decodePem(BLOCK, { maxBytes: BLOCK.length }).length, 1);
});

test('refuses blocks with a damaged beginning or end, and gives the number of the line (RFC 7468 §3)', () => {
  assertRefused('text\n-----BEGIN DATA-----\nAQID\n', /line 2 begins a block that does not end/);
  assertRefused('-----BEGIN DATA-----\nAQID\n-----END OTHER-----', /line 3 does not end/);
  assertRefused('-----BEGIN DATA-----\nAQID\n-----BEGIN DATA-----', /line 3 does not end/);
  assertRefused('-----END DATA-----\n', /line 1 is not the beginning/);
  assertRefused('-----BEGIN DATA----\nAQID\n-----END DATA-----', /line 1/);
  assertRefused('-----BEGIN DATA-----x\nAQID\n-----END DATA-----', /line 1/);
  assertRefused('-----BEGIN  DATA-----\nAQID\n-----END  DATA-----', /line 1/);
  assertRefused(`-----BEGIN ${'A'.repeat(65)}-----\nAQID\n-----END ${'A'.repeat(65)}-----`, /line 1/);
});

test('reads lines of any width, white space around them, blank lines and every line ending (RFC 7468 §3)', () => {
  const bytes = Buffer.alloc(200, 7);
  const base64 = bytes.toString('base64');
  const bodies = [
    base64,
    base64.replace(/.{76}/g, '$&\n'),
    base64.replace(/.{3}/g, '$&\r\n'),
    base64.replace(/.{64}/g, '$&\r'),
    base64.replace(/.{64}/g, '  $& \t\n'),
    `\n${base64}\n\n`,
  ];
  for (const body of bodies) {
    const [block] = decodePem(`-----BEGIN DATA----- \n${body}\n-----END DATA-----\t\n`);
    assert.deepEqual(block?.bytes, bytes);
  }
  assert.equal(decodePem(`\uFEFF${BLOCK}`).length, 1);
  assert.equal(decodePem(Buffer.from(`\uFEFF${BLOCK}`).toString('latin1')).length, 1);
});

test('reads the headers of old encrypted keys, continued lines joined (RFC 1421 §4.6)', () => {
  const headers = 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n  2233\n';
  const [block] = decodePem(`-----BEGIN DATA-----\n${headers}\nAQID\n-----END DATA-----\n`);
  assert.deepEqual(
    [...(block?.headers ?? [])],
    [
      ['Proc-Type', '4,ENCRYPTED'],
      ['DEK-Info', 'AES-128-CBC,00112233'],
    ],
  );
  assert.equal(block?.bytes.toString('hex'), '010203');
  assert.equal(decodePem(BLOCK)[0]?.headers.size, 0);
  assertRefused(
    '-----BEGIN DATA-----\nProc-Type: 4,ENCRYPTED\nAQID\n-----END DATA-----',
    /line 3 must be blank/,
  );
});

test('refuses empty bodies (RFC 7468 §3)', () => {
  for (const body of ['', '\n', '\n \n', 'A-Header: x\n\n'])
    assertRefused(`-----BEGIN DATA-----\n${body}-----END DATA-----`, /line [234] /);
});

test('reports a truncated block as truncated', () => {
  assertRefused(
    '-----BEGIN DATA-----\nAQID\n',
    /line 1 begins a block that does not end; the text is truncated/,
  );
  assertRefused('-----BEGIN DATA-----\nAQI\n-----END DATA-----', /line 2 .*truncated/);
});

test('refuses base64 that is not canonical (RFC 4648 §3.5)', () => {
  for (const body of ['AQI', 'AQ', 'AR==', 'AQJ=', 'AQ=I', 'AQ==AQ==', '-_==', 'AQID====', '!!!!', 'A']) {
    assertRefused(`-----BEGIN DATA-----\n${body}\n-----END DATA-----`, /base64/);
  }
});

test('never quotes the content of a block', () => {
  const secret = 'c2VjcmV0IHNlY3JldA';
  assert.throws(
    () => decodePem(`-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`),
    (error) => error instanceof X509Error && !error.message.includes(secret),
  );
});

test('reads one block, and otherwise names the blocks that it found', () => {
  assert.equal(decodePemBlock(BLOCK, 'DATA').toString('hex'), '010203');
  assert.throws(() => decodePemBlock('', 'DATA'), /no PEM block; expected DATA/);
  assert.throws(() => decodePemBlock(BLOCK, 'OTHER'), /is DATA; expected OTHER/);
  assert.throws(() => decodePemBlock(BLOCK + BLOCK, 'DATA'), /2 PEM blocks; expected one DATA/);
});

test('refuses to write a label that cannot be read', () => {
  for (const label of ['', ' A', 'A ', 'A--B', 'A\nB', 'ä'])
    assert.throws(() => encodePem(label, Uint8Array.of(1)), TypeError);
});

test('reads a megabyte of tiny blocks or open lines in linear time', () => {
  const start = performance.now();
  decodePem(BLOCK.repeat(22_000));
  assert.equal(
    decodePem(`-----BEGIN A-----\n${'A\n'.repeat(500_000)}-----END A-----`)[0]?.bytes.length,
    375_000,
  );
  assertRefused(`-----BEGIN A-----\n${'A: b\n'.repeat(200_000)}-----END A-----`, /line/);
  assert.ok(performance.now() - start < 3000);
});
