// gatehouse cert list, show and revoke.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REVOCATION_REASONS, readCertificate } from '@gatehouse/x509';
import { parseSerialNumber } from '../../../src/commands/cert/serial-number.ts';
import { startFakeAdmin } from '../../fake-admin.ts';
import { makeRoot } from '../../fake-authority.ts';
import { gatehouse } from '../../fake-process.ts';

const serial = '4a0f00112233445566778899aabbccddeeff0011';
const facts = {
  serial,
  profile: 'client',
  names: ['alice'],
  notBefore: '2010-01-01T00:00:00.000Z',
  notAfter: '2010-01-02T00:00:00.000Z',
  issuedAt: '2030-01-01T00:00:00.000Z',
  owner: { kind: 'user', name: 'alice' },
  status: 'valid',
  revokedAt: null,
  reason: null,
};

test('list prints a table of every page', async (t) => {
  const admin = await startFakeAdmin(t, {
    'GET /admin/certificates?limit=500': { body: { certificates: [facts], next: 'p2' } },
    'GET /admin/certificates?limit=500&after=p2': {
      body: { certificates: [{ ...facts, owner: null, names: ['a\u001b', 'b'] }], next: null },
    },
  });
  const { stdout } = await gatehouse(['cert', 'list'], { env: admin.env });
  assert.deepEqual(stdout.split('\n'), [
    'SERIAL                NAMES       PROFILE  OWNER  EXPIRES               STATUS',
    '4a0f0011223344556677  alice       client   alice  2010-01-02T00:00:00Z  valid',
    '4a0f0011223344556677  a\\u001b, b  client   -      2010-01-02T00:00:00Z  valid',
    '',
  ]);
});

test("list leaves out the authority's own certificates without --all or a filter", async (t) => {
  const profiles = ['root', 'intermediate', 'ocsp', 'server', 'client'];
  const own = ['root', 'intermediate', 'ocsp'];
  const certificates = profiles.map((profile) => ({
    ...facts,
    profile,
    source: own.includes(profile) ? 'system' : 'admin',
  }));
  const admin = await startFakeAdmin(t, {
    'GET /admin/certificates?limit=500': { body: { certificates, next: null } },
    'GET /admin/certificates?limit=500&profile=ocsp': {
      body: { certificates: [certificates[2]], next: null },
    },
  });
  const listed = async (...options: string[]) => {
    const { stdout } = await gatehouse(['cert', 'list', '--json', ...options], { env: admin.env });
    return JSON.parse(stdout).map(({ profile }: { profile: string }) => profile);
  };
  assert.deepEqual(await listed(), ['server', 'client']);
  assert.deepEqual(await listed('--all'), profiles);
  assert.deepEqual(await listed('--profile', 'ocsp'), ['ocsp']);
});

test('show, revoke and renew accept the first digits of a serial number if they are unambiguous', async (t) => {
  const other = { ...facts, serial: `4a0f0011ff${'0'.repeat(30)}` };
  const admin = await startFakeAdmin(t, {
    'GET /admin/certificates?limit=500': { body: { certificates: [facts, other], next: null } },
    [`GET /admin/certificates/${serial}`]: { body: facts },
    [`POST /admin/certificates/${serial}/revoke`]: { body: facts },
  });
  for (const digits of ['4a0f00112', '4A:0F:00:11:22', serial.slice(0, 16)]) {
    const { status, stdout } = await gatehouse(['cert', 'show', digits, '--json'], { env: admin.env });
    assert.deepEqual([status, JSON.parse(stdout)], [0, facts]);
  }
  assert.equal((await gatehouse(['cert', 'revoke', '4a0f00112'], { env: admin.env })).status, 0);
  const several = await gatehouse(['cert', 'revoke', '4a0f0011'], { env: admin.env });
  assert.equal(several.stderr, 'gatehouse: 2 serial numbers begin with 4a0f0011: give more digits\n');
  const none = await gatehouse(['cert', 'show', 'ffffffff'], { env: admin.env });
  assert.match(none.stderr, /^gatehouse: There is no such thing/);
  const short = await gatehouse(['cert', 'show', '123456'], { env: admin.env });
  assert.match(short.stderr, /^gatehouse: 123456 is neither a file nor a serial number: .* 8 digits\n$/);
  assert.deepEqual([several.status, none.status, short.status], [1, 1, 1]);
});

test('list sends the filters, and --json prints an array', async (t) => {
  const path = '/admin/certificates?limit=500&expiringSeconds=604800&status=valid&profile=client&name=alice';
  const admin = await startFakeAdmin(t, { [`GET ${path}`]: { body: { certificates: [], next: null } } });
  const filters = ['--expiring', '7d', '--status', 'valid', '--profile', 'client', '--name', 'alice'];
  const printed = await gatehouse(['cert', 'list', '--json', ...filters], { env: admin.env });
  assert.deepEqual(printed, { status: 0, stdout: '[]\n', stderr: '' });
  const words = await gatehouse(['cert', 'list', ...filters], { env: admin.env });
  assert.deepEqual(words, { status: 0, stdout: '', stderr: 'no such certificates\n' });
  assert.equal((await gatehouse(['cert', 'list', '--status', 'fine'], { env: admin.env })).status, 2);
  assert.equal((await gatehouse(['cert', 'list', '--expiring', '7'], { env: admin.env })).status, 2);
});

test('show accepts a serial number as openssl writes it, and a file', async (t) => {
  const admin = await startFakeAdmin(t, {
    'GET /admin/certificates/:serial': { body: { ...facts, chain: 'PEM' } },
  });
  const colons = serial.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:');
  const { stdout } = await gatehouse(['cert', 'show', colons], { env: admin.env });
  assert.match(
    stdout,
    new RegExp(`^serial +${serial}\nnames +alice\nprofile +client\nowner +user alice\nstatus +valid\n`),
  );
  assert.doesNotMatch(stdout, /revoked/);
  const file = join(admin.folder, 'root.pem');
  writeFileSync(file, makeRoot());
  await gatehouse(['cert', 'show', file, '--json'], { env: admin.env });
  const { serialNumber } = readCertificate(readFileSync(file));
  assert.deepEqual(
    admin.calls.map(({ path }) => path.split('/')[3]),
    [serial, serialNumber],
  );
});

test('revoke sends the reason, and accepts every reason of RFC 5280 §5.3.1', async (t) => {
  const revoked = { ...facts, status: 'revoked', reason: 'keyCompromise' };
  const admin = await startFakeAdmin(t, { 'POST /admin/certificates/:serial/revoke': { body: revoked } });
  for (const reason of REVOCATION_REASONS) {
    const outcome = await gatehouse(['cert', 'revoke', serial, '--reason', reason], { env: admin.env });
    assert.deepEqual(outcome, { status: 0, stdout: `revoked ${serial} for alice\n`, stderr: '' });
  }
  assert.deepEqual(
    admin.calls.map(({ body }) => (body as { reason: string }).reason),
    REVOCATION_REASONS,
  );
  const { stdout } = await gatehouse(['cert', 'revoke', serial, '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(stdout), revoked);
  assert.deepEqual(admin.calls.at(-1)?.body, {});
  assert.equal(
    (await gatehouse(['cert', 'revoke', serial, '--reason', 'bored'], { env: admin.env })).status,
    2,
  );
});

test('revoke FILE sends the certificate, which the inventory may lack', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/certificates/:serial/revoke': { body: facts } });
  const [file, certificate] = [join(admin.folder, 'a.pem'), makeRoot()];
  writeFileSync(file, `a remark\n${certificate}`);
  const { status, stderr } = await gatehouse(['cert', 'revoke', file], { env: admin.env });
  assert.equal(status, 0, stderr);
  const { serialNumber } = readCertificate(certificate);
  assert.deepEqual(admin.calls, [
    { method: 'POST', path: `/admin/certificates/${serialNumber}/revoke`, body: { certificate } },
  ]);
});

test('an argument that cannot be a serial number is a file, and must exist', async (t) => {
  const admin = await startFakeAdmin(t, {});
  const outcome = await gatehouse(['cert', 'revoke', 'example.com'], { env: admin.env });
  const stderr = 'gatehouse: cannot read example.com: there is no such file\n';
  assert.deepEqual(outcome, { status: 1, stdout: '', stderr });
  assert.equal(parseSerialNumber('00:4A:0F:00:11:22'), '4a0f001122');
  assert.equal(parseSerialNumber('a0f001122'), '0a0f001122');
  for (const text of ['', 'abc', 'server.pem', './deadbeef', 'x'.repeat(40), 'a'.repeat(43)]) {
    assert.equal(parseSerialNumber(text), undefined);
  }
});
