// Threads for password hashes: they compute Argon2id, and other work has priority.
import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { createHashThreads } from '../../../src/identity/passwords/hash-threads.ts';

const cheap = { nonce: Buffer.alloc(16, 7), tagLength: 32, memory: 256, passes: 1, parallelism: 1 };
const parameters = { ...cheap, message: Buffer.from('correct horse') };

test('computes the same as Argon2id of node:crypto, also several at once', async () => {
  const argon2id = createHashThreads();
  const messages = ['one', 'two', 'three'].map((text) => ({ ...cheap, message: Buffer.from(text) }));
  const tags = await Promise.all(messages.map(argon2id));
  assert.deepEqual(
    tags.map(Buffer.from),
    messages.map((each) => argon2Sync('argon2id', each)),
  );
});

test('after a failed call, a thread is free for the next one', async () => {
  const argon2id = createHashThreads();
  await assert.rejects(argon2id({ ...parameters, parallelism: 0 }), /parallelism/);
  assert.deepEqual(Buffer.from(await argon2id(parameters)), argon2Sync('argon2id', parameters));
});

const notLinux = process.platform !== 'linux' && 'needs Linux, where threads have priorities';

test('hashes in a thread with a lower priority, and does not change the priority of the process', {
  skip: notLinux,
}, async () => {
  const own = getPriority();
  const lower = () => niceValues().filter((nice) => nice > own).length;
  const before = lower();
  await createHashThreads()(parameters);
  assert.equal(getPriority(), own);
  assert.equal(lower(), before + 1);
});

/** The priorities of all threads of this process (proc_pid_stat(5), field 19). */
function niceValues(): number[] {
  return readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}
