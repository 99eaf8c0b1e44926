import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postNote, samplesUnderTest } from './support/samples-under-test.ts';

function reader(response: Response) {
  const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(stream);
  return { next: async () => (await stream.read()).value, cancel: () => stream.cancel() };
}

test('sends an event for each created and deleted note, in order (WHATWG HTML §9.2)', async (t) => {
  const { send } = samplesUnderTest(t);
  const response = await send('/notes/events');
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  const events = reader(response);
  assert.equal(await events.next(), 'retry: 3000\n\n');
  const note = (await (await send('/notes', postNote('two\nlines'))).json()) as { id: string };
  assert.equal(await events.next(), `event: created\ndata: ${JSON.stringify(note)}\n\n`);
  await send(`/notes/${note.id}`, { method: 'DELETE' });
  assert.equal(await events.next(), `event: deleted\ndata: {"id":"${note.id}"}\n\n`);
});

test('sends comments so that the stream stays open (WHATWG HTML §9.2.7)', async (t) => {
  const { send } = samplesUnderTest(t, { heartbeatSeconds: 0.01 });
  const events = reader(await send('/notes/events'));
  await events.next();
  assert.equal(await events.next(), ': heartbeat\n\n');
  assert.equal(await events.next(), ': heartbeat\n\n');
});

test('sends events to every listener, and removes those that have disconnected', async (t) => {
  const { send } = samplesUnderTest(t, { maxEventStreams: 2 });
  const [one, two] = [reader(await send('/notes/events')), reader(await send('/notes/events'))];
  await one.next();
  await two.next();
  const full = await send('/notes/events');
  assert.deepEqual([full.status, await full.json()], [503, { error: 'Too many event streams' }]);
  assert.equal(full.headers.get('retry-after'), '30');
  await one.cancel();
  await send('/notes', postNote('x'));
  assert.match((await two.next()) ?? '', /^event: created/);
  assert.equal((await send('/notes/events')).status, 200);
});

test('ends the stream of a listener that does not read, and drops its queue', async (t) => {
  const { send } = samplesUnderTest(t, { maxEventStreams: 1 });
  const slow = await send('/notes/events');
  for (let index = 0; index < 20; index += 1) await send('/notes', postNote('x'.repeat(8000)));
  assert.equal((await send('/notes/events')).status, 200);
  const received = await slow.text();
  assert.ok(received.length > 8000 && received.length <= 65_536, `${received.length} bytes were received`);
});
