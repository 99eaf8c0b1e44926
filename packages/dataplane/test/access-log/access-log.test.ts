// The access log: one line for each request, in batches, to a file that may be renamed or full.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { AccessLog } from '../../src/access-log/access-log.ts';
import { createAccessLog } from '../../src/access-log/access-log.ts';
import type { AccessRecord } from '../../src/exchange/access-record.ts';
import type { AskedMembers } from '../../src/exchange/record-part.ts';
import { RecordPart } from '../../src/exchange/record-part.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-access-log-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function open(...parameters: Parameters<typeof createAccessLog>): AccessLog {
  const log = createAccessLog(...parameters);
  assert.ok(log);
  return log;
}

const CLIENT = new RecordPart({
  address: '192.0.2.7',
  tlsVersion: 'TLSv1.3',
  tlsGroup: 'X25519',
  tlsCipher: undefined,
  sealed: undefined,
});

function record(path: string, measured: AccessRecord['measured'] = { status: 200 }): AccessRecord {
  const asked = new RecordPart<AskedMembers>({
    path,
    reason: undefined,
    principal: null,
    decision: 'allowed',
  });
  return { requestId: 'r1', asked, measured, client: CLIENT };
}

/** The number is the status. */
const numbered = (status: number) => record('/', { status });

const mustNotFail = (error: unknown) => assert.fail(String(error));

const lines = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

test('a line has the level, the time, and the members of the record that have a value', (t) => {
  const path = join(folder(t), 'access.log');
  const log = open(path, mustNotFail);
  const measured = { status: 200, bytesIn: 0, bytesOut: 5, durationMs: 1.23456, upstreamMs: undefined };
  log.write(record('/a"\né', measured));
  log.flush();
  const [{ time, ...rest }] = lines(path);
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, {
    level: 'info',
    event: 'request',
    requestId: 'r1',
    path: '/a"\né',
    principal: null,
    decision: 'allowed',
    status: 200,
    bytesIn: 0,
    bytesOut: 5,
    durationMs: 1.235,
    address: '192.0.2.7',
    tlsVersion: 'TLSv1.3',
    tlsGroup: 'X25519',
  });
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('`none` writes no log', () => {
  assert.equal(createAccessLog('none', mustNotFail), undefined);
});

test('lines wait for a batch', (t) => {
  const path = join(folder(t), 'access.log');
  const log = open(path, mustNotFail);
  for (let index = 0; index < 10; index += 1) log.write(numbered(index));
  assert.equal(readFileSync(path, 'utf8'), '');
  for (let index = 10; index < 5000; index += 1) log.write(numbered(index));
  assert.ok(lines(path).length > 100);
  log.flush();
  assert.deepEqual(
    lines(path).map(({ status }) => status),
    Array.from({ length: 5000 }, (_, index) => index),
  );
});

test('after its file was renamed, it continues in a new one and loses no line', (t) => {
  const path = join(folder(t), 'access.log');
  const log = open(path, mustNotFail);
  log.write(numbered(1));
  renameSync(path, `${path}.1`);
  log.reopen();
  log.write(numbered(2));
  log.flush();
  assert.deepEqual([lines(`${path}.1`)[0].status, lines(path)[0].status], [1, 2]);
});

test('reports a failed write once, and continues', (t) => {
  if (!existsSync('/dev/full')) {
    t.skip('needs /dev/full (Linux)');
    return;
  }
  const failures: unknown[] = [];
  const log = open('/dev/full', (error) => failures.push(error));
  for (let index = 0; index < 5000; index += 1) log.write(record('x'.repeat(1000)));
  log.flush();
  assert.equal(failures.length, 1);
});

test('a file that cannot be opened is tried again', (t) => {
  const base = folder(t);
  const path = join(base, 'later', 'access.log');
  const failures: unknown[] = [];
  const log = open(path, (error) => failures.push(error));
  log.write(numbered(1));
  log.flush();
  assert.equal(failures.length, 1);
  renameSync(folder(t), join(base, 'later'));
  log.flush();
  assert.equal(lines(path)[0].status, 1);
});
