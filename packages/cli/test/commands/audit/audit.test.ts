// gatehouse audit and status: the ledger as lines, as one array, as JSON lines. Control characters from
// strangers are shown as text.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { entriesAfter } from '../../../src/commands/audit/tail.ts';
import type { AuditEntry } from '../../../src/connection/admin-api.ts';
import type { Transport } from '../../../src/connection/transport.ts';
import { startFakeAdmin, temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

test('audit tail prints a row for each entry, oldest first', async (t) => {
  const admin = await startFakeAdmin(t, {
    'GET /admin/audit?limit=2': { body: { entries: [entry(7), entry(8)], searched: 8 } },
  });
  const outcome = await gatehouse(['audit', 'tail', '-n', '2'], { env: admin.env });
  assert.deepEqual(
    outcome.stdout.split('\n').map((line) => line.split(/\s+/).filter(Boolean)),
    [
      ['SEQ', 'TIME', 'TYPE', 'WHO', 'WHAT', 'RESULT', 'REQUEST'],
      ['7', 'T7', 'identity.sign_in', 'anonymous', 'alice', 'failure', '-'],
      ['8', 'T8', 'identity.sign_in', 'anonymous', 'alice', 'failure', '-'],
      [],
    ],
  );
});

test('audit tail shows method and path, why a request was denied, and the beginning of its id', async (t) => {
  const requestId = '0b6f2d7e-1111-4222-8333-444455556666';
  const request = { requestId, method: 'DELETE', path: '/notes/1' };
  const entries = [
    { ...entry(7), data: { ...request, reason: 'no role allows DELETE', code: 'forbidden' } },
    { ...entry(8), data: { ...request, code: 'unauthenticated' } },
    { ...entry(9), outcome: 'success', data: { requestId } },
  ];
  const admin = await startFakeAdmin(t, { 'GET /admin/audit?limit=20': { body: { entries, searched: 9 } } });
  const { stdout } = await gatehouse(['audit', 'tail'], { env: admin.env });
  const [, ...lines] = stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => line.slice(line.indexOf('anonymous')).split(/ {2,}/)),
    [
      ['anonymous', 'DELETE /notes/1', 'no role allows DELETE', '0b6f2d7e'],
      ['anonymous', 'DELETE /notes/1', 'unauthenticated', '0b6f2d7e'],
      ['anonymous', 'alice', 'success', '0b6f2d7e'],
    ],
  );
});

test('on a terminal of 80 columns, audit tail shows types whole, and success without a reason that says nothing', async (t) => {
  const revoked = { type: 'ca.certificate_revoked', outcome: 'success' as const, subject: 'a'.repeat(40) };
  const entries = [
    { ...entry(7), ...revoked, data: { reason: 'unspecified' } },
    { ...entry(8), ...revoked, data: { reason: 'keyCompromise' } },
  ];
  const admin = await startFakeAdmin(t, { 'GET /admin/audit?limit=20': { body: { entries, searched: 8 } } });
  const options = { env: { ...admin.env, NO_COLOR: '1' }, terminal: true, columns: 80 };
  const [, ...lines] = (await gatehouse(['audit', 'tail'], options)).stdout.trimEnd().split('\n');
  assert.match(lines[0] ?? '', / ca\.certificate_revoked .* success$/);
  assert.match(lines[1] ?? '', / ca\.certificate_revoked .* keyCompromise$/);
});

test('audit tail --json prints one array', async (t) => {
  const admin = await startFakeAdmin(t, {
    'GET /admin/audit?limit=20': { body: { entries: [entry(1)], searched: 1 } },
  });
  const outcome = await gatehouse(['audit', 'tail', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(outcome.stdout), [entry(1)]);
});

test("audit tail does not let a stranger's name write to the terminal", async (t) => {
  const subject = '\u001b]0;owned\u0007\u009b31m\u202e';
  const admin = await startFakeAdmin(t, {
    'GET /admin/audit?limit=20': { body: { entries: [{ ...entry(1), subject }] } },
  });
  for (const extra of [[], ['--json']]) {
    const { stdout } = await gatehouse(['audit', 'tail', ...extra], { env: admin.env });
    assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\u202e]/u);
    assert.match(stdout, /\\u001b\]0;owned\\u0007\\u009b31m\\u202e/);
  }
});

test('audit tail --follow ends when its output cannot be written', async (t) => {
  const admin = await startFakeAdmin(t, {
    'GET /admin/audit?limit=20': { body: { entries: [entry(1)], searched: 1 } },
  });
  const follow = (brokenOutput: string) =>
    gatehouse(['audit', 'tail', '--follow'], { env: admin.env, brokenOutput });
  const stderr = 'gatehouse: cannot write to standard output: the disk is full\n';
  assert.deepEqual(await follow('ENOSPC'), { status: 1, stdout: '', stderr });
  assert.deepEqual(await follow('EPIPE'), { status: 0, stdout: '', stderr: '' });
});

test('audit tail --follow asks for the entries after the last one, and for the next page at once if a page is full', async () => {
  const paths: string[] = [];
  const all = Array.from({ length: 150 }, (_, index) => entry(index + 6));
  let waits = 0;
  const transport: Pick<Transport, 'call'> = {
    call: async <Answer>(_method: string, path: string) => {
      paths.push(path);
      const after = Number(new URL(path, 'http://x').searchParams.get('after'));
      const entries = all.filter(({ seq }) => seq > after).slice(0, 100);
      return { entries, searched: entries.at(-1)?.seq ?? after } as Answer;
    },
  };
  const seen: number[] = [];
  const wait = async () => {
    waits += 1;
    all.push(entry(156));
  };
  for await (const { seq } of entriesAfter(transport, { after: 5, filter: {} }, wait)) {
    seen.push(seq);
    if (seq === 156) break;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 151 }, (_, index) => index + 6),
  );
  assert.equal(waits, 1);
  assert.deepEqual(
    paths,
    [5, 105, 155].map((after) => `/admin/audit?limit=100&after=${after}`),
  );
});

test('audit tail sends its filters; a duration counts back from now', async (t) => {
  const admin = await startFakeAdmin(t, {});
  const filters = ['--request', 'r1', '--principal', 'alice', '--credential', 'k1', '--type', 'gateway'];
  const times = ['--outcome', 'failure', '--since', '2h', '--until', '2030-01-31T12:00:00+01:00'];
  await gatehouse(['audit', 'tail', ...filters, ...times], { env: admin.env });
  const { since, ...query } = Object.fromEntries(
    new URL(admin.calls[0]?.path ?? '', 'http://x').searchParams,
  );
  assert.deepEqual(query, {
    limit: '20',
    requestId: 'r1',
    principal: 'alice',
    credential: 'k1',
    type: 'gateway',
    outcome: 'failure',
    until: '2030-01-31T11:00:00.000Z',
  });
  const ago = Date.now() - Date.parse(since ?? '');
  assert.ok(ago >= 7_200_000 && ago < 7_300_000);
});

test('audit tail --follow continues where the search ended, not at the last entry that matched', async () => {
  const paths: string[] = [];
  const transport: Pick<Transport, 'call'> = {
    call: async <Answer>(_method: string, path: string) => {
      paths.push(path);
      return { entries: [], searched: 70 + paths.length } as Answer;
    },
  };
  const wait = async () => assert.ok(paths.length < 3, 'three pages');
  await assert.rejects(async () => {
    for await (const _ of entriesAfter(transport, { after: 70, filter: { type: 'a' } }, wait)) assert.fail();
  }, /three pages/);
  assert.deepEqual(
    paths,
    [70, 71, 72].map((after) => `/admin/audit?limit=100&after=${after}&type=a`),
  );
});

test('audit export prints every page, one document a line', async (t) => {
  const first = Array.from({ length: 1000 }, (_, index) => entry(index + 1));
  const admin = await startFakeAdmin(t, {
    'GET /admin/audit?limit=1000&after=0': { body: { entries: first, searched: 1000 } },
    'GET /admin/audit?limit=1000&after=1000': { body: { entries: [entry(1001)], searched: 1001 } },
  });
  const { status, stdout } = await gatehouse(['audit', 'export'], { env: admin.env });
  assert.equal(status, 0);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEntry);
  assert.deepEqual(lines, [...first, entry(1001)]);
});

test('audit verify exits with 0 for an intact ledger and with 1 for a broken one', async (t) => {
  const whole = { ok: true, entries: 3, head: { seq: 3, hash: 'abc' } };
  const broken = {
    ok: false,
    entries: 1,
    head: { seq: 3, hash: 'abc' },
    problem: { seq: 2, reason: 'it was changed' },
  };
  const first = await startFakeAdmin(t, { 'POST /admin/audit/verify': { body: whole } });
  const second = await startFakeAdmin(t, { 'POST /admin/audit/verify': { body: broken } });
  assert.deepEqual(await gatehouse(['audit', 'verify'], { env: first.env }), {
    status: 0,
    stdout: 'the ledger is intact: 3 entries, head abc\n',
    stderr: '',
  });
  assert.deepEqual(await gatehouse(['audit', 'verify'], { env: second.env }), {
    status: 1,
    stdout: 'the ledger is broken at entry 2: it was changed\n',
    stderr: '',
  });
  const json = await gatehouse(['audit', 'verify', '--json'], { env: second.env });
  assert.equal(json.status, 1);
  assert.deepEqual(JSON.parse(json.stdout), broken);
});

test('audit verify --witness exits with 1 if the ledger does not have a stored head', async (t) => {
  const hash = 'ab'.repeat(32);
  const admin = await startFakeAdmin(t, {
    'POST /admin/audit/verify': { body: { ok: true, entries: 8, head: { seq: 8, hash }, ledger: hash } },
    'GET /.well-known/gatehouse-ledger-jwks.json': { body: { keys: [] } },
    'GET /admin/audit?limit=1&after=6': { body: { entries: [{ ...entry(7), hash }], searched: 7 } },
  });
  const stored = join(admin.folder, 'heads.jsonl');
  const verify = (...flags: string[]) =>
    gatehouse(['audit', 'verify', '--witness', stored, ...flags], { env: admin.env });
  writeFileSync(stored, JSON.stringify({ seq: 7, hash }));
  assert.deepEqual(await verify(), {
    status: 0,
    stdout: `the ledger is intact: 8 entries, head ${hash}\n${stored}: the ledger has the head at entry 7 (not signed)\n`,
    stderr: '',
  });
  writeFileSync(stored, JSON.stringify({ seq: 7, hash: 'cd'.repeat(32) }));
  const { status, stdout } = await verify('--json');
  assert.equal(status, 1);
  const problem = 'the ledger has another entry at this place';
  assert.deepEqual(JSON.parse(stdout).witnesses, [{ seq: 7, signedAt: null, problem }]);
});

test('audit verify refuses a file without keys, and keys without heads', async (t) => {
  const keys = join(temporaryFolder(t), 'keys.json');
  writeFileSync(keys, '{"kty":"EC"}');
  const hash = 'ab'.repeat(32);
  const heads = join(temporaryFolder(t), 'heads.json');
  writeFileSync(heads, JSON.stringify({ seq: 7, hash }));
  const wrong = await gatehouse(['audit', 'verify', '--witness', heads, '--witness-keys', keys]);
  assert.match(wrong.stderr, /keys\.json is not a key set: store the answer of the server at/);
  const alone = await gatehouse(['audit', 'verify', '--witness-keys', keys]);
  assert.deepEqual([alone.status, alone.stderr], [2, 'gatehouse: --witness-keys needs --witness\n']);
});

test('status prints names and values, or the document with --json', async (t) => {
  const document = { version: '1', workers: [], certificate: { names: ['localhost', '::1'] }, samples: null };
  const admin = await startFakeAdmin(t, { 'GET /admin/status': { body: document } });
  const outcome = await gatehouse(['status'], { env: admin.env });
  const lines = [
    'version            1',
    'workers            -',
    'certificate.names  localhost, ::1',
    'samples            -',
  ];
  assert.equal(outcome.stdout, `${lines.join('\n')}\n`);
  assert.deepEqual(JSON.parse((await gatehouse(['status', '--json'], { env: admin.env })).stdout), document);
});

test('status counts the workers by their state', async (t) => {
  const serving = { state: 'serving', restarts: 0 };
  const workers = [
    { id: 1, ...serving },
    { id: 2, ...serving },
    { id: 3, ...serving, state: 'starting' },
  ];
  const admin = await startFakeAdmin(t, { 'GET /admin/status': { body: { workers } } });
  const { stdout } = await gatehouse(['status'], { env: admin.env });
  assert.equal(stdout, 'workers  2 serving, 1 starting\n');
});

function entry(seq: number): AuditEntry {
  const actor = { kind: 'anonymous', name: 'anonymous' };
  return {
    seq,
    time: `T${seq}`,
    type: 'identity.sign_in',
    actor,
    outcome: 'failure',
    subject: 'alice',
    data: {},
    hash: 'h',
  };
}
