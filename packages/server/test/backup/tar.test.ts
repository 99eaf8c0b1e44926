// The archive inside a backup is an ordinary tar file, and is read strictly.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { readTar, tarEnd, tarFile } from '../../src/backup/tar.ts';
import { refusal } from '../support/errors.ts';

const TIME = Date.UTC(2026, 0, 2);

async function* archive(files: Record<string, Buffer>): AsyncGenerator<Uint8Array> {
  for (const [name, content] of Object.entries(files))
    yield* tarFile({ name, size: content.length, modifiedAt: TIME }, [content]);
  yield tarEnd();
}

async function* once(octets: Buffer): AsyncGenerator<Buffer> {
  yield octets;
}

async function read(octets: AsyncIterable<Uint8Array>): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  for await (const { name, content } of readTar(octets))
    files[name] = Buffer.concat(await Array.fromAsync(content));
  return files;
}

const written = async (files: Record<string, Buffer>) => Buffer.concat(await Array.fromAsync(archive(files)));

test('files of any size come back', async () => {
  const name = fc.stringMatching(/^[a-z0-9-]{1,20}(\.[a-z]{1,4})?$/);
  const content = fc.uint8Array({ maxLength: 1200 }).map((octets) => Buffer.from(octets));
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, content, { maxKeys: 4, noNullPrototype: true }), async (files) => {
      assert.deepEqual(await read(archive(files)), files);
    }),
  );
});

test('the program tar reads it', async () => {
  const octets = await written({
    'a.txt': Buffer.from('hello'),
    empty: Buffer.alloc(0),
    big: Buffer.alloc(5000),
  });
  const { stdout, stderr, status } = spawnSync('tar', ['-tvf', '-'], { input: octets, encoding: 'utf8' });
  assert.deepEqual({ stderr, status }, { stderr: '', status: 0 });
  assert.match(stdout, /^-rw------- 0\/0 +5 \S+ \S+ a\.txt\n-rw------- 0\/0 +0 .* empty\n.* 5000 .* big\n$/);
});

test('a file of more than 8 GiB has its size in binary, which tar reads too', async () => {
  const size = 9 * 1024 ** 3;
  const first = await tarFile({ name: 'big', size, modifiedAt: TIME }, []).next();
  const header = Buffer.from(first.value as Uint8Array);
  const { stdout } = spawnSync('tar', ['-tvf', '-'], { input: header, encoding: 'utf8' });
  assert.match(stdout, new RegExp(` ${size} `));
  const { value } = await readTar(once(header)).next();
  assert.equal(value?.size, size);
});

test('refuses to write a file that is shorter or longer than given', async () => {
  for (const size of [4, 6])
    await assert.rejects(
      Array.fromAsync(tarFile({ name: 'a', size, modifiedAt: TIME }, [Buffer.from('hello')])),
      /a has 5 octets/,
    );
});

test('refuses an archive that ends early, at every octet, and one that continues', async () => {
  const octets = await written({ a: Buffer.from('hello') });
  for (let length = 0; length < octets.length; length += 1)
    await assert.rejects(read(once(octets.subarray(0, length))), refusal('backup_unreadable', /truncated/));
  await assert.rejects(
    read(once(Buffer.concat([octets, Buffer.alloc(1)]))),
    refusal('backup_unreadable', /altered/),
  );
});

test('refuses paths, links and headers with a wrong sum', async () => {
  for (const name of ['../a', '/etc/passwd', 'a/b', '..', '.hidden', 'A', ''])
    await assert.rejects(
      read(archive({ [name]: Buffer.from('x') })),
      refusal('backup_unreadable', /another program/),
    );
  const link = await written({ a: Buffer.alloc(0) });
  link.write('2', 156);
  await assert.rejects(read(once(link)), refusal('backup_unreadable', /another program/));
});
