// A short run of `npm run fuzz -- http1` that is always the same: its seed and its inputs are fixed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from '../../fuzz/harness/fuzz.ts';
import { createRandom } from '../../fuzz/harness/random.ts';
import { createOtherParsers } from '../../fuzz/targets/http1/other-parsers.ts';
import { createTarget } from '../../fuzz/targets/http1.ts';

const RUNS = 1_500;

test('llhttp and http-parser-js read all messages that our HTTP/1.1 readers accept in the same way (RFC 9112)', () => {
  const { findings, accepted } = fuzz(createTarget(), createRandom(9112), (count) => count === RUNS);
  assert.deepEqual(findings, []);
  for (const [reader, count] of accepted) assert.ok(count > RUNS / 50, `${reader} accepted only ${count}`);
});

test('http-parser-js refuses a chunk of negative size here, at which it would never end', () => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  for (const { name, requests } of createOtherParsers()) {
    assert.ok(requests(Buffer.from(`${head}-e\r\nabc\r\n`)).refusal, name);
  }
});
