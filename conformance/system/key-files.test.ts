// Key files and PKCS#12 in both directions with openssl, ssh-keygen, Java's keytool, certtool and NSS.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import {
  decodePem,
  decodePemBlock,
  encodePkcs12,
  encodePrivateKey,
  encryptPrivateKey,
  generatePrivateKey,
  publicKeyType,
  readPkcs12,
  readPrivateKey,
  readPublicKey,
} from '@gatehouse/x509';
import { assertRefused } from '../../packages/x509/test/support/assert-refused.ts';
import { openssl, skipWithoutOpenssl } from '../../packages/x509/test/support/openssl.ts';
import { createPki } from '../../packages/x509/test/support/pki.ts';
import { runProgram, skipWithout } from '../../packages/x509/test/support/programs.ts';

const PASSPHRASE = 'correct hörse';
/** For programs that take the passphrase as an argument. */
const ASCII_PASSPHRASE = 'changeit';
const { serverKey, server, intermediate, root } = createPki();
const chain = [server.pem, intermediate.pem, root.pem].map((pem) => decodePemBlock(pem, 'CERTIFICATE'));
const inPkcs12 = (passphrase: string, friendlyName: string) =>
  encodePkcs12({ privateKey: serverKey, certificates: chain, passphrase, friendlyName });
const oursInAscii = inPkcs12(ASCII_PASSPHRASE, 'server');
const skipWithoutSsh = skipWithout('ssh-keygen', 'openssh-client');

test('writes files that openssl reads, with only modern algorithms', { skip: skipWithoutOpenssl }, () => {
  const args = ['pkcs12', '-in', 'in.p12', '-passin', `pass:${PASSPHRASE}`, '-nodes', '-info'];
  const text = openssl(args, { 'in.p12': inPkcs12(PASSPHRASE, 'Sérver 1') });
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
  const { privateKey, certificates } = readPkcs12(theirs, ASCII_PASSPHRASE);
  assert.ok(privateKey?.equals(serverKey));
  assert.deepEqual(certificates.map(Buffer.from), chain.slice(0, 1));
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

test('writes encrypted keys that openssl reads', { skip: skipWithoutOpenssl }, () => {
  const key = generatePrivateKey('P-256');
  const files = { 'key.pem': encryptPrivateKey(key, 'pass phrase') };
  assert.equal(
    openssl(['pkey', '-in', 'key.pem', '-passin', 'pass:pass phrase'], files),
    encodePrivateKey(key),
  );
});

for (const [type, options] of [
  ['RSA', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
  ['RSA', ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8']],
  ['EC', ['-t', 'ecdsa', '-b', '256', '-m', 'PEM']],
] as const) {
  test(`reads keys of ssh-keygen with ${options.join(' ')}, encrypted or not`, {
    skip: skipWithoutSsh,
  }, () => {
    for (const passphrase of ['', 'p4ssphrase']) {
      const args = ['-q', '-f', 'key', '-N', passphrase, ...options];
      const pem = runProgram('ssh-keygen', { args, output: 'key' }).toString();
      assert.equal(readPrivateKey(pem, passphrase).asymmetricKeyType, type.toLowerCase());
      if (passphrase !== '')
        assertRefused(() => readPrivateKey(pem, 'p4ssphrasf'), 'passphrase_wrong', /^(?!.*p4ssphrasf)/);
    }
  });
}

for (const [type, options] of [
  ['RSA-2048', ['-t', 'rsa', '-b', '2048']],
  ['P-256', ['-t', 'ecdsa', '-b', '256']],
  ['P-384', ['-t', 'ecdsa', '-b', '384']],
  ['P-521', ['-t', 'ecdsa', '-b', '521']],
  ['Ed25519', ['-t', 'ed25519']],
] as const) {
  test(`reads the ${type} keys that ssh-keygen makes, and their public lines`, {
    skip: skipWithoutSsh,
  }, () => {
    const args = ['-q', '-f', 'key', '-N', '', '-C', 'alice@example.com', ...options];
    const pem = runProgram('ssh-keygen', { args, output: 'key' });
    const key = readPrivateKey(pem);
    assert.equal(publicKeyType(key), type);
    const line = runProgram('ssh-keygen', { args: ['-y', '-f', 'key'], files: { key: pem } });
    for (const input of [line, line.toString(), `${line.toString().trimEnd()}\r\n`]) {
      assert.ok(readPublicKey(input).equals(createPublicKey(key)));
    }
  });
}

test('names the command to run on a copy of an encrypted key, and says that Ed25519 has no PEM form', {
  skip: skipWithoutSsh,
}, () => {
  const make = (type: string) => {
    const args = ['-q', '-f', 'key', '-N', 'p4ssphrase', '-t', type];
    return runProgram('ssh-keygen', { args, output: 'key' });
  };
  const [ecdsa, edwards] = [make('ecdsa'), make('ed25519')];
  const advice = /cp FILE FILE\.copy && ssh-keygen -p -m PEM -f FILE\.copy$/;
  assertRefused(() => readPrivateKey(ecdsa, 'p4ssphrase'), 'key_unsupported', advice);
  const plain = /no PEM form for Ed25519.*cp FILE FILE\.copy && ssh-keygen -p -N '' -f FILE\.copy$/;
  assertRefused(() => readPrivateKey(edwards, 'p4ssphrase'), 'key_unsupported', plain);
  const convert = (pem: Buffer, options: string[]) =>
    runProgram('ssh-keygen', {
      args: ['-q', '-p', '-P', 'p4ssphrase', ...options, '-f', 'key.copy'],
      files: { 'key.copy': pem },
      output: 'key.copy',
    });
  const converted = convert(ecdsa, ['-N', 'p4ssphrase', '-m', 'PEM']);
  assert.equal(publicKeyType(readPrivateKey(converted, 'p4ssphrase')), 'P-256');
  assert.equal(publicKeyType(readPrivateKey(convert(edwards, ['-N', '']))), 'Ed25519');
});
