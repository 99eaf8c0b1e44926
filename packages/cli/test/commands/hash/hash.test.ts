// gatehouse hash and hmac: the lines of coreutils and OpenSSL, in both directions.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

/** The programs of coreutils, and the algorithm of each. */
const PROGRAMS = {
  sha224sum: 'sha224',
  sha256sum: 'sha256',
  sha384sum: 'sha384',
  sha512sum: 'sha512',
  b2sum: 'blake2b512',
};
const NAMES = ['plain', 'with space', 'back\\slash', 'line\nfeed', 'carriage\rreturn', 'ü'];
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

const skip = spawnSync('sha256sum', ['--version']).status === 0 ? false : 'needs sha256sum of GNU coreutils';
const withoutOpenssl = spawnSync('openssl', ['version']).status === 0 ? false : 'needs openssl';

function filesIn(t: TestContext): { folder: string; files: string[] } {
  const folder = temporaryFolder(t);
  const files = NAMES.map((name) => join(folder, name));
  for (const file of files) writeFileSync(file, `content of ${file}\n`);
  return { folder, files };
}

test('prints the same lines as coreutils, also for names with special characters', { skip }, async (t) => {
  const { files } = filesIn(t);
  for (const [program, algorithm] of Object.entries(PROGRAMS)) {
    const { stdout, stderr, status } = await gatehouse(['hash', '--algorithm', algorithm, ...files]);
    assert.equal(stdout, execFileSync(program, files, { encoding: 'utf8' }));
    assert.deepEqual([stderr, status], ['', 0]);
  }
});

test('coreutils checks our sums, and we check its sums and those in the form of BSD', { skip }, async (t) => {
  const { folder, files } = filesIn(t);
  const sums = join(folder, 'sums');
  for (const [program, algorithm] of Object.entries(PROGRAMS)) {
    writeFileSync(sums, (await gatehouse(['hash', '--algorithm', algorithm, ...files])).stdout);
    const theirs = spawnSync(program, ['--check', sums], { encoding: 'utf8' });
    const ours = await gatehouse(['hash', '--algorithm', algorithm, '--check', sums]);
    assert.deepEqual([ours.stdout, ours.status], [theirs.stdout, 0]);
    for (const option of ['--binary', '--tag']) {
      writeFileSync(sums, execFileSync(program, [option, ...files]));
      const outcome = await gatehouse(['hash', '--algorithm', algorithm, '--check', sums]);
      assert.deepEqual([outcome.stdout, outcome.status], [theirs.stdout, 0], `${program} ${option}`);
    }
  }
});

test('--check exits with 1 and names each file that differs or is missing, as sha256sum does', {
  skip,
}, async (t) => {
  const { folder, files } = filesIn(t);
  const sums = join(folder, 'sums');
  const missing = `${ABC}  ${join(folder, 'none')}\nno sum\n`;
  writeFileSync(sums, execFileSync('sha256sum', files) + missing);
  for (const file of files.slice(2, 4)) writeFileSync(file, 'changed');
  const theirs = spawnSync('sha256sum', ['--check', sums], { encoding: 'utf8' });
  const { stdout, stderr, status } = await gatehouse(['hash', '--check', sums]);
  assert.deepEqual([stdout, status], [theirs.stdout, 1]);
  assert.equal(theirs.status, 1);
  const warnings = stderr.replaceAll('gatehouse: warning: ', '').trim().split('\n');
  assert.deepEqual(warnings, [
    '1 line is not a sum',
    '1 file could not be read',
    '2 files do not have their sums',
  ]);
});

test('md5 checks old sums and makes no new ones', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'old'), 'abc');
  const sums = `900150983cd24fb0d6963f7d28e17f72  ${join(folder, 'old')}\n`;
  const checked = await gatehouse(['hash', '--algorithm', 'md5', '--check', '-'], { stdin: sums });
  assert.deepEqual(checked, { status: 0, stdout: `${join(folder, 'old')}: OK\n`, stderr: '' });
  const made = await gatehouse(['hash', '--algorithm', 'md5', join(folder, 'old')]);
  assert.equal(made.status, 2);
  assert.match(made.stderr, /md5 is only for --check/);
});

test('reads standard input, and continues after a file that cannot be read', async (t) => {
  const missing = join(temporaryFolder(t), 'none');
  assert.equal((await gatehouse(['hash'], { stdin: 'abc' })).stdout, `${ABC}  -\n`);
  const { status, stdout, stderr } = await gatehouse(['hash', missing, '-'], { stdin: 'abc' });
  assert.deepEqual([status, stdout], [1, `${ABC}  -\n`]);
  assert.equal(stderr, `gatehouse: cannot read ${missing}: there is no such file\n`);
  const { stdout: json } = await gatehouse(['hash', '--json', '-'], { stdin: 'abc' });
  assert.deepEqual(JSON.parse(json), [{ file: '-', algorithm: 'sha256', sum: ABC }]);
});

test('refuses a file without a sum of this algorithm', async (t) => {
  const sums = join(temporaryFolder(t), 'sums');
  writeFileSync(sums, `${ABC}  file\n`);
  const { status, stderr } = await gatehouse(['hash', '--algorithm', 'sha512', '--check', sums]);
  assert.equal(status, 1);
  assert.match(stderr, /has no sum of sha512/);
});

test('hmac prints the same as OpenSSL, and checks it', { skip: withoutOpenssl }, async (t) => {
  const folder = temporaryFolder(t);
  const [key, file, codes] = ['key', 'message', 'codes'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(key, Buffer.from('s3cret'), { mode: 0o600 });
  writeFileSync(file, 'a message\n');
  for (const algorithm of ['sha224', 'sha256', 'sha384', 'sha512', 'sha3-256', 'blake2b512', 'blake2s256']) {
    const openssl = execFileSync('openssl', ['dgst', `-${algorithm}`, '-hmac', 's3cret', file]).toString();
    const options = ['hmac', '--algorithm', algorithm, '--key-file', key];
    const { stdout } = await gatehouse([...options, file]);
    assert.equal(stdout, `${openssl.trim().split('= ')[1]}  ${file}\n`, algorithm);
    writeFileSync(codes, stdout);
    assert.equal((await gatehouse([...options, '--check', codes])).stdout, `${file}: OK\n`);
  }
  writeFileSync(key, 'other');
  const wrong = await gatehouse(['hmac', '--algorithm', 'blake2s256', '--key-file', key, '--check', codes]);
  assert.deepEqual([wrong.status, wrong.stdout], [1, `${file}: FAILED\n`]);
});

test('uses all octets of the key file as the key, and warns about a line end', async (t) => {
  const key = join(temporaryFolder(t), 'key');
  writeFileSync(key, 'Jefe\n', { mode: 0o600 });
  const { stdout, stderr } = await gatehouse(['hmac', '--key-file', key], { stdin: 'x' });
  assert.match(stdout, /^[0-9a-f]{64} {2}-\n$/);
  assert.match(stderr, /ends with a line end, which is a part of the key/);
  writeFileSync(key, '');
  assert.equal((await gatehouse(['hmac', '--key-file', key], { stdin: 'x' })).status, 1);
  writeFileSync(key, 'k');
  assert.equal(
    (await gatehouse(['hmac', '--algorithm', 'md5', '--key-file', key], { stdin: 'x' })).status,
    2,
  );
});
