// PKCS#12: back and forth, from openssl, and to node; passphrases, MACs and hostile files. The tests of the
// system have other programs.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import {
  type Der,
  encodeDer,
  explicit,
  integer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
} from '../../../src/der/write.ts';
import { X509Error, type X509ErrorCode } from '../../../src/errors.ts';
import { encodePkcs12 } from '../../../src/keys/pkcs12/encode-pkcs12.ts';
import { readPkcs12 } from '../../../src/keys/pkcs12/read-pkcs12.ts';
import { encodePrivateKey } from '../../../src/keys/private-key.ts';
import { readPrivateKey } from '../../../src/keys/read-private-key.ts';
import { decodePemBlock } from '../../../src/read/pem.ts';
import { skipWithoutOpenssl } from '../../support/openssl.ts';
import { dataContent, parsePKCS12, pkcs12OfSafe } from '../../support/pkcs12.ts';
import { createPki } from '../../support/pki.ts';
import { runProgram } from '../../support/programs.ts';

const PASSPHRASE = 'correct hörse';
const { serverKey, server, intermediate, root } = createPki();
const chain = [server.pem, intermediate.pem, root.pem].map((pem) => decodePemBlock(pem, 'CERTIFICATE'));
const ours = encodePkcs12({
  privateKey: serverKey,
  certificates: [server.pem + intermediate.pem, root.der],
  passphrase: PASSPHRASE,
  friendlyName: 'Sérver 1',
});

function assertRefused(input: Uint8Array, code: X509ErrorCode, passphrase = PASSPHRASE): void {
  assert.throws(
    () => readPkcs12(input, passphrase),
    (error) =>
      error instanceof X509Error && error.code === code && !error.message.includes(passphrase || PASSPHRASE),
  );
}

function assertHolds(
  p12: Uint8Array,
  { key, certificates }: { key: KeyObject; certificates: Uint8Array[] },
  passphrase = PASSPHRASE,
): void {
  const read = readPkcs12(p12, passphrase);
  assert.ok(read.privateKey?.equals(key));
  const sorted = (list: Uint8Array[]) => list.map((der) => Buffer.from(der).toString('hex')).sort();
  assert.deepEqual(sorted(read.certificates), sorted(certificates));
}

/** The PKCS#12 of openssl with the server's key and chain. */
function opensslPkcs12(...options: string[]): Buffer {
  const [leaf = '', ...above] = [server.pem, intermediate.pem, root.pem];
  const files = { 'key.pem': encodePrivateKey(serverKey), 'cert.pem': leaf, 'chain.pem': above.join('') };
  const inputs = ['-inkey', 'key.pem', '-in', 'cert.pem', '-certfile', 'chain.pem', '-out', 'out.p12'];
  const args = ['pkcs12', '-export', ...inputs, '-passout', `pass:${PASSPHRASE}`, ...options];
  return runProgram('openssl', { args, files, output: 'out.p12' });
}

test('reads back what it wrote: key, certificates in order (RFC 7292 §4)', () => {
  const { privateKey, certificates } = readPkcs12(ours, () => PASSPHRASE);
  assert.ok(privateKey?.equals(serverKey));
  assert.deepEqual(certificates.map(Buffer.from), chain);
});

test('writes files that node reads', () => {
  const { privateKey, certificate, additionalCertificates } = parsePKCS12(ours, { passphrase: PASSPHRASE });
  assert.ok(privateKey?.equals(serverKey));
  assert.deepEqual(certificate?.raw, chain[0]);
  assert.equal(additionalCertificates.length, 2);
});

for (const options of [
  [],
  ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
  ['-keypbe', 'AES-128-CBC', '-certpbe', 'NONE', '-macalg', 'sha512', '-iter', '10000'],
  ['-keypbe', 'NONE', '-certpbe', 'AES-192-CBC', '-macalg', 'sha384', '-noiter', '-nomaciter'],
  ['-name', 'friendly', '-CSP', 'Provider', '-macalg', 'sha224'],
]) {
  test(`reads files of openssl with ${options.join(' ') || 'its defaults'}`, {
    skip: skipWithoutOpenssl,
  }, () => {
    const p12 = opensslPkcs12(...options);
    assertHolds(p12, { key: serverKey, certificates: chain });
    assert.ok(readPrivateKey(p12, PASSPHRASE).equals(serverKey));
    assertRefused(p12, 'passphrase_wrong', 'opensesame');
  });
}

test('refuses 40-bit ciphers and a missing MAC, and says why', { skip: skipWithoutOpenssl }, () => {
  assert.throws(
    () => readPkcs12(opensslPkcs12('-legacy'), PASSPHRASE),
    /40-bit RC2 is not supported.*openssl/,
  );
  assert.throws(() => readPkcs12(opensslPkcs12('-nomac'), PASSPHRASE), /has no MAC/);
});

test('refuses a key without its certificate, and an empty passphrase', () => {
  const content = { privateKey: serverKey, certificates: chain, passphrase: 'x' };
  const refused = [
    [{ ...content, privateKey: createPki().serverKey }, 'key_invalid'],
    [{ ...content, certificates: [] }, 'key_invalid'],
    [{ ...content, certificates: [encodePrivateKey(serverKey)] }, 'pem_invalid'],
    [{ ...content, passphrase: '' }, 'passphrase_missing'],
  ] as const;
  for (const [each, code] of refused) {
    assert.throws(
      () => encodePkcs12(each),
      (error) => error instanceof X509Error && error.code === code,
    );
  }
  assert.throws(() => encodePkcs12({ ...content, privateKey: createPublicKey(serverKey) }), TypeError);
});

test('has different errors for a wrong and a missing passphrase', { skip: skipWithoutOpenssl }, () => {
  const quick = opensslPkcs12('-noiter', '-nomaciter');
  assertRefused(quick, 'passphrase_wrong', 'opensesame');
  assertRefused(quick, 'passphrase_wrong', '');
  assert.throws(
    () => readPrivateKey(quick),
    (error) => error instanceof X509Error && error.code === 'passphrase_missing',
  );
});

const sha256 = sequence(objectIdentifier('2.16.840.1.101.3.4.2.1'), nullValue());
const keyBag = sequence(
  objectIdentifier('1.2.840.113549.1.12.10.1.1'),
  explicit(0, serverKey.export({ type: 'pkcs8', format: 'der' })),
);

const withPbmac1 = (safe: Der, rounds?: number) => pkcs12OfSafe(safe, PASSPHRASE, rounds);

test('checks PBMAC1 as openssl 3.4 writes it (RFC 9579)', () => {
  const p12 = withPbmac1(sequence(keyBag));
  assert.ok(parsePKCS12(p12, { passphrase: PASSPHRASE }).privateKey?.equals(serverKey));
  assertHolds(p12, { key: serverKey, certificates: [] });
  assertRefused(p12, 'passphrase_wrong', 'opensesame');
  assertRefused(withPbmac1(sequence(keyBag), 2 ** 31 - 1), 'key_unsupported');
});

test('finds a key in nested safes, up to a depth', () => {
  const nest = (bag: Der) =>
    sequence(objectIdentifier('1.2.840.113549.1.12.10.1.6'), explicit(0, sequence(bag)));
  assertHolds(withPbmac1(sequence(nest(nest(keyBag)))), { key: serverKey, certificates: [] });
  const deep = Array.from({ length: 9 }).reduce<Der>((bag) => nest(bag), keyBag);
  const { privateKey } = readPkcs12(withPbmac1(sequence(deep)), PASSPHRASE);
  assert.equal(privateKey, undefined);
});

test('refuses MACs and bags that need too many rounds together, before it computes them', () => {
  const start = performance.now();
  const mac = (rounds: number) =>
    encodeDer(
      sequence(
        integer(3),
        dataContent(sequence()),
        sequence(
          sequence(sha256, octetString(Buffer.alloc(32))),
          octetString(Buffer.alloc(8)),
          integer(rounds),
        ),
      ),
    );
  for (const rounds of [0, 1_000_001, 2 ** 31 - 1]) assertRefused(mac(rounds), 'key_unsupported');
  const parameters = sequence(octetString(Buffer.alloc(8)), integer(9_999_999));
  const derivation = sequence(objectIdentifier('1.2.840.113549.1.5.12'), parameters);
  const cipher = sequence(objectIdentifier('2.16.840.1.101.3.4.1.42'), octetString(Buffer.alloc(16)));
  const algorithm = sequence(objectIdentifier('1.2.840.113549.1.5.13'), sequence(derivation, cipher));
  const shrouded = sequence(
    objectIdentifier('1.2.840.113549.1.12.10.1.2'),
    explicit(0, sequence(algorithm, octetString(Buffer.alloc(16)))),
  );
  assertRefused(withPbmac1(sequence(shrouded)), 'key_unsupported');
  assert.ok(performance.now() - start < 1000);
});

test('returns the same key or throws for any change of a file, and refuses a truncated file', () => {
  const file = withPbmac1(sequence(keyBag));
  let refused = 0;
  for (let index = 0; index < file.length; index++) {
    const altered = Buffer.from(file);
    altered[index] = (altered[index] ?? 0) ^ 0x01;
    try {
      assert.ok(readPkcs12(altered, PASSPHRASE).privateKey?.equals(serverKey), `octet ${index}`);
    } catch (error) {
      assert.ok(error instanceof X509Error, `octet ${index}`);
      refused++;
    }
  }
  // PBMAC1 does not use the salt and the rounds of the classic MAC.
  assert.ok(refused >= file.length - 15, `${refused} of ${file.length}`);
  for (let length = 0; length < file.length; length++) assertRefused(file.subarray(0, length), 'key_invalid');
});

test('writes Ed25519 keys too, and refuses other files than PKCS#12', () => {
  const other = createPki('Ed25519');
  const p12 = encodePkcs12({
    privateKey: other.serverKey,
    certificates: [other.server.pem],
    passphrase: 'x',
  });
  assert.ok(parsePKCS12(p12, { passphrase: 'x' }).privateKey?.equals(other.serverKey));
  assert.throws(
    () => readPkcs12(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }), 'x'),
    X509Error,
  );
});
