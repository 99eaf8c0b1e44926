// gatehouse pki crl and p12: lists that continue earlier ones, and PKCS#12 in both directions.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { readCertificate, readCertificates, readRevocationList } from '@gatehouse/x509';
import { createFurnishedDesk, type Desk } from '../../desk.ts';

const CRL = ['crl', '--ca', '@ca.pem', '--ca-key', '@ca.key'];

test('crl revokes by certificate and by serial number, and continues a list (RFC 5280 §5.2.3)', async (t) => {
  const desk = await createSignedDesk(t);
  await desk.done(...CRL, '--revoke', '@server.pem', '--reason', 'superseded', '--out', '@1.crl');
  await desk.done(...CRL, '--previous', '@1.crl', '--revoke', '00:0A:0b:0C', '--out', '@2.crl');
  const [first, second] = ['1.crl', '2.crl'].map((name) => readRevocationList(desk.text(name)));
  const { serialNumber } = readCertificate(desk.text('server.pem'));
  assert.deepEqual([...(first?.revoked.keys() ?? [])], [serialNumber]);
  assert.deepEqual([...(second?.revoked.keys() ?? [])], [serialNumber, '0a0b0c']);
  assert.deepEqual(second?.revoked.get(serialNumber), first?.revoked.get(serialNumber));
  assert.equal(second?.revoked.get(serialNumber)?.reason, 'superseded');
  assert.ok((second?.number ?? 0n) > (first?.number ?? 0n));
});

test('crl --previous may be --out itself, with --force', async (t) => {
  const desk = await createSignedDesk(t);
  await desk.done(...CRL, '--out', '@crl');
  assert.match(await desk.refused(1, ...CRL, '--previous', '@crl', '--out', '@crl'), /already exists/);
  await desk.done(...CRL, '--previous', '@crl', '--revoke', '@server.pem', '--out', '@crl', '--force');
  assert.equal(readRevocationList(desk.text('crl')).revoked.size, 1);
});

test('crl is valid for a week without --lifetime', async (t) => {
  const desk = await createSignedDesk(t);
  const daysOf = (name: string) => {
    const { thisUpdate, nextUpdate } = readRevocationList(desk.text(name));
    return (Number(nextUpdate) - Number(thisUpdate)) / 86_400_000;
  };
  await desk.done(...CRL, '--out', '@week');
  await desk.done(...CRL, '--lifetime', '30d', '--out', '@month');
  assert.deepEqual([daysOf('week'), daysOf('month')], [7, 30]);
});

test('crl refuses certificates and lists of another authority, and text that is not a serial number', async (t) => {
  const desk = await createSignedDesk(t);
  await desk.done('ca', '--key', '@server.key', '--common-name', 'Other', '--out', '@other.pem');
  const other = ['crl', '--ca', '@other.pem', '--ca-key', '@server.key'];
  await desk.done(...other, '--out', '@other.crl');
  assert.match(
    await desk.refused(1, ...other, '--revoke', '@server.pem', '--out', '@x'),
    /^server\.pem was not issued by CN=Other/,
  );
  assert.match(
    await desk.refused(1, ...CRL, '--previous', '@other.crl', '--out', '@x'),
    /^other\.crl is not a list of CN=Test CA$/,
  );
  assert.match(
    await desk.refused(2, ...CRL, '--revoke', 'xyz', '--out', '@x'),
    /xyz is neither a serial number/,
  );
  assert.equal(existsSync(desk.path('x')), false);
});

test("p12 exports and imports the key and its certificates, the key's own first (RFC 7292)", async (t) => {
  const desk = await createSignedDesk(t);
  const secret = ['--passphrase-file', '@passphrase'];
  const pair = ['--key', '@server.key', '--cert', '@server.pem', '--chain', '@ca.pem'];
  await desk.done('p12', 'export', ...pair, ...secret, '--out', '@server.p12', '--friendly-name', 'server');
  assert.equal(statSync(desk.path('server.p12')).mode & 0o777, 0o600);
  const shown = JSON.parse(await desk.done('show', '@server.p12', ...secret, '--json'));
  assert.deepEqual(
    shown.objects.map(({ kind }: { kind: string }) => kind),
    ['privateKey', 'certificate', 'certificate'],
  );
  await desk.done('p12', 'import', '@server.p12', ...secret, '--key', '@key', '--cert', '@certificates');
  assert.equal(desk.text('key'), desk.text('server.key'));
  assert.equal(statSync(desk.path('key')).mode & 0o777, 0o600);
  const serials = readCertificates(desk.text('certificates')).map(({ serialNumber }) => serialNumber);
  const expected = ['server.pem', 'ca.pem'].map((name) => readCertificate(desk.text(name)).serialNumber);
  assert.deepEqual(serials, expected);
});

test('p12 import encrypts the key with --key-passphrase-file', async (t) => {
  const desk = await createSignedDesk(t);
  const pair = ['--key', '@server.key', '--cert', '@server.pem'];
  const secret = ['--passphrase-file', '@passphrase'];
  await desk.done('p12', 'export', ...pair, ...secret, '--out', '@p12');
  const options = [...secret, '--key-passphrase-file', '@passphrase'];
  await desk.done('p12', 'import', '@p12', ...options, '--key', '@key');
  assert.match(desk.text('key'), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
});

test('p12 import and show open a file with an empty passphrase, which p12 export refuses', async (t) => {
  if (spawnSync('openssl', ['version']).status !== 0)
    return t.skip('needs openssl (apt-get install openssl)');
  const desk = await createSignedDesk(t);
  const pair = ['-inkey', desk.path('server.key'), '-in', desk.path('server.pem')];
  const written = ['-out', desk.path('p12'), '-passout', 'pass:'];
  execFileSync('openssl', ['pkcs12', '-export', ...pair, ...written]);
  desk.put('empty', '');
  desk.put('blank', '\n');
  await desk.done('p12', 'import', '@p12', '--passphrase-file', '@empty', '--key', '@key');
  assert.equal(desk.text('key'), desk.text('server.key'));
  const shown = await desk.done('show', '@p12', '--passphrase-file', '@blank', '--json');
  assert.equal(JSON.parse(shown).objects.length, 2);
  const exported = ['p12', 'export', '--cert', '@server.pem', '--key', '@server.key', '--out', '@new'];
  assert.match(await desk.refused(1, ...exported, '--passphrase-file', '@empty'), /one passphrase/);
});

test('p12 refuses a wrong passphrase, the key of another certificate, and a missing passphrase', async (t) => {
  const desk = await createSignedDesk(t);
  desk.put('wrong', 'wrong');
  const secret = ['--passphrase-file', '@passphrase'];
  const exported = ['p12', 'export', '--cert', '@server.pem', '--out', '@p12'];
  assert.equal(
    await desk.refused(1, ...exported, '--key', '@ca.key', ...secret),
    'ca.key is not the private key of server.pem',
  );
  assert.match(await desk.refused(2, ...exported, '--key', '@server.key'), /give --passphrase-file$/);
  assert.equal(existsSync(desk.path('p12')), false);
  await desk.done(...exported, '--key', '@server.key', ...secret);
  const imported = ['p12', 'import', '@p12', '--key', '@key'];
  assert.match(await desk.refused(1, ...imported, '--passphrase-file', '@wrong'), /^p12: .*passphrase/);
  assert.match(await desk.refused(2, ...imported), /the passphrase of p12: give --passphrase-file$/);
  assert.match(await desk.refused(2, 'p12', 'import', '@p12', ...secret), /^name a file to write: --key/);
  assert.equal(existsSync(desk.path('key')), false);
});

async function createSignedDesk(t: TestContext): Promise<Desk> {
  const desk = await createFurnishedDesk(t);
  desk.put('passphrase', 'a passphrase\n');
  const options = ['--ca', '@ca.pem', '--ca-key', '@ca.key', '--out', '@server.pem'];
  await desk.done('sign', '@server.csr', ...options);
  return desk;
}
