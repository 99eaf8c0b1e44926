// Backups for recipients: age's own program opens what we encrypt, and we open what it encrypts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createHeader } from '../../src/backup/age-header.ts';
import { passphraseIdentity, passphraseRecipient } from '../../src/backup/age-scrypt.ts';
import { keyIdentity, parseRecipient } from '../../src/backup/age-x25519.ts';
import { decodeBech32, encodeBech32 } from '../../src/backup/bech32.ts';
import { decrypt, encrypt, knownKey } from '../../src/backup/encryption.ts';
import { refusal } from '../support/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Made by age-keygen 1.1.1.
const ALICE = pair('AGE-SECRET-KEY-1ERQS3M4C3DPY4PLD0RMSXQLPTVWLAA93NJEA58P8AKPL9AQJ65VSP6YQZX');
const BOB = pair(encodeBech32(Buffer.alloc(32, 7), 'age-secret-key-').toUpperCase());
const age = {
  skip: spawnSync('age', ['--version']).status === 0 ? false : 'needs age (apt-get install age)',
};

function pair(secret: string): { secret: string; recipient: string } {
  const { stdout } = spawnSync('age-keygen', ['-y'], { input: secret, encoding: 'utf8' });
  return { secret, recipient: (stdout ?? '').trim() };
}

async function* content(text = 'the content'): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

async function* octets(file: Uint8Array): AsyncGenerator<Uint8Array> {
  yield file;
}

const all = async (source: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(source));
const sealed = async (...recipients: string[]) =>
  all(encrypt(content(), await createHeader(recipients.map(parseRecipient))));
const opened = async (file: Uint8Array, ...secrets: string[]) =>
  String(await all(decrypt(octets(file), keyIdentity(secrets))));

test('age opens a file for several recipients with the key of any of them', age, async (t) => {
  const file = await sealed(ALICE.recipient, BOB.recipient);
  for (const { secret } of [ALICE, BOB]) {
    const key = join(temporaryFolder(t), 'key.txt');
    writeFileSync(key, `${secret}\n`);
    const { stdout, stderr } = spawnSync('age', ['--decrypt', '--identity', key], { input: file });
    assert.equal(String(stdout), 'the content', String(stderr));
    assert.equal(await opened(file, secret), 'the content');
  }
});

test('opens what age encrypted, for one of its recipients', age, async () => {
  const args = ['--recipient', BOB.recipient, '--recipient', ALICE.recipient];
  const { stdout } = spawnSync('age', args, { input: 'from age' });
  assert.equal(await opened(stdout, ALICE.secret), 'from age');
});

test('is read back without a secret key', age, async () => {
  const header = await createHeader([parseRecipient(ALICE.recipient)]);
  const file = await all(encrypt(content(), header));
  assert.equal(String(await all(decrypt(octets(file), knownKey(header)))), 'the content');
});

test('refuses other keys, and a passphrase for a file without one, and says what to give', age, async () => {
  const file = await sealed(ALICE.recipient);
  await assert.rejects(
    opened(file, BOB.secret),
    refusal('backup_unreadable', /not encrypted to any of these keys/),
  );
  await assert.rejects(
    all(decrypt(octets(file), passphraseIdentity('x'))),
    refusal('backup_unreadable', /give --identity-file/),
  );
  const other = await all(encrypt(content(), await createHeader([passphraseRecipient('x', 1)])));
  await assert.rejects(opened(other, ALICE.secret), refusal('backup_unreadable', /give --passphrase-file/));
});

test('refuses a file of which any octet of the header was changed', age, async () => {
  const file = await sealed(ALICE.recipient);
  const end = file.indexOf('\n', file.indexOf('\n---') + 1);
  for (let at = 0; at <= end; at += 1) {
    const altered = Buffer.from(file);
    altered[at] = (altered[at] ?? 0) ^ 1;
    await assert.rejects(opened(altered, ALICE.secret), refusal('backup_unreadable'), `octet ${at}`);
  }
});

test('refuses a text that is no recipient, and never quotes a secret key', () => {
  const flawed = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnuj';
  assert.throws(() => parseRecipient(flawed), refusal('backup_key_invalid', new RegExp(flawed)));
  assert.throws(() => parseRecipient('ssh-ed25519 AAAA'), refusal('backup_key_invalid'));
  assert.throws(
    () => parseRecipient(ALICE.secret),
    (error: Error) => !error.message.includes(ALICE.secret),
  );
  assert.throws(() => keyIdentity(['AGE-SECRET-KEY-1QQQ']), refusal('backup_key_invalid', /age-keygen/));
});

test('reads Bech32 as in BIP 173: one case, a checksum, no unused bits', () => {
  for (let length = 0; length < 40; length += 1) {
    const given = Buffer.alloc(length, 0xa5);
    assert.deepEqual(decodeBech32(encodeBech32(given, 'age'), 'age'), given);
    assert.deepEqual(decodeBech32(encodeBech32(given, 'age').toUpperCase(), 'age'), given);
  }
  const text = encodeBech32(Buffer.alloc(32, 1), 'age');
  assert.equal(decodeBech32(text.replace('a', 'A'), 'age'), undefined);
  assert.equal(decodeBech32(text, 'agf'), undefined);
  for (let at = 4; at < text.length; at += 1) {
    const other = text[at] === 'q' ? 'p' : 'q';
    assert.equal(decodeBech32(text.slice(0, at) + other + text.slice(at + 1), 'age'), undefined);
  }
});
