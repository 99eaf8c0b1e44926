// BER rewritten as DER: definite and minimal lengths, strings in one piece, and refused input.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { berToDer } from '../../src/der/ber.ts';
import { encodeDer, explicit, integer, octetString, sequence, utf8String } from '../../src/der/write.ts';
import { DerError } from '../../src/errors.ts';

function rewritten(hex: string): string {
  return berToDer(Buffer.from(hex.replaceAll(' ', ''), 'hex')).toString('hex');
}

function assertRefused(hex: string): void {
  assert.throws(() => rewritten(hex), DerError, hex);
}

test('does not change DER', () => {
  const der = encodeDer(
    sequence(integer(70000), explicit(0, octetString(Buffer.alloc(300))), utf8String('ä')),
  );
  assert.deepEqual(berToDer(der), der);
  assert.equal(rewritten('3000'), '3000');
});

test('writes definite and minimal lengths (X.690 §8.1.3, §10.1)', () => {
  assert.equal(rewritten('3080 0201 05 0000'), '3003020105');
  assert.equal(rewritten('3080 a080 0201 05 0000 0000'), '3005a003020105');
  assert.equal(rewritten('308104 0281 01 05'), '3003020105');
  assert.equal(rewritten('30 84 00000003 020105'), '3003020105');
});

test('joins the pieces of an OCTET STRING, nested or not (X.690 §8.7.3)', () => {
  assert.equal(rewritten('2480 0401 aa 0402 bbcc 0000'), '0403aabbcc');
  assert.equal(rewritten('2409 2403 0401aa 0402 bbcc'), '0403aabbcc');
  assert.equal(rewritten('2400'), '0400');
});

test('refuses lengths that exceed the input, missing ends, primitive values without length, wrong pieces, high tags, trailing octets', () => {
  for (const hex of [
    '',
    '30',
    '3001',
    '308201',
    '3085 0000000001 00',
    '3080',
    '3080 020105',
    '3080 020105 00',
    '0480 0000',
    '2403 020105',
    '1f0100',
    '0000',
    '3002 0000',
    '3000 00',
  ])
    assertRefused(hex);
});

test('refuses nesting deeper than 32, with both types of length', () => {
  assertRefused('3080'.repeat(100_000));
  assertRefused(`${'3080'.repeat(40)}${'0000'.repeat(40)}`);
  assert.equal(rewritten(`${'3080'.repeat(20)}${'0000'.repeat(20)}`).length, 40 * 2);
});

test('rewrites a mebibyte of small values in linear time', () => {
  const start = performance.now();
  berToDer(
    Buffer.concat([Buffer.from('3080', 'hex'), Buffer.alloc(2 ** 20, '0500', 'hex'), Buffer.alloc(2)]),
  );
  assert.ok(performance.now() - start < 3000);
});
