// The progress bar of a download.
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { progressLine, withProgress } from '../../../src/commands/request/progress.ts';

function terminal(isTTY: boolean) {
  let written = '';
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      written += chunk;
      done();
    },
  });
  return { process: { stderr: Object.assign(stderr, { isTTY, columns: 80 }) }, text: () => written };
}

async function* pieces() {
  for (const size of [1000, 2000, 1000]) yield new Uint8Array(size);
}

test('the line has the percentage, the size, the speed and the remaining time', () => {
  assert.equal(
    progressLine({ bytes: 25_000_000, total: 100_000_000, seconds: 2 }),
    '[======                  ] 25 %  25.0 MB of 100.0 MB  12.5 MB/s  6 s left',
  );
});

test('octets from an earlier run count for the percentage, but not for the speed', () => {
  assert.equal(
    progressLine({ bytes: 25_000_000, total: 100_000_000, have: 50_000_000, seconds: 2 }),
    '[==================      ] 75 %  75.0 MB of 100.0 MB  12.5 MB/s  2 s left',
  );
});

test('the line has the size and the speed if the total is unknown', () => {
  assert.equal(progressLine({ bytes: 1500, total: undefined, seconds: 3 }), '1.5 KB  500 B/s');
});

test('the line is not longer than the terminal is wide', () => {
  assert.equal(progressLine({ bytes: 1, total: 10, seconds: 1 }, 20).length, 19);
});

test('a terminal shows the bar, which is removed at the end, and no octet is lost', async () => {
  const { process, text } = terminal(true);
  let clock = 0;
  const passed = await Array.fromAsync(
    withProgress(pieces(), { total: 4000 }, process, () => (clock += 100)),
  );
  assert.deepEqual(
    passed.map(({ length }) => length),
    [1000, 2000, 1000],
  );
  assert.match(text(), /25 %.*75 %.*100 %/s);
  assert.ok(text().endsWith('\r\u001b[2K'));
});

test('writes no bar without a terminal', async () => {
  const { process, text } = terminal(false);
  await Array.fromAsync(withProgress(pieces(), { total: undefined }, process));
  assert.equal(text(), '');
});
