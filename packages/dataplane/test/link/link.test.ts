// Messages over two byte streams: order, backpressure, and the end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createBatch } from '../../src/link/batch.ts';
import { encodeFrame } from '../../src/link/frames.ts';
import { openLink } from '../../src/link/link.ts';

function openEnd() {
  const streams = { input: new PassThrough(), output: new PassThrough({ highWaterMark: 64 }) };
  const received: unknown[] = [];
  const ends: (Error | undefined)[] = [];
  const link = openLink<object, object>(streams, {
    message: (message) => received.push(message),
    ended: (error) => ends.push(error),
  });
  return { ...streams, link, received, ends };
}

test('messages arrive in order', async () => {
  const here = openEnd();
  const there = openEnd();
  here.output.pipe(there.input);
  for (let id = 0; id < 100; id += 1) here.link.send({ id });
  while (there.received.length < 100) await turn();
  assert.deepEqual(
    there.received,
    Array.from({ length: 100 }, (_, id) => ({ id })),
  );
});

test('reports when earlier messages wait, and when they were sent', async () => {
  const { link, output } = openEnd();
  assert.equal(link.isBacklogged, false);
  link.send({ text: 'x'.repeat(100) });
  assert.equal(link.isBacklogged, true);
  let isDrained = false;
  link.whenDrained(() => {
    isDrained = true;
  });
  output.resume();
  await once(output, 'drain');
  assert.equal(isDrained, true);
  assert.equal(link.isBacklogged, false);
});

test('the end of the other side ends the link once', async () => {
  const { input, ends } = openEnd();
  input.end();
  input.resume();
  await once(input, 'end');
  input.emit('error', new Error('late'));
  assert.deepEqual(ends, [undefined]);
});

test('text that is not JSON ends the link, and nothing after it is read', async () => {
  const { input, received, ends } = openEnd();
  input.write(Buffer.concat([encodeFrame('{'), encodeFrame('{}')]));
  while (ends.length === 0) await turn();
  assert.ok(ends[0] instanceof SyntaxError);
  input.write(encodeFrame('{}'));
  await turn();
  assert.deepEqual(received, []);
});

test('a batch waits for a slow link, and counts the items that it drops beyond its limit', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let drained = () => {};
  const sent: unknown[] = [];
  const link = {
    whenDrained(act: () => void) {
      drained = act;
    },
  };
  const batch = createBatch<number>(link, (items, lost) => sent.push({ items, lost }), {
    delayMs: 10,
    maxItems: 2,
  });
  for (const item of [1, 2, 3]) batch.add(item);
  t.mock.timers.tick(10);
  assert.deepEqual(sent, []);
  drained();
  assert.deepEqual(sent, [{ items: [1, 2], lost: 1 }]);
});
