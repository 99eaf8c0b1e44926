// PKCS#12 in both directions with node, openssl, keytool, certtool and pk12util; passphrases, MACs and
// hostile files.
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
import { decodePem, decodePemBlock } from '../../../src/read/pem.ts';
import { openssl, skipWithoutOpenssl } from '../../support/openssl.ts';
import { dataContent, parsePKCS12, pkcs12OfSafe } from '../../support/pkcs12.ts';
import { createPki } from '../../support/pki.ts';
import { runProgram, skipWithout } from '../../support/programs.ts';

const PASSPHRASE = 'correct hörse';
const { serverKey, server, intermediate, root } = createPki();
const chain = [server.pem, intermediate.pem, root.pem].map((pem) => decodePemBlock(pem, 'CERTIFICATE'));
const ours = encodePkcs12({
  privateKey: serverKey,
  certificates: [server.pem + intermediate.pem, root.der],
  passphrase: PASSPHRASE,
  friendlyName: 'Sérver 1',
});
/** For programs that take the passphrase as an argument. */
const ASCII_PASSPHRASE = 'changeit';
const oursInAscii = encodePkcs12({
  privateKey: serverKey,
  certificates: chain,
  passphrase: ASCII_PASSPHRASE,
  friendlyName: 'server',
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

test('writes files that openssl reads, with only modern algorithms', { skip: skipWithoutOpenssl }, () => {
  const args = ['pkcs12', '-in', 'in.p12', '-passin', `pass:${PASSPHRASE}`, '-nodes', '-info'];
  const text = openssl(args, { 'in.p12': ours });
  assert.ok(readPrivateKey(text).equals(serverKey));
  assert.equal(decodePem(text).filter(({ label }) => label === 'CERTIFICATE').length, 3);
  assert.match(text, /friendlyName: S/);
  assert.equal(text.match(/localKeyID/g)?.length, 2);
});

test("writes files that Java's keytool reads", {
  skip: skipWithout('keytool', 'default-jre-headless'),
}, () => {
  const args = ['-list', '-v', '-keystore', 'in.p12', '-storepass', ASCII_PASSPHRASE];
  const text = runProgram('keytool', { args, files: { 'in.p12': oursInAscii } }).toString();
  assert.match(text, /PrivateKeyEntry/);
  assert.match(text, /Certificate chain length: 3/);
});

test("reads files of Java's keytool", { skip: skipWithout('keytool', 'default-jre-headless') }, () => {
  const name = ['-alias', 'server', '-dname', 'CN=localhost', '-keyalg', 'EC', '-groupname', 'secp256r1'];
  const store = ['-keystore', 'out.p12', '-storetype', 'PKCS12', '-storepass', 'changeit'];
  const p12 = runProgram('keytool', { args: ['-genkeypair', ...name, ...store], output: 'out.p12' });
  const { privateKey, certificates } = readPkcs12(p12, 'changeit');
  assert.equal(privateKey?.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert.equal(certificates.length, 1);
});

test('certtool reads its files, and it reads those of certtool', {
  skip: skipWithout('certtool', 'gnutls-bin'),
}, () => {
  const options = ['--p12-info', '--inder', '--infile', 'in.p12', '--password', ASCII_PASSPHRASE];
  const text = runProgram('certtool', { args: options, files: { 'in.p12': oursInAscii } }).toString();
  assert.ok(text.includes('BEGIN CERTIFICATE'));
  const files = { 'key.pem': encodePrivateKey(serverKey), 'cert.pem': server.pem };
  const inputs = [
    '--load-privkey',
    'key.pem',
    '--load-certificate',
    'cert.pem',
    '--outder',
    '--outfile',
    'out.p12',
  ];
  const args = ['--to-p12', '--p12-name', 'x', '--password', ASCII_PASSPHRASE, ...inputs];
  const theirs = runProgram('certtool', { args, files, output: 'out.p12' });
  assertHolds(theirs, { key: serverKey, certificates: chain.slice(0, 1) }, ASCII_PASSPHRASE);
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

test('reads files of NSS, in BER (X.690 §8.1.3.6)', {
  skip: skipWithout('pk12util', 'libnss3-tools'),
}, () => {
  const script = [
    'certutil -N -d . --empty-password',
    `pk12util -i in.p12 -d . -W ${ASCII_PASSPHRASE} -K ""`,
    'pk12util -o out.p12 -n server -d . -w pw -K ""',
  ].join(' && ');
  const files = { 'in.p12': oursInAscii, pw: `${ASCII_PASSPHRASE}\n` };
  const theirs = runProgram('sh', { args: ['-c', script], files, output: 'out.p12' });
  assert.ok(readPkcs12(theirs, ASCII_PASSPHRASE).privateKey?.equals(serverKey));
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
