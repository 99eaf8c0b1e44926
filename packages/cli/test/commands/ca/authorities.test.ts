// gatehouse ca show, rotate, request and import.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { runApplication } from '../../../src/application.ts';
import { startFakeAdmin } from '../../fake-admin.ts';
import { makeRoot } from '../../fake-authority.ts';
import { createFakeProcess, gatehouse } from '../../fake-process.ts';

const authority = {
  id: 'a1',
  role: 'root',
  state: 'active',
  keyType: 'P-256',
  subject: 'CN=Root',
  notBefore: 'B',
  notAfter: 'E',
  serial: '01',
  spkiSha256: 'ab',
  pin: 'sha256/x',
  keyOnline: false,
};
const answer = {
  roots: 'PEM',
  authorities: [authority, { ...authority, role: 'intermediate', keyOnline: true }],
  urls: {
    roots: 'http://a/roots.pem',
    crl: 'http://a/crl',
    ocsp: null,
    acmeDirectory: 'https://a/directory',
  },
};

test('ca show prints the authorities and their public addresses', async (t) => {
  const admin = await startFakeAdmin(t, { 'GET /admin/ca': { body: answer } });
  const { stdout } = await gatehouse(['ca', 'show'], { env: admin.env });
  const lines = [
    'ROLE          STATE   SUBJECT  KEY             EXPIRES  PIN',
    'root          active  CN=Root  P-256, offline  E        sha256/x',
    'intermediate  active  CN=Root  P-256           E        sha256/x',
    '',
    'roots            http://a/roots.pem',
    'revocation list  http://a/crl',
    'OCSP             -',
    'ACME directory   https://a/directory',
  ];
  assert.equal(stdout, `${lines.join('\n')}\n`);
  assert.deepEqual(
    JSON.parse((await gatehouse(['ca', 'show', '--json'], { env: admin.env })).stdout),
    answer,
  );
});

test('ca show marks revoked authorities, and says that the key of a replaced root is destroyed', async (t) => {
  const old = { ...authority, state: 'retired', notAfter: '2030-01-01T00:00:00.000Z' };
  const revoked = { ...authority, role: 'intermediate', state: 'revoked', keyOnline: true };
  const body = { ...answer, authorities: [authority, old, revoked] };
  const admin = await startFakeAdmin(t, { 'GET /admin/ca': { body } });
  const { stdout } = await gatehouse(['ca', 'show'], { env: admin.env });
  assert.match(stdout, /^root +active +CN=Root +P-256, offline +E /m);
  assert.match(stdout, /^root +retired +CN=Root +P-256, key destroyed +2030-01-01T00:00:00Z /m);
  assert.match(stdout, /^intermediate +revoked +CN=Root +P-256 +E /m);
});

test('ca rotate makes a new intermediate and prints the authorities', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/ca/rotate': { body: {} },
    'GET /admin/ca': { body: answer },
  });
  const { stdout } = await gatehouse(['ca', 'rotate', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(stdout), answer);
  const refusal = { status: 409, body: { detail: 'The key of the root is offline.' } };
  const offline = await startFakeAdmin(t, { 'POST /admin/ca/rotate': refusal });
  const { status, stderr } = await gatehouse(['ca', 'rotate'], { env: offline.env });
  assert.deepEqual([status, stderr], [1, 'gatehouse: The key of the root is offline.\n']);
});

test('ca request writes the request to a new file, and refuses an existing one before it calls the server', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/ca/request': { body: { request: 'PEM\n' } } });
  const printed = await gatehouse(['ca', 'request'], { env: admin.env });
  assert.equal(printed.stdout, 'PEM\n');
  assert.match(
    printed.stderr,
    /^ {2}gatehouse pki sign intermediate-csr\.pem --profile intermediate --ca root\.pem --ca-key root\.key --out intermediate\.pem$/m,
  );
  assert.match(
    printed.stderr,
    /^ {2}gatehouse ca import --intermediate intermediate\.pem --roots root\.pem$/m,
  );
  const out = join(admin.folder, 'request.pem');
  const written = await gatehouse(['ca', 'request', '--out', out, '--json'], { env: admin.env });
  assert.deepEqual(written, { status: 0, stdout: `${JSON.stringify({ file: out })}\n`, stderr: '' });
  assert.equal(readFileSync(out, 'utf8'), 'PEM\n');
  assert.equal((await gatehouse(['ca', 'request', '--out', out], { env: admin.env })).status, 1);
  assert.equal(admin.calls.length, 2);
});

test('ca import sends only the certificates of both files', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/ca/import': { body: answer } });
  const [intermediate, roots] = [join(admin.folder, 'i.pem'), join(admin.folder, 'r.pem')];
  const [first, second] = [makeRoot(), makeRoot()];
  writeFileSync(intermediate, `a remark\n${first}`);
  writeFileSync(roots, first + second);
  const args = ['ca', 'import', '--intermediate', intermediate, '--roots', roots];
  const { status, stderr } = await gatehouse(args, { env: admin.env });
  assert.equal(status, 0, stderr);
  assert.deepEqual(admin.calls[0]?.body, { intermediate: first, roots: first + second });
  assert.equal((await gatehouse(['ca', 'import', '--roots', roots], { env: admin.env })).status, 2);
});

test('ca import reports that the root was replaced, and what clients of the old root need', async (t) => {
  const replaced = { ...answer, authorities: [...answer.authorities, { ...authority, state: 'retired' }] };
  const admin = await startFakeAdmin(t, { 'POST /admin/ca/import': { body: replaced } });
  const file = join(admin.folder, 'root.pem');
  writeFileSync(file, makeRoot());
  const args = ['ca', 'import', '--intermediate', file, '--roots', file];
  const { stderr } = await gatehouse(args, { env: admin.env });
  assert.match(stderr, /Clients that trust only the old root need the new one, too/);
});

/** An admin API that requires a confirmation for the destruction of a key, and the import command for it. */
async function startDestruction(t: TestContext) {
  const problem = { status: 409, code: 'confirmation_required', detail: 'It destroys the key of CN=Root.' };
  const admin = await startFakeAdmin(t, {
    'POST /admin/ca/import': ({ body }) =>
      (body as { destroyRootKey?: boolean }).destroyRootKey
        ? { body: answer }
        : { status: problem.status, body: problem },
  });
  const file = join(admin.folder, 'root.pem');
  writeFileSync(file, makeRoot());
  return { admin, args: ['ca', 'import', '--intermediate', file, '--roots', file] };
}

test('ca import without a terminal destroys no key unless the command line says so', async (t) => {
  const { admin, args } = await startDestruction(t);
  const refused = await gatehouse(args, { env: admin.env });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /It destroys the key of CN=Root/);
  assert.equal((await gatehouse([...args, '--destroy-root-key'], { env: admin.env })).status, 0);
  assert.equal(admin.calls.length, 2);
});

for (const [key, status, calls] of [
  ['y', 0, 2],
  ['n', 1, 1],
  ['\r', 1, 1],
] as const) {
  test(`ca import asks at a terminal before it destroys a key: ${JSON.stringify(key)} gives exit status ${status}`, async (t) => {
    const { admin, args } = await startDestruction(t);
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
    const process = Object.assign(createFakeProcess({ terminal: true, env: admin.env }), { stdin });
    const running = runApplication(args, process);
    while (!process.written.stderr.includes('Destroy the key of the old root?')) await pause(10);
    assert.match(process.written.stderr, /It destroys the key of CN=Root/);
    stdin.write(key);
    await running;
    assert.equal(process.exitCode, status, process.written.stderr);
    assert.equal(admin.calls.length, calls);
  });
}
