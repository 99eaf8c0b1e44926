// Messages about sign-outs: their storage, and their repetition.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { LogoutMessage } from '../../../src/oauth/provider/logout-messages.ts';
import { createLogoutMessages } from '../../../src/oauth/provider/logout-messages.ts';
import { createOauthStore } from '../../../src/oauth/store/store.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { createStore } from '../../support/store.ts';

const MESSAGE: LogoutMessage = { client: 'c1', user: 'alice', sid: 's1' };

async function setUp(t: TestContext, failures: (Error | undefined)[]) {
  const { database, clock } = await createStore(t);
  const { log, lines } = createMemoryLog();
  const store = createOauthStore();
  const sent: LogoutMessage[] = [];
  const attempt = async (message: LogoutMessage) => {
    const failure = failures[sent.length];
    sent.push(message);
    if (failure) throw failure;
  };
  const process = (by = attempt) => createLogoutMessages({ database, store, clock, log, attempt: by });
  const messages = process();
  const add = (message = MESSAGE) => database.write((tx) => messages.add(tx, message));
  const after = async (seconds: number) => {
    clock.advance(seconds);
    await messages.job.run();
    return sent.length;
  };
  return { after, add, lines, sent, process, database, store, clock };
}

const down = new Error('nothing listens there');
const answered = (status: number) =>
  Object.assign(new Error(`it answered ${status}`), { response: { status } });

test('a message that the client accepts is sent once, without waiting for the job', async (t) => {
  const { add, after, sent } = await setUp(t, []);
  await add();
  while (sent.length === 0) await setImmediate();
  assert.deepEqual(sent, [MESSAGE]);
  assert.equal(await after(1000), 1);
});

test('each client gets one message of a session, also when its end comes in two ways', async (t) => {
  const { add, after } = await setUp(t, []);
  await add();
  assert.equal(await after(0), 1);
  await add();
  assert.equal(await after(60), 1);
  await add({ ...MESSAGE, sid: 's2' });
  assert.equal(await after(0), 2);
});

test('a message to a client that is down is sent again after pauses, until the client accepts it', async (t) => {
  const { add, after } = await setUp(t, [down, answered(503), undefined]);
  await add();
  assert.equal(await after(0), 1);
  assert.equal(await after(9), 1);
  assert.equal(await after(1), 2);
  assert.equal(await after(59), 2);
  assert.equal(await after(1), 3);
  assert.equal(await after(1000), 3);
});

test('sends no message after four attempts, and logs each time whether it will be sent again', async (t) => {
  const { add, after, lines } = await setUp(t, [down, down, down, down]);
  await add();
  for (const pause of [0, 10, 60, 600]) await after(pause);
  assert.equal(await after(10_000), 4);
  const again = lines().map((line) => line.again);
  assert.deepEqual(again, [true, true, true, false]);
});

test('a client that refuses the message does not get it again', async (t) => {
  const { add, after } = await setUp(t, [answered(400)]);
  await add();
  assert.equal(await after(1000), 1);
  const busy = await setUp(t, [answered(429)]);
  await busy.add();
  await busy.after(0);
  assert.equal(await busy.after(10), 2);
});

test('the next process sends the messages that a crash has left: new ones, and those that wait', async (t) => {
  const { add, after, sent, process, clock } = await setUp(t, [down]);
  await add();
  assert.equal(await after(0), 1);
  clock.advance(10);
  const next = process();
  next.start();
  while (sent.length < 2) await setImmediate();
  assert.deepEqual(sent[1], MESSAGE);
});

test('a clock that is set back delays no message for hours', async (t) => {
  const { add, after } = await setUp(t, [down]);
  await add();
  assert.equal(await after(0), 1);
  assert.equal(await after(-86_400), 2);
});

test('a transaction that fails leaves no message', async (t) => {
  const { database, process, after, sent } = await setUp(t, []);
  const act = database.write(async (tx) => {
    await process().add(tx, MESSAGE);
    throw new Error('undone');
  });
  await assert.rejects(act, /undone/);
  assert.equal(await after(1000), 0);
  assert.deepEqual(sent, []);
});

test('a client that does not answer does not delay others, and gets sixteen messages at once', async (t) => {
  const { database, process } = await setUp(t, []);
  const begun: string[] = [];
  const messages = process((message) => {
    begun.push(message.client);
    return message.client === 'silent' ? new Promise(() => {}) : Promise.resolve();
  });
  await database.write(async (tx) => {
    for (let count = 0; count < 40; count += 1) {
      await messages.add(tx, { ...MESSAGE, client: 'silent', sid: `silent ${count}` });
    }
    await messages.add(tx, { ...MESSAGE, client: 'other', sid: 'other' });
  });
  while (!begun.includes('other')) await setImmediate();
  assert.equal(begun.filter((client) => client === 'silent').length, 16);
});

test('rows of sent messages are removed an hour later; those that wait stay', async (t) => {
  const { add, after, database, store, clock } = await setUp(t, [undefined, down]);
  await add();
  await after(0);
  await add({ ...MESSAGE, sid: 's2' });
  await after(0);
  clock.advance(3700);
  await database.write((tx) => store.prune(tx, clock.now()));
  await add();
  assert.equal(await after(0), 4, 'the one that waits, and the first one, which is new now');
});
