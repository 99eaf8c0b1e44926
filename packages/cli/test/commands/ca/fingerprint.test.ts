// gatehouse ca fingerprint: from a file, from the data folder, from the server.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCertificate } from '@gatehouse/x509';
import { encodeQR } from 'qr';
import { decodeQR } from 'qr/decode.js';
import { fingerprintOf } from '../../../src/commands/ca/fingerprint-forms.ts';
import { temporaryFolder } from '../../fake-admin.ts';
import { makeRoot } from '../../fake-authority.ts';
import { gatehouse } from '../../fake-process.ts';

const root = makeRoot();
const expected = fingerprintOf(readCertificate(root));

test('prints fingerprint, pin, digits and QR code of the data folder’s root', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'root.pem'), root);
  const { status, stdout } = await gatehouse(['ca', 'fingerprint', '--data', folder]);
  assert.equal(status, 0);
  for (const text of [expected.sha256, expected.pin, expected.digits, expected.uri]) {
    assert.ok(stdout.includes(text), text);
  }
  assert.doesNotMatch(stdout, / IN /);
});

test('writes DNS records for the gateway that runs on the data folder, or for --name', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'root.pem'), root);
  const recordsOf = async (gateway: string, ...options: string[]) => {
    writeFileSync(join(folder, 'control.json'), JSON.stringify({ gateway }));
    const { status, stdout, stderr } = await gatehouse(['ca', 'fingerprint', '--data', folder, ...options]);
    assert.equal(status, 0, stderr);
    return stdout.split('\n').filter((line) => line.includes(' IN '));
  };
  const digest = expected.spkiSha256;
  const [first, full, caa] = await recordsOf('https://api.example.com:18443');
  assert.equal(first, `_18443._tcp.api.example.com. IN TLSA 2 1 1 ${digest}`);
  assert.match(full ?? '', / TLSA 2 1 0 /);
  assert.equal(caa, 'api.example.com. IN CAA 0 issue ";"');
  const local = await recordsOf('https://localhost');
  assert.deepEqual([local.length, local[0]], [2, `_443._tcp.localhost. IN TLSA 2 1 1 ${digest}`]);
  for (const address of ['https://127.0.0.1:8443', 'https://[::1]:8443']) {
    assert.deepEqual(await recordsOf(address), []);
  }
  const named = await recordsOf('https://127.0.0.1:8443', '--name', 'a.example:1');
  assert.equal(named[0], `_1._tcp.a.example. IN TLSA 2 1 1 ${digest}`);
});

test('the QR code holds the URI, at error correction level M', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'root.pem'), root);
  const { stdout } = await gatehouse(['ca', 'fingerprint', '--data', folder]);
  const lines = stdout.split('\n').filter((line) => /^[█▀▄ ]{20,}$/.test(line));
  assert.equal(lines.join('\n'), encodeQR(expected.uri, 'ascii', { ecc: 'medium', border: 4 }).trimEnd());
  assert.equal(decodeQR(pictureOf(lines)), expected.uri);
});

test('--json prints one document with every root of a bundle', async (t) => {
  const file = join(temporaryFolder(t), 'roots.pem');
  writeFileSync(file, root + makeRoot());
  const args = ['ca', 'fingerprint', file, '--name', 'a.example:1', '--name', 'a.example:2', '--json'];
  const { stdout, stderr } = await gatehouse(args);
  const { roots, tlsa, caa } = JSON.parse(stdout);
  assert.equal(stderr, '');
  assert.deepEqual(roots[0], expected);
  assert.deepEqual([roots.length, tlsa.length, caa.length], [2, 8, 1]);
});

test('reports the file without a certificate, and refuses names without a port', async (t) => {
  const folder = temporaryFolder(t);
  const missing = await gatehouse(['ca', 'fingerprint', '--data', folder]);
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /^gatehouse: cannot read .*root\.pem: there is no such file\n$/);
  writeFileSync(join(folder, 'root.pem'), 'nonsense');
  assert.equal((await gatehouse(['ca', 'fingerprint', '--data', folder])).status, 1);
  assert.equal((await gatehouse(['ca', 'fingerprint', '--name', 'localhost'])).status, 2);
});

/** Half blocks as pixels, four a module. */
function pictureOf(lines: readonly string[]): { width: number; height: number; data: Uint8ClampedArray } {
  const scale = 4;
  const rows = lines.flatMap((line) => [
    [...line].map((block) => block === '█' || block === '▀'),
    [...line].map((block) => block === '█' || block === '▄'),
  ]);
  const pixels = rows.flatMap((row) => {
    const wide = row.flatMap((light) => new Array<boolean>(scale).fill(light));
    return new Array<boolean[]>(scale).fill(wide);
  });
  const width = (rows[0]?.length ?? 0) * scale;
  const data = pixels.flat().flatMap((light) => (light ? [255, 255, 255, 255] : [0, 0, 0, 255]));
  return { width, height: pixels.length, data: Uint8ClampedArray.from(data) };
}
