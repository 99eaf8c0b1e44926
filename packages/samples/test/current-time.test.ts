import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { formatCtime } from '../src/current-time.ts';
import { samplesUnderTest } from './support/samples-under-test.ts';

const missingPython =
  spawnSync('python3', ['--version']).status === 0 ? false : 'needs python3 (apt-get install python3)';
const NOON = new Date(2025, 3, 21, 20, 50, 37).getTime();
const BODY = '{"message": "The current time is Mon Apr 21 20:50:37 2025"}';
const ETAG = `"${createHash('sha1').update(BODY).digest('hex')}"`;

test('writes local time as ctime does, with a space before a day of one digit (ISO C §7.29.3.1)', () => {
  assert.equal(formatCtime(new Date(NOON)), 'Mon Apr 21 20:50:37 2025');
  assert.equal(formatCtime(new Date(2024, 1, 3, 4, 5, 6)), 'Sat Feb  3 04:05:06 2024');
});

test('writes the same time as Python’s time.ctime', { skip: missingPython }, () => {
  const seconds = Array.from({ length: 400 }, (_, index) => index * 4_999_999);
  const script = 'import json,sys,time\nprint(json.dumps([time.ctime(s) for s in json.load(sys.stdin)]))';
  const { stdout } = spawnSync('python3', ['-c', script], {
    input: JSON.stringify(seconds),
    encoding: 'utf8',
  });
  assert.deepEqual(
    seconds.map((second) => formatCtime(new Date(second * 1000))),
    JSON.parse(stdout),
  );
});

test('answers GET / in exactly these bytes, with entity tag and length (T1)', async (t) => {
  const { send } = samplesUnderTest(t, { clock: () => NOON });
  const response = await send('/');
  assert.equal(response.status, 200);
  assert.equal(await response.text(), BODY);
  assert.deepEqual(Object.fromEntries(response.headers), {
    'content-type': 'application/json; charset=UTF-8',
    'content-length': '59',
    etag: ETAG,
  });
});

test('answers HEAD / with the same headers and no body (RFC 9110 §9.3.2)', async (t) => {
  const { send } = samplesUnderTest(t, { clock: () => NOON });
  const [get, head] = [await send('/'), await send('/', { method: 'HEAD' })];
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
  assert.deepEqual(Object.fromEntries(head.headers), Object.fromEntries(get.headers));
});

test('answers 304 to a client that has this time (RFC 9110 §13.1.2)', async (t) => {
  const { send } = samplesUnderTest(t, { clock: () => NOON });
  for (const condition of [ETAG, `W/${ETAG}`, `"other", ${ETAG}`, '*']) {
    const response = await send('/', { headers: { 'if-none-match': condition } });
    assert.equal(response.status, 304, condition);
    assert.equal(response.headers.get('etag'), ETAG);
    assert.equal(await response.text(), '');
  }
  assert.equal((await send('/', { headers: { 'if-none-match': '"other"' } })).status, 200);
});

test('returns another entity tag for another time (RFC 9110 §8.8.3)', async (t) => {
  let now = NOON;
  const { send } = samplesUnderTest(t, { clock: () => now });
  const first = (await send('/')).headers.get('etag');
  now += 1000;
  assert.notEqual((await send('/')).headers.get('etag'), first);
});
