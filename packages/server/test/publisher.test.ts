// From "something changed" to a snapshot everywhere: strictly one after the other, and no later than promised.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createPublisher } from '../src/publisher.ts';

/** A publication that ends when the test says so. */
function createPublications() {
  const begun: PromiseWithResolvers<void>[] = [];
  return {
    begun,
    publish() {
      const publication = Promise.withResolvers<void>();
      begun.push(publication);
      return publication.promise;
    },
  };
}

/** Whether a promise has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  await turn();
  const pending = Symbol('pending');
  return (await Promise.race([promise.catch(() => {}), Promise.resolve(pending)])) !== pending;
}

test('before there is anywhere to publish to, a change is acted on at once', async () => {
  await createPublisher().changed();
});

test('what changed before there was anywhere to publish to is published then', async () => {
  const publisher = createPublisher();
  const { begun, publish } = createPublications();
  await publisher.changed();
  const attached = publisher.attach(publish);
  await turn();
  assert.equal(begun.length, 1);
  begun[0]?.resolve();
  await attached;
  const quiet = createPublisher();
  await quiet.attach(publish);
  assert.equal(begun.length, 1);
});

test('changes that come together share one snapshot, and each hears when it is out', async () => {
  const publisher = createPublisher();
  const { begun, publish } = createPublications();
  await publisher.attach(publish);
  const changes = [publisher.changed(), publisher.changed(), publisher.changed()];
  await turn();
  assert.equal(begun.length, 1);
  for (const change of changes) assert.equal(await settled(change), false);
  begun[0]?.resolve();
  await Promise.all(changes);
});

test('a change during a publication waits for another one, which begins after the first has ended', async () => {
  const publisher = createPublisher();
  const { begun, publish } = createPublications();
  await publisher.attach(publish);
  const first = publisher.changed();
  await turn();
  // The snapshot under way may have been read before this.
  const second = publisher.changed();
  const third = publisher.changed();
  await turn();
  assert.equal(begun.length, 1, 'two publications at once');
  begun[0]?.resolve();
  await first;
  await turn();
  assert.equal(begun.length, 2);
  assert.equal(await settled(second), false);
  begun[1]?.resolve();
  await Promise.all([second, third]);
  assert.equal(begun.length, 2);
});

test('a publication that fails is told to those who asked for it and to no later one', async () => {
  const publisher = createPublisher();
  const { begun, publish } = createPublications();
  await publisher.attach(publish);
  const first = publisher.changed();
  await turn();
  const second = publisher.changed();
  begun[0]?.reject(new Error('a worker did not answer'));
  await assert.rejects(first, /did not answer/);
  await turn();
  begun[1]?.resolve();
  await second;
  const third = publisher.changed();
  await turn();
  begun[2]?.resolve();
  await third;
});

test('whoever changes something is never told before a snapshot that has it', async () => {
  const publisher = createPublisher();
  let committed = 0;
  let published = 0;
  await publisher.attach(async () => {
    const snapshot = committed;
    await turn();
    assert.ok(snapshot >= published, 'an older snapshot after a newer one');
    published = snapshot;
  });
  const change = async () => {
    committed += 1;
    const mine = committed;
    await publisher.changed();
    assert.ok(published >= mine);
  };
  for (let round = 0; round < 20; round += 1) {
    const changes = Array.from({ length: 3 }, change);
    await turn();
    await Promise.all([...changes, change()]);
  }
});
