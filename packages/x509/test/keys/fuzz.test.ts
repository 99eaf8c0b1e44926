// For any change of a key file, the readers return a key or throw X509Error, in limited time, and without a
// secret in the message.
import assert from 'node:assert/strict';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { berToDer } from '../../src/der/ber.ts';
import { encodeDer, explicit, objectIdentifier, sequence } from '../../src/der/write.ts';
import { X509Error } from '../../src/errors.ts';
import { readPkcs12 } from '../../src/keys/pkcs12/read-pkcs12.ts';
import { generatePrivateKey } from '../../src/keys/private-key.ts';
import { publicKeyType } from '../../src/keys/public-key.ts';
import { readPrivateKey } from '../../src/keys/read-private-key.ts';
import { readPublicKey } from '../../src/keys/read-public-key.ts';
import { decodePem, encodePem } from '../../src/read/pem.ts';
import { opensshPrivateKey, opensshPublicLine } from '../support/openssh.ts';
import { pkcs12OfSafe } from '../support/pkcs12.ts';

const PASSPHRASE = 'correct horse battery staple';
const MAX_MS = 8000;
const ALL_READERS = [
  (input: Buffer) => readPrivateKey(input, PASSPHRASE),
  (input: Buffer) => readPrivateKey(input.toString('latin1'), PASSPHRASE),
  (input: Buffer) => readPublicKey(input),
  (input: Buffer) => readPkcs12(input, PASSPHRASE),
  (input: Buffer) => publicKeyType(input),
  (input: Buffer) => berToDer(input),
  (input: Buffer) => decodePem(input.toString('latin1')),
];

const encryption = { cipher: 'aes-256-cbc', passphrase: PASSPHRASE } as const;
const [p256, rsa, ed25519, mlDsa] = [
  generatePrivateKey('P-256'),
  generatePrivateKey('RSA-2048'),
  generatePrivateKey('Ed25519'),
  generatePrivateKey('ML-DSA-44'),
];
const pkcs8 = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'der' });
const encrypted = p256.export({ type: 'pkcs8', format: 'der', ...encryption });
const bag = (type: number, content: Buffer) =>
  sequence(objectIdentifier(`1.2.840.113549.1.12.10.1.${type}`), explicit(0, content));
const safe = encodeDer(sequence(bag(2, encrypted)));

const corpus = [
  ...[p256, rsa, ed25519, mlDsa].map(pkcs8),
  ...[p256, rsa, ed25519].map((key) => createPublicKey(key).export({ type: 'spki', format: 'der' })),
  rsa.export({ type: 'pkcs1', format: 'der' }),
  createPublicKey(rsa).export({ type: 'pkcs1', format: 'der' }),
  p256.export({ type: 'sec1', format: 'der' }),
  encrypted,
  pkcs12OfSafe(safe, PASSPHRASE),
  ...[
    rsa.export({ type: 'pkcs1', format: 'pem', ...encryption }),
    p256.export({ type: 'sec1', format: 'pem', cipher: 'des-ede3-cbc', passphrase: PASSPHRASE }),
    p256.export({ type: 'pkcs8', format: 'pem', ...encryption }),
    createPublicKey(rsa).export({ type: 'pkcs1', format: 'pem' }),
    ...[p256, rsa, ed25519].map((key) => encodePem('OPENSSH PRIVATE KEY', opensshPrivateKey(key))),
    ...[p256, rsa, ed25519].map(opensshPublicLine),
  ].map((pem) => Buffer.from(pem)),
];

interface Change {
  kind: string;
  at: number;
  isEarly: boolean;
  octet: number;
  length: number;
}

/** One change of a file: an octet is set, a part is doubled or removed, or the end is cut off. */
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('set', 'set', 'double', 'drop', 'cut'),
  at: fc.double({ min: 0, max: 0.999999, noNaN: true }),
  // The most important octets are at the beginning.
  isEarly: fc.boolean(),
  octet: fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0x00, 0x30, 0x7f, 0x80, 0x84, 0xa0, 0xff),
  ),
  length: fc.integer({ min: 1, max: 40 }),
});

function apply(input: Buffer, { kind, at, isEarly, octet, length }: Change): Buffer {
  const index = Math.floor(at * (isEarly ? Math.min(input.length, 80) : input.length));
  if (kind === 'set') return Buffer.from(input.map((each, position) => (position === index ? octet : each)));
  if (kind === 'cut') return input.subarray(0, index);
  const rest = input.subarray(kind === 'drop' ? index + length : Math.max(0, index - length));
  return Buffer.concat([input.subarray(0, index), rest]);
}

function assertAnswers(input: Buffer, readers: readonly ((input: Buffer) => unknown)[]): void {
  for (const read of readers) {
    const start = performance.now();
    try {
      read(input);
    } catch (error) {
      assert.ok(error instanceof X509Error, `${error instanceof Error ? error.stack : error}`);
      assert.ok(!error.message.includes(PASSPHRASE));
    }
    assert.ok(performance.now() - start < MAX_MS, 'too slow');
  }
}

test('returns a key or throws X509Error for every change of a key file', () => {
  const changed = fc.record({
    file: fc.constantFrom(...corpus),
    changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  });
  fc.assert(
    fc.property(changed, ({ file, changes }) => {
      assertAnswers(changes.reduce(apply, file), ALL_READERS);
    }),
    { numRuns: 1500, interruptAfterTimeLimit: 15_000 },
  );
});

test('returns a key or throws X509Error for every change under a valid MAC', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const file = pkcs12OfSafe(changes.reduce(apply, safe), PASSPHRASE);
      assertAnswers(file, [(input) => readPkcs12(input, PASSPHRASE)]);
    }),
    { numRuns: 1000, interruptAfterTimeLimit: 10_000 },
  );
});

test('returns a key or throws X509Error for every change of an OpenSSH key and of a public line', () => {
  const files = [p256, rsa, ed25519];
  const changed = fc.record({
    key: fc.constantFrom(...files),
    changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  });
  fc.assert(
    fc.property(changed, ({ key, changes }) => {
      const alter = (octets: Buffer) => changes.reduce(apply, octets);
      const pem = `-----BEGIN OPENSSH PRIVATE KEY-----\n${alter(opensshPrivateKey(key)).toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
      assertAnswers(Buffer.from(pem), [(input) => readPrivateKey(input, PASSPHRASE)]);
      const [type, base64 = ''] = opensshPublicLine(key).split(' ');
      const line = `${type} ${alter(Buffer.from(base64, 'base64')).toString('base64')} a remark\n`;
      assertAnswers(Buffer.from(line), [(input) => readPublicKey(input)]);
    }),
    { numRuns: 1500, interruptAfterTimeLimit: 15_000 },
  );
});

test('returns a key or throws X509Error for random octets and random text', () => {
  const input = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .uint8Array({ maxLength: 100 })
      .map((octets) => Buffer.concat([Buffer.of(0x30, octets.length), octets])),
    fc
      .string()
      .map((body) => Buffer.from(`-----BEGIN EC PRIVATE KEY-----\n${body}\n-----END EC PRIVATE KEY-----\n`)),
  );
  fc.assert(
    fc.property(input, (octets) => {
      assertAnswers(Buffer.from(octets), ALL_READERS);
    }),
    { numRuns: 2000 },
  );
});
