// Kills and drains: every acknowledged write survives `kill -9` of any process. SIGTERM lets requests finish,
// and exits with 0.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '../support/conditions.ts';
import type { Up } from '../support/gatehouse-command.ts';
import { oneLine, up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { COMMAND } from '../support/program.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const STOPPED_WITHIN_MS = 10_000;
/** For slow steps on a busy machine. */
const PATIENCE_MS = 60_000;
const KEYS_BEFORE_KILL = 5;
const FAILED = 1;
const CONNECT = 3;

const VICTIMS: Record<string, (server: Up) => number> = {
  'the process that serves': ({ pid }) => pid,
  'the command that was started': ({ wrapper }) => wrapper.pid ?? 0,
};

describe('gatehouse up', { concurrency: 3 }, () => {
  for (const [name, victim] of Object.entries(VICTIMS)) {
    it(`loses no acknowledged key when kill -9 ends ${name}`, async (t) => {
      const data = mkdtempSync(join(tmpdir(), 'gatehouse-killed-'));
      t.after(() => rmSync(data, { recursive: true, force: true }));
      const acknowledged = await keysBeforeKill(await up({ data, program: COMMAND }), victim);
      const server = await up({ data });
      t.after(server.stop);
      const stored = (await server.json<{ id: string }[]>('key', 'list')).map(({ id }) => id);
      for (const key of acknowledged) {
        assert.ok(stored.includes(key.split('_')[1] ?? ''));
        assert.equal((await ask({ ...server, path: '/', headers: { 'x-api-key': key } })).status, 200);
      }
      assert.equal((await server.json<{ ok: boolean }>('audit', 'verify')).ok, true);
    });
  }

  it('on SIGTERM says that it drains while a request runs (/readyz), and that it runs (/healthz)', async (t) => {
    const upstream = await startRecordingUpstream();
    t.after(upstream.close);
    let response: ServerResponse | undefined;
    upstream.on('/slow', (_, started) => {
      response = started;
      started.write('the first');
    });
    const server = await up({ upstream: upstream.origin, program: COMMAND });
    t.after(server.stop);
    const state = (path: string) => ask({ port: server.controlPort, ca: server.ca, path });
    assert.deepEqual((await state('/readyz')).json(), { status: 'ready' });
    const answer = ask({ ...server, path: '/slow', headers: { 'x-api-key': await server.key('user') } });
    const sending = await eventually('the upstream to answer', () => response);
    server.wrapper.kill('SIGTERM');
    const draining = await eventually('the server to drain', async () => {
      const said = await state('/readyz');
      return said.status === 503 ? said : undefined;
    });
    assert.deepEqual(draining.json(), { status: 'draining' });
    assert.equal((await state('/healthz')).status, 200);
    sending.end(' and the rest');
    assert.equal((await answer).text(), 'the first and the rest');
    assert.deepEqual(await server.ended, { status: 0, signal: null });
  });

  it('on SIGTERM refuses new connections, lets a slow download finish, and exits with 0', async (t) => {
    const upstream = await startRecordingUpstream();
    t.after(upstream.close);
    let response: ServerResponse | undefined;
    upstream.on('/slow', (_, started) => {
      response = started;
      started.write('the first');
    });
    const server = await up({ upstream: upstream.origin });
    t.after(server.stop);
    const answer = ask({ ...server, path: '/slow', headers: { 'x-api-key': await server.key('user') } });
    const sending = await eventually('the upstream to answer', () => response);
    const stoppedAt = performance.now();
    server.wrapper.kill('SIGTERM');
    await eventually('new connections to be refused', () => isRefused(server));
    sending.end(' and the rest');
    assert.equal((await answer).text(), 'the first and the rest');
    assert.deepEqual(await server.ended, { status: 0, signal: null });
    assert.ok(performance.now() - stoppedAt < STOPPED_WITHIN_MS);
  });

  it('on SIGTERM exits with 0 within ten seconds, while a connection is open', async (t) => {
    const server = await up();
    t.after(server.stop);
    const agent = new Agent({ keepAlive: true, ca: server.ca });
    t.after(() => agent.destroy());
    const asked = request(server.ready.control, { agent }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    const stoppedAt = performance.now();
    server.wrapper.kill('SIGTERM');
    assert.deepEqual(await server.ended, { status: 0, signal: null });
    assert.ok(performance.now() - stoppedAt < STOPPED_WITHIN_MS);
    // On Linux, where the workers run on Bun.
    if (process.platform === 'linux') assert.equal(server.stderr(), '', 'a start as usual needs no remark');
  });
});

/**
 * Creates keys with several commands at a time until the server is killed, and returns the acknowledged ones.
 */
async function keysBeforeKill(server: Up, victim: (server: Up) => number): Promise<string[]> {
  const acknowledged: string[] = [];
  const streams = [1, 2, 3].map(async (stream) => {
    for (let number = 1; ; number += 1) {
      const outcome = await server.command(['key', 'create', `key-${stream}-${number}`]);
      if (outcome.status !== 0) return outcome;
      acknowledged.push(outcome.stdout.trim());
    }
  });
  try {
    await eventually('some keys', () => acknowledged.length >= KEYS_BEFORE_KILL, PATIENCE_MS);
  } finally {
    process.kill(victim(server), 'SIGKILL');
  }
  for (const outcome of await Promise.all(streams)) {
    assert.ok(outcome.status === FAILED || outcome.status === CONNECT, `exit status ${outcome.status}`);
    assert.match(oneLine(outcome), /^gatehouse: /);
  }
  await server.ended;
  await eventually('the serving process to be gone', () => isRefused(server));
  return acknowledged;
}

function isRefused(server: Up): Promise<boolean> {
  return ask({ ...server, path: '/' }).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
  );
}
