// The hook of dns-01: how it is called, and the messages when it fails.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { HookLimits } from '../../../src/acme-client/challenges/dns-01.ts';
import { createDnsAnswerer } from '../../../src/acme-client/challenges/dns-01.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const challenge = { name: 'a.example', token: 'token', keyAuthorization: 'token.$(thumb)"print' };
const value = hash('sha256', challenge.keyAuthorization, 'base64url');
const { signal } = new AbortController();

function hookOf(t: TestContext, script: string) {
  const folder = temporaryFolder(t);
  const [hook, calls] = [join(folder, 'hook'), join(folder, 'calls')];
  writeFileSync(hook, `#!/bin/sh\n${script.replaceAll('CALLS', `"${calls}"`)}\n`);
  chmodSync(hook, 0o755);
  return { hook, calls: () => readFileSync(calls, 'utf8').trim().split('\n') };
}

test('sets the record, and clears it again (RFC 8555 §8.4)', async (t) => {
  const { hook, calls } = hookOf(t, 'echo "$# $1 $2 $3" >> CALLS');
  const clear = await createDnsAnswerer(hook, {})(challenge, signal);
  assert.deepEqual(calls(), [`3 set _acme-challenge.a.example ${value}`]);
  await clear();
  assert.deepEqual(calls()[1], `3 clear _acme-challenge.a.example ${value}`);
});

test('the hook gets the environment of the server without our own variables', async (t) => {
  const { hook, calls } = hookOf(t, 'echo "$TOKEN,$GATEHOUSE_MASTER_KEY_FILE" >> CALLS');
  await createDnsAnswerer(hook, { TOKEN: 'abc', GATEHOUSE_MASTER_KEY_FILE: '/secret' })(challenge, signal);
  assert.deepEqual(calls(), ['abc,']);
});

test('a hook that fails is quoted in one line, and the record is cleared', async (t) => {
  const { hook, calls } = hookOf(t, 'echo $1 >> CALLS; printf "no\\nsuch zone" >&2; exit 3');
  await assert.rejects(createDnsAnswerer(hook, {})(challenge, signal), {
    message: `The hook ${hook} cannot set the record: it ended with 3: no such zone.`,
  });
  assert.deepEqual(calls(), ['set', 'clear']);
});

test('says why a hook cannot be run, or took too long', async (t) => {
  const attempt = (hook: string, limits?: HookLimits) =>
    createDnsAnswerer(hook, process.env, limits)(challenge, signal);
  await assert.rejects(attempt('/nowhere/hook'), /hook cannot set the record: there is no such program\./);
  const { hook } = hookOf(t, '');
  chmodSync(hook, 0o644);
  await assert.rejects(attempt(hook), /this user may not run it|cannot set/);
  await assert.rejects(
    attempt(hookOf(t, 'exec sleep 60').hook, { timeoutMs: 200, lastMs: 200 }),
    /it took too long/,
  );
});

test('the processes that a hook has started end with it', { timeout: 30_000 }, async (t) => {
  const { hook, calls } = hookOf(t, '[ $1 = clear ] && exit; sleep 60 & echo $! >> CALLS; wait');
  const attempt = createDnsAnswerer(hook, process.env, { timeoutMs: 1000, lastMs: 200 })(challenge, signal);
  await assert.rejects(attempt, /cannot set the record: it took too long/);
  const [child] = calls().map(Number);
  // A killed process exists until its new parent has read its status.
  while (isRunning(child ?? 0)) await new Promise((resolve) => setTimeout(resolve, 20));
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('the end of the server ends a hook that hangs, also while it clears', { timeout: 30_000 }, async (t) => {
  const { hook } = hookOf(t, 'exec sleep 60');
  const control = new AbortController();
  const limits = { timeoutMs: 60_000, lastMs: 200 };
  const attempt = createDnsAnswerer(hook, process.env, limits)(challenge, control.signal);
  control.abort();
  await assert.rejects(attempt, /cannot set the record/);
  const stopped = new AbortController();
  const quick = hookOf(t, 'echo $1 >> CALLS; [ $1 = set ] || exec sleep 60');
  const clear = await createDnsAnswerer(quick.hook, process.env, limits)(challenge, stopped.signal);
  stopped.abort();
  await assert.rejects(clear(), /cannot clear the record: it took too long/);
});
