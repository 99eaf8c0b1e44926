// Messages about sign-outs: when they are sent again, and when not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogoutMessages } from '../../../src/oauth/provider/logout-messages.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLog } from '../../support/memory-log.ts';

function setUp(failures: (Error | undefined)[]) {
  const clock = createFakeClock();
  const { log, lines } = createMemoryLog();
  const messages = createLogoutMessages({ clock, log });
  let sent = 0;
  const attempt = async () => {
    const failure = failures[sent];
    sent += 1;
    if (failure) throw failure;
  };
  const after = async (seconds: number) => {
    clock.advance(seconds);
    await messages.job.run();
    return sent;
  };
  return { after, send: () => messages.send('c1', attempt), lines };
}

const down = new Error('nothing listens there');
const answered = (status: number) =>
  Object.assign(new Error(`it answered ${status}`), { response: { status } });

test('a message that is taken is sent once', async () => {
  const { send, after } = setUp([]);
  await send();
  assert.equal(await after(1000), 1);
});

test('a message to a client that is down is sent again after pauses, until it is taken', async () => {
  const { send, after } = setUp([down, answered(503), undefined]);
  await send();
  assert.equal(await after(9), 1);
  assert.equal(await after(1), 2);
  assert.equal(await after(59), 2);
  assert.equal(await after(1), 3);
  assert.equal(await after(1000), 3);
});

test('it is given up after four attempts, and the log says each time whether it is sent again', async () => {
  const { send, after, lines } = setUp([down, down, down, down]);
  await send();
  for (const pause of [10, 60, 600]) await after(pause);
  assert.equal(await after(10_000), 4);
  const again = lines().map((line) => line.again);
  assert.deepEqual(again, [true, true, true, false]);
});

test('a client that refuses the message does not get it again', async () => {
  const { send, after } = setUp([answered(400)]);
  await send();
  assert.equal(await after(1000), 1);
  const busy = setUp([answered(429)]);
  await busy.send();
  assert.equal(await busy.after(10), 2);
});

test('clients that are down do not fill the memory', async () => {
  const { send, after } = setUp(Array.from({ length: 2000 }, () => down));
  for (let count = 0; count < 1200; count += 1) await send();
  assert.equal(await after(10), 1216, 'sixteen at once');
});
