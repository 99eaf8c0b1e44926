import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postNote, samplesUnderTest } from './support/samples-under-test.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');

test('creates a note with 201 and Location, reads it, lists it and deletes it', async (t) => {
  const { send } = samplesUnderTest(t, { clock: () => NOW });
  const created = await send('/notes', postNote('Grüße 👏'));
  const note = (await created.json()) as { id: string };
  assert.equal(created.status, 201);
  assert.equal(created.headers.get('location'), `/notes/${note.id}`);
  assert.deepEqual(note, { id: note.id, text: 'Grüße 👏', createdAt: '2026-01-02T03:04:05.678Z' });

  assert.deepEqual(await (await send(`/notes/${note.id}`)).json(), note);
  assert.deepEqual(await (await send('/notes')).json(), [note]);

  const deleted = await send(`/notes/${note.id}`, { method: 'DELETE' });
  assert.deepEqual([deleted.status, await deleted.text()], [204, '']);
  assert.deepEqual(await (await send('/notes')).json(), []);
});

test('lists notes in the order of their creation', async (t) => {
  const { send } = samplesUnderTest(t);
  for (const text of ['one', 'two', 'three']) await send('/notes', postNote(text));
  const notes = (await (await send('/notes')).json()) as { text: string }[];
  assert.deepEqual(
    notes.map(({ text }) => text),
    ['one', 'two', 'three'],
  );
});

test('answers 404 for a note that does not exist, with any id', async (t) => {
  const { send } = samplesUnderTest(t);
  for (const id of ['x', 'files', '__proto__', crypto.randomUUID()]) {
    for (const method of ['GET', 'DELETE']) {
      const response = await send(`/notes/${id}`, { method });
      assert.deepEqual([response.status, await response.text()], [404, '{"error": "No such note"}']);
    }
  }
});

test('does not use the words events and files as ids of notes', async (t) => {
  const { send } = samplesUnderTest(t);
  const events = await send('/notes/events', { method: 'HEAD' });
  assert.equal(events.headers.get('content-type'), 'text/event-stream');
  assert.equal((await send('/notes/events', { method: 'DELETE' })).status, 405);
  assert.equal(await (await send('/notes/files/missing')).text(), '{"error": "No such file"}');
});

test('says what is wrong with a body that is not a note', async (t) => {
  const { send } = samplesUnderTest(t);
  const cases: [body: BodyInit, error: string][] = [
    ['', 'The body must be JSON in UTF-8.'],
    ['{', 'The body must be JSON in UTF-8.'],
    [Uint8Array.of(0x22, 0xff, 0x22), 'The body must be JSON in UTF-8.'],
    ['[]', 'The body must be a JSON object.'],
    ['{}', '"text" must be a string that is not empty'],
    ['{"text": 1}', '"text" must be a string that is not empty'],
    ['{"text": ""}', '"text" must be a string that is not empty'],
  ];
  for (const [body, error] of cases) {
    const response = await send('/notes', { method: 'POST', body });
    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), { error });
  }
});

test('refuses a note that is too large with 413 (RFC 9110 §15.5.14)', async (t) => {
  const { send } = samplesUnderTest(t, { maxNoteBytes: 100 });
  const response = await send('/notes', postNote('x'.repeat(100)));
  assert.equal(response.status, 413);
  assert.deepEqual(await response.json(), { error: 'The body must have at most 100 bytes.' });
});

test('refuses too many notes with 507 until one is deleted (RFC 4918 §11.5)', async (t) => {
  const { send } = samplesUnderTest(t, { maxNotes: 2 });
  const first = (await (await send('/notes', postNote('one'))).json()) as { id: string };
  await send('/notes', postNote('two'));
  const full = await send('/notes', postNote('three'));
  assert.equal(full.status, 507);
  assert.deepEqual(await full.json(), { error: 'Too many notes: delete one first' });
  await send(`/notes/${first.id}`, { method: 'DELETE' });
  assert.equal((await send('/notes', postNote('three'))).status, 201);
});
