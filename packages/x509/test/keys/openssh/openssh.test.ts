// Private and public keys in OpenSSH's own format. The tests of the system have ssh-keygen.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { X509ErrorCode } from '../../../src/errors.ts';
import { generatePrivateKey } from '../../../src/keys/private-key.ts';
import { readPrivateKey } from '../../../src/keys/read-private-key.ts';
import { readPublicKey } from '../../../src/keys/read-public-key.ts';
import { encodePem } from '../../../src/read/pem.ts';
import { assertRefused } from '../../support/assert-refused.ts';
import {
  type OpensshChanges,
  opensshPrivateKey,
  opensshPublicBlob,
  opensshPublicLine,
  sshString,
} from '../../support/openssh.ts';

const [p256, ed25519, rsa] = [
  generatePrivateKey('P-256'),
  generatePrivateKey('Ed25519'),
  generatePrivateKey('RSA-2048'),
];
const other = generatePrivateKey('P-256');
const read = (key: typeof p256, changes?: OpensshChanges) =>
  readPrivateKey(encodePem('OPENSSH PRIVATE KEY', opensshPrivateKey(key, changes)));

test('reads back keys of every type, also numbers with leading zeros (RFC 4251 §5)', () => {
  const curves = ['P-256', 'P-384'].flatMap((namedCurve) =>
    Array.from({ length: 20 }, () => generateKeyPairSync('ec', { namedCurve }).privateKey),
  );
  for (const key of [...curves, ed25519, rsa]) {
    assert.ok(read(key).equals(key));
    assert.ok(readPublicKey(opensshPublicLine(key)).equals(createPublicKey(key)));
  }
});

test('refuses private parts that do not match the public part', () => {
  assertRefused(() => read(p256, { publicBlob: opensshPublicBlob(other) }), 'key_invalid');
  assertRefused(() => read(ed25519, { publicBlob: opensshPublicBlob(p256) }), 'key_invalid');
});

test('refuses different check numbers, wrong padding, several keys, and a passphrase that is not used', () => {
  const cases: [OpensshChanges, X509ErrorCode][] = [
    [{ checks: [1, 2] }, 'key_invalid'],
    [{ padding: Buffer.of(1) }, 'key_invalid'],
    [{ padding: Buffer.alloc(8) }, 'key_invalid'],
    [{ kdf: 'bcrypt' }, 'key_invalid'],
    [{ cipher: 'aes256-ctr', kdf: 'bcrypt' }, 'key_unsupported'],
    [{ count: 0 }, 'key_unsupported'],
    [{ count: 2 }, 'key_unsupported'],
    [{ privateFields: [sshString('ssh-dss')] }, 'key_unsupported'],
    [{ privateFields: [sshString('sk-ssh-ed25519@openssh.com')] }, 'key_unsupported'],
    [{ publicBlob: sshString('ssh-dss') }, 'key_unsupported'],
    [{ publicBlob: Buffer.of(0, 0, 0, 9) }, 'key_invalid'],
  ];
  for (const [changes, code] of cases) assertRefused(() => read(ed25519, changes), code);
  const octets = opensshPrivateKey(ed25519);
  for (const each of [octets.subarray(0, -1), Buffer.concat([octets, Buffer.of(0)]), octets.subarray(1)]) {
    assertRefused(() => readPrivateKey(encodePem('OPENSSH PRIVATE KEY', each)), 'key_invalid');
  }
});

test('refuses large RSA numbers before it computes with them', () => {
  const huge = sshString(Buffer.concat([Buffer.of(1), Buffer.alloc(100_000)]));
  const privateFields = [sshString('ssh-rsa'), huge, ...Array.from({ length: 5 }, () => huge)];
  const start = performance.now();
  assertRefused(() => read(rsa, { privateFields }), 'key_invalid');
  assert.ok(performance.now() - start < 2000);
});

test('refuses public lines with a wrong type, types that no certificate has, and two different keys', () => {
  const [line, base64] = [opensshPublicLine(p256), opensshPublicBlob(p256).toString('base64')];
  assertRefused(() => readPublicKey(`ssh-ed25519 ${base64}`), 'key_invalid');
  assertRefused(() => readPublicKey(`ecdsa-sha2-nistp256 ${base64.slice(0, -4)}`), 'key_invalid');
  assertRefused(() => readPublicKey(`ecdsa-sha2-nistp256 ${base64}A`), 'key_invalid');
  const dss = sshString('ssh-dss').toString('base64');
  assertRefused(() => readPublicKey(`ssh-dss ${dss}`), 'key_unsupported', /ssh-dss/);
  const token = sshString('sk-ssh-ed25519@openssh.com').toString('base64');
  assertRefused(
    () => readPublicKey(`sk-ssh-ed25519@openssh.com ${token}`),
    'key_unsupported',
    /security token/,
  );
  assertRefused(() => readPublicKey(line + opensshPublicLine(other)), 'pem_invalid');
  assertRefused(() => readPublicKey(`${line}something else\n`), 'pem_invalid');
  assertRefused(() => readPublicKey('ssh-rsa'), 'pem_invalid');
});

test('reads public files with a byte order mark, comments, blank lines, and the same key twice', () => {
  const line = opensshPublicLine(p256);
  for (const text of [`\uFEFF${line}`, `# mine\n\n${line}`, `${line}\r\n# end`, line + line]) {
    for (const input of [text, Buffer.from(text)]) {
      assert.ok(readPublicKey(input).equals(createPublicKey(p256)));
    }
  }
});

test('reads numbers with leading zeros, as OpenSSH does, and refuses negative ones', () => {
  const { n = '', e = '' } = rsa.export({ format: 'jwk' });
  const number = (text: string, zeros: number) =>
    sshString(Buffer.concat([Buffer.alloc(zeros), Buffer.from(text, 'base64url')]));
  const line = (zeros: number) =>
    `ssh-rsa ${Buffer.concat([sshString('ssh-rsa'), number(e, zeros), number(n, zeros)]).toString('base64')}`;
  for (const zeros of [1, 2, 5]) assert.ok(readPublicKey(line(zeros)).equals(createPublicKey(rsa)));
  assertRefused(() => readPublicKey(line(0)), 'key_invalid');
});
