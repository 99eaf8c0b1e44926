// Backups are age files (c2sp.org/age): only their passphrase opens them, and no octet can be changed, added
// or removed unnoticed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHeader } from '../../src/backup/age-header.ts';
import { CHUNK_BYTES } from '../../src/backup/age-payload.ts';
import { passphraseIdentity, passphraseRecipient } from '../../src/backup/age-scrypt.ts';
import { decrypt as decryptWith, encrypt as encryptWith } from '../../src/backup/encryption.ts';
import { refusal } from '../support/errors.ts';

const PASSPHRASE = 'correct horse battery staple';
/** A low work factor, so that the test can try thousands of files. */
const WORK_FACTOR = 1;

async function* parts(octets: Buffer, size = octets.length || 1): AsyncGenerator<Buffer> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}

async function* encrypt(source: AsyncIterable<Uint8Array>, passphrase: string, workFactor: number) {
  yield* encryptWith(source, await createHeader([passphraseRecipient(passphrase, workFactor)]));
}

const decrypt = (source: AsyncIterable<Uint8Array>, passphrase: string) =>
  decryptWith(source, passphraseIdentity(passphrase));

const join = async (source: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(source));
const sealed = (content: Buffer, passphrase = PASSPHRASE) =>
  join(encrypt(parts(content), passphrase, WORK_FACTOR));
const opened = (file: Buffer, passphrase = PASSPHRASE) => join(decrypt(parts(file), passphrase));

test('decrypts what it has encrypted, for all sizes of the content and of its pieces', async () => {
  const sizes = fc.oneof(
    fc.nat({ max: 300 }),
    fc
      .constantFrom(CHUNK_BYTES, 2 * CHUNK_BYTES)
      .chain((size) => fc.integer({ min: size - 2, max: size + 2 })),
  );
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.integer({ min: 50, max: 100_000 }),
      fc.string({ minLength: 1 }),
      async (...given) => {
        const [size, piece, passphrase] = given;
        const content = Buffer.alloc(size, 'content');
        const file = await join(encrypt(parts(content, piece), passphrase, WORK_FACTOR));
        assert.deepEqual(await join(decrypt(parts(file, piece), passphrase)), content);
      },
    ),
    { numRuns: 60 },
  );
});

test('two files with the same content have only their form in common', async () => {
  const [one, other] = [await sealed(Buffer.from('same')), await sealed(Buffer.from('same'))];
  const header = Buffer.from('age-encryption.org/v1\n-> scrypt ');
  assert.deepEqual(one.subarray(0, header.length), header);
  assert.notDeepEqual(
    one.subarray(header.length, header.length + 22),
    other.subarray(header.length, header.length + 22),
  );
  assert.notDeepEqual(one.subarray(-20), other.subarray(-20));
});

test('opens a file that another implementation made (typage 0.3.1)', async () => {
  const file = Buffer.from(
    'YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCAxQXIybS9ZUUpKU2psLy9LcnVGSHpnIDQKMnZDclF3aitRY1BVaGNIZGpObnYzNjZj' +
      'ODRvYm44a0ZUN05iTGtQMGYzSQotLS0geTg2SWZuU0RNWmt5cm4vSDJ5aTN4NHlQbloySFpFcWE0dnR1bU1WTUc3TQqPRgB+iQ6mU61hoaUx' +
      'bmdo4NzU9qkJ3gQ4ZaziwFLHVI+iO6VxepF6wHZkQmol',
    'base64',
  );
  assert.equal((await opened(file, 'pässphrase of a test')).toString(), 'made by typage');
});

test('refuses another passphrase', async () => {
  const file = await sealed(Buffer.from('content'));
  for (const wrong of ['', 'Correct horse battery staple', `${PASSPHRASE} `])
    await assert.rejects(
      opened(file, wrong),
      refusal('backup_unreadable', /cannot be decrypted with this passphrase/),
    );
});

test('refuses a file that ends early, at every octet', async () => {
  const file = await sealed(Buffer.from('some content'));
  for (let length = 0; length < file.length; length += 1)
    await assert.rejects(opened(file.subarray(0, length)), refusal('backup_unreadable', /./), `of ${length}`);
});

test('refuses a file in which any octet was changed', async () => {
  const file = await sealed(Buffer.from('some content'));
  for (let at = 0; at < file.length; at += 1) {
    for (const mask of [0x01, 0x20, 0x80]) {
      const altered = Buffer.from(file);
      altered[at] = (altered[at] ?? 0) ^ mask;
      await assert.rejects(opened(altered), refusal('backup_unreadable', /./), `${at} ^ ${mask}`);
    }
  }
});

test('refuses a file to which octets were added, and one without a chunk or with two exchanged', async () => {
  const file = await sealed(Buffer.alloc(3 * CHUNK_BYTES, 1));
  const begin = file.length - 3 * (CHUNK_BYTES + 16);
  const chunk = (index: number) =>
    file.subarray(begin + index * (CHUNK_BYTES + 16), begin + (index + 1) * (CHUNK_BYTES + 16));
  const head = file.subarray(0, begin);
  const variants = {
    added: [file, Buffer.from([0])],
    'without the last': [head, chunk(0), chunk(1)],
    'without the first': [head, chunk(1), chunk(2)],
    exchanged: [head, chunk(1), chunk(0), chunk(2)],
    repeated: [head, chunk(0), chunk(0), chunk(1), chunk(2)],
  };
  for (const [name, pieces] of Object.entries(variants))
    await assert.rejects(
      opened(Buffer.concat(pieces)),
      refusal('backup_unreadable', /altered or truncated/),
      name,
    );
});

test('refuses a work factor that would take too much memory, before it takes any', async () => {
  const file = await sealed(Buffer.from('content'));
  const text = file.toString('latin1').replace(/^(-> scrypt \S+) 1$/m, '$1 99');
  await assert.rejects(
    opened(Buffer.from(text, 'latin1')),
    refusal('backup_unreadable', /work factor 99.*too much memory/),
  );
});

test('refuses a file that is no age file, and one for other recipients', async () => {
  await assert.rejects(opened(Buffer.from('PK\x03\x04')), refusal('backup_unreadable', /is not a backup/));
  const share = 'TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc';
  const other = `age-encryption.org/v1\n-> X25519 ${share}\n${share}\n--- ${share}\n`;
  await assert.rejects(
    opened(Buffer.from(other)),
    refusal('backup_unreadable', /to recipients, not with a passphrase/),
  );
});
