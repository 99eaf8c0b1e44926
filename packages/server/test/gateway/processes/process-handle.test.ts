// The control plane's end of a data plane process, with real processes on both runtimes.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GatehouseError, SECTION_NAMES } from '@gatehouse/access';
import type { ProcessReport } from '@gatehouse/dataplane';
import { createEncryptedSessions } from '@gatehouse/protocol';
import { launch } from '../../../src/gateway/processes/launch.ts';
import type { ProcessCallbacks } from '../../../src/gateway/processes/process-handle.ts';
import { startProcess } from '../../../src/gateway/processes/process-handle.ts';
import type { Runtime } from '../../../src/gateway/runtime/runtime.ts';
import { findBun, nodeRuntime } from '../../../src/gateway/runtime/runtime.ts';
import type { Section } from '../../../src/platform/feed/feed.ts';

const program = fileURLToPath(new URL('../../../../dataplane/test/support/stub-program.ts', import.meta.url));
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const assertionKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const ENTRIES: Record<string, [string, unknown][]> = {
  trust: [
    ['tokens', { issuer: 'https://a', audience: 'https://b', jwks: { keys: [] } }],
    ['assertion', { privateKey: assertionKey, kid: 'k', issuer: 'https://a' }],
    ['digest', { run: 0, nonceKey: new Uint8Array(32), md5: false }],
    ['dpop', { nonceKeys: [new Uint8Array(32)], requireNonce: false, notBefore: 0, run: 0 }],
    ['signatures', { maxAgeSeconds: 60, notBefore: 0, nonceKey: new Uint8Array(32), run: 0 }],
    ['answers', { privateKey: '', kid: 'test', keySet: '{"keys":[]}' }],
  ],
  tls: [['default', { privateKey: '', certificateChain: '', ticketKeys: randomBytes(48) }]],
};

function sectionsOf(users: number): Section[] {
  const entries = {
    ...ENTRIES,
    users: Array.from({ length: users }, (_, index) => [`user${index}`, { roles: ['user'] }]),
  } as typeof ENTRIES;
  return SECTION_NAMES.map(
    (name) => ({ name, version: 3, entries: new Map(entries[name] ?? []) }) as unknown as Section,
  );
}

interface Options {
  behaviour?: string;
  users?: number;
  callbacks?: Partial<ProcessCallbacks>;
}

function start(t: TestContext, runtime: Runtime, { behaviour, users = 1, callbacks }: Options = {}) {
  const exited = Promise.withResolvers<string>();
  const failures: string[] = [];
  const handle = startProcess(
    (ended) => launch({ runtime, logsToStdout: false, program }, ended),
    { logLevel: 'info', accessLog: 'none', settings: { behaviour } },
    {
      record: async () => {},
      claims: { claim: async () => 'first' },
      sessions: createEncryptedSessions(Date.now),
      sections: () => sectionsOf(users),
      handshakes() {},
      counted() {},
      log() {},
      failed: (error) => failures.push(error.message),
      exited: exited.resolve,
      ...callbacks,
    },
  );
  t.after(() => handle.terminate());
  return { handle, exited: exited.promise, failures };
}

const change = (version: number, section = 'users') => ({
  seq: 9,
  section,
  version,
  put: [['zoe', { roles: ['admin'] }]] as [string, unknown][],
  remove: [],
});

const { bun } = await findBun();
// Only the folder of compiled code, which saves most of Node's start.
const { NODE_COMPILE_CACHE } = process.env;
const node = nodeRuntime();
if (NODE_COMPILE_CACHE !== undefined) node.environment = { NODE_COMPILE_CACHE };

for (const runtime of [...(bun ? [bun] : []), node]) {
  describe(`a data plane process on ${runtime.name}`, { timeout: 60_000, concurrency: 3 }, () => {
    test('takes its sections in parts, listens, and acts on changes', async (t) => {
      const { handle, failures } = start(t, runtime, { users: 5001 });
      await handle.listening;
      await handle.apply([change(4), change(4, 'keys')]);
      await handle.apply([change(5)]);
      assert.deepEqual(failures, []);
    });

    test('gets a section again as a whole after it missed a change', async (t) => {
      const { handle } = start(t, runtime);
      await handle.listening;
      await handle.apply([change(7)]);
    });

    test('refuses changes that do not compile, and continues', async (t) => {
      const { handle } = start(t, runtime);
      await handle.listening;
      const broken = { ...change(4, 'routes'), put: [['1', { path: 'no slash' }]] as [string, unknown][] };
      await assert.rejects(handle.apply([broken]));
      await handle.apply([change(4)]);
    });

    test('sends log lines, handshakes and facts, and learns that a fact is recorded', async (t) => {
      const lines: string[] = [];
      const handshakes: unknown[] = [];
      const facts: unknown[] = [];
      start(t, runtime, {
        behaviour: 'logs',
        callbacks: {
          record: async (fact) => void facts.push(fact),
          handshakes: (records) => handshakes.push(...records),
          log(some) {
            for (const { event, facts } of some) lines.push(`${event} ${facts.runtime}`);
          },
        },
      });
      while (lines.length < 2 || handshakes.length < 1) await setTimeout(10);
      assert.deepEqual(lines, [`gateway.runtime ${runtime.name}`, 'disk.full undefined']);
      assert.equal(facts.length, 1);
    });

    test('learns why a fact is refused because of the client, which is not logged as a failure', async (t) => {
      const lines: string[] = [];
      const { failures } = start(t, runtime, {
        behaviour: 'logs',
        callbacks: {
          async record() {
            throw new GatehouseError('sign_in_incomplete', 'The code was used before.');
          },
          log: (some) => lines.push(...some.map(({ event, facts }) => `${event} ${reasonIn(facts)}`)),
        },
      });
      while (lines.length < 2) await setTimeout(10);
      assert.deepEqual([lines[1], failures], ['disk.no_reserve sign_in_incomplete', []]);
    });

    test('reports its counts and its condition about once a second', async (t) => {
      const reports: ProcessReport[] = [];
      const { handle } = start(t, runtime, {
        behaviour: 'counts',
        callbacks: { counted: (report) => reports.push(report) },
      });
      await handle.listening;
      while (reports.length < 2) await setTimeout(10);
      const counted = reports.flatMap(({ routes }) => routes.map(({ requests }) => requests[2]?.[3]));
      assert.deepEqual(counted, [1]);
      const [report] = reports;
      assert.equal(report?.connections, 7);
      assert.ok((report?.residentBytes ?? 0) > 1e6);
      assert.ok((report?.cpuSeconds ?? 0) > 0);
    });

    test('reports the rest before it has drained', async (t) => {
      const reports: ProcessReport[] = [];
      const callbacks = { counted: (report: ProcessReport) => reports.push(report) };
      const { handle } = start(t, runtime, { behaviour: 'counts', callbacks });
      await handle.listening;
      await handle.drain(1);
      assert.equal(reports.flatMap(({ routes }) => routes).length, 1);
    });

    test('reports a port that it cannot get, with the code of the error', async (t) => {
      const { handle } = start(t, runtime, { behaviour: 'cannot listen' });
      await assert.rejects(handle.listening, { code: 'EADDRINUSE' });
    });

    test('reports a process that dies, with the cause', async (t) => {
      const { handle, exited } = start(t, runtime, { behaviour: 'dies' });
      await assert.rejects(handle.listening);
      assert.match(await exited, /^it (was ended by|exited with code)/);
      await handle.apply([change(4)]);
    });

    test('ends a process that hangs in a change, and counts the change as delivered', async (t) => {
      const { handle, exited } = start(t, runtime, { behaviour: 'hangs' });
      await handle.listening;
      await handle.apply([change(4)]);
      assert.match(await exited, /SIGKILL/);
    });

    test('drains and ends by itself', async (t) => {
      const { handle, exited } = start(t, runtime);
      await handle.listening;
      await handle.drain(5);
      assert.match(await exited, /code 0/);
    });

    test('gets none of the variables of our environment', async (t) => {
      if (process.platform !== 'linux') {
        t.skip('needs /proc');
        return;
      }
      process.env.BUN_OPTIONS = '--preload=/nowhere.js';
      process.env.NODE_OPTIONS_SECRET = 'x';
      t.after(() => {
        delete process.env.BUN_OPTIONS;
        delete process.env.NODE_OPTIONS_SECRET;
      });
      const { handle } = start(t, runtime);
      await handle.listening;
      const environment = await readFile(`/proc/${handle.pid}/environ`, 'utf8');
      assert.doesNotMatch(environment, /SECRET|BUN_OPTIONS|PATH=\//);
    });
  });
}

test('reports a program that cannot be started', async (t) => {
  const { handle, exited } = start(t, { ...nodeRuntime(), command: '/nowhere/bun' });
  await assert.rejects(handle.listening, /ENOENT/);
  assert.match(await exited, /ENOENT/);
});

function reasonIn({ error }: Record<string, unknown>): string {
  return String((error as { message?: unknown } | undefined)?.message);
}
