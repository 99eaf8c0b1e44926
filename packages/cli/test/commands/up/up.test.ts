// gatehouse up, with a replacement of the server: its output, and how it ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { ReadyFacts, ServeOptions } from '@gatehouse/server';
import { runServer, type Serve } from '../../../src/commands/up/up.ts';
import { exitStatusOf } from '../../../src/exit-status.ts';
import { firstStopSignal } from '../../../src/stop-signal.ts';
import { contextOf, createFakeProcess } from '../../fake-process.ts';

const ready: ReadyFacts = {
  gateway: 'https://localhost:8443',
  control: 'https://localhost:9443',
  pki: 'http://localhost:9080',
  samples: null,
  upstream: 'http://127.0.0.1:3000',
  rootCertificate: '/data/root.pem',
  rootFingerprint: 'sha256/abc',
  configuration: {
    file: '/etc/gatehouse.config.ts',
    digest: `sha256:${'a'.repeat(64)}`,
    routes: 2,
    upstreams: 1,
  },
  administrator: { name: 'admin', passwordFile: '/data/admin-password' },
};

test('prints one JSON line with the facts when standard output is not a terminal', async () => {
  const process = createFakeProcess();
  const server = createFakeServer();
  const running = runServer(
    server.serve,
    { upstream: 'http://127.0.0.1:3000', set: ['a=b'] },
    contextOf(process),
  );
  await server.started;
  process.signal('SIGTERM');
  await running;
  const { time, ...line } = JSON.parse(process.written.stdout.toString());
  assert.match(time, /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/);
  assert.deepEqual(line, { event: 'ready', level: 'info', ...ready, message: 'the gateway serves' });
  const { upstream, set } = server.options();
  assert.deepEqual({ upstream, set }, { upstream: 'http://127.0.0.1:3000', set: ['a=b'] });
});

test('prints on a terminal all addresses and what to try', async () => {
  const process = createFakeProcess({ terminal: true });
  const server = createFakeServer();
  const running = runServer(server.serve, { data: '/data' }, contextOf(process));
  await server.started;
  process.signal('SIGTERM');
  await running;
  const shown = process.written.stdout.toString();
  for (const fact of [ready.gateway, ready.control, ready.pki, 'sha256/abc', '/data/admin-password']) {
    assert.ok(shown.includes(fact), fact);
  }
  assert.match(shown, /curl --cacert \/data\/root\.pem https:\/\/localhost:8443\/\n/);
  assert.match(shown, /gatehouse key create robot --role user --out robot\.key --data \/data\n/);
  assert.doesNotMatch(shown, /npx/);
  assert.match(
    shown,
    /gatehouse request https:\/\/localhost:8443\/ --key-file robot\.key --data-folder \/data\n/,
  );
});

test('prints the command of the clone if npm start has started it', async () => {
  const process = createFakeProcess({ terminal: true, env: { npm_lifecycle_event: 'start', NO_COLOR: '1' } });
  const server = createFakeServer();
  const running = runServer(server.serve, {}, contextOf(process));
  await server.started;
  process.signal('SIGTERM');
  await running;
  const shown = process.written.stdout.toString();
  assert.match(shown, /\$ \.\/gatehouse key create/);
  assert.match(shown, /\$ \.\/gatehouse request/);
});

test('prints the plain command if npm has started it from somewhere else', async () => {
  const process = createFakeProcess({
    terminal: true,
    env: { npm_command: 'exec', npm_lifecycle_event: 'npx', NO_COLOR: '1' },
  });
  const server = createFakeServer();
  const running = runServer(server.serve, {}, contextOf(process));
  await server.started;
  process.signal('SIGTERM');
  await running;
  assert.match(process.written.stdout.toString(), /\$ gatehouse key create/);
});

test('stops at SIGTERM and exits with 0', async () => {
  const process = createFakeProcess();
  const server = createFakeServer();
  const running = runServer(server.serve, {}, contextOf(process));
  await server.started;
  assert.equal(server.stops(), 0);
  process.signal('SIGTERM');
  await running;
  assert.equal(server.stops(), 1);
});

test('continues when standard output cannot be written, and warns on standard error', async () => {
  for (const [brokenOutput, stderr] of [
    [
      'ENOSPC',
      /^gatehouse: warning: cannot write to standard output: the disk is full; the server runs without it\n$/,
    ],
    ['EPIPE', /^$/],
  ] as const) {
    const process = createFakeProcess({ brokenOutput });
    const server = createFakeServer();
    const running = runServer(server.serve, {}, contextOf(process));
    await server.started;
    await turn();
    assert.equal(server.stops(), 0);
    process.signal('SIGTERM');
    await running;
    assert.match(process.written.stderr, stderr);
  }
});

test('a signal during the start stops the server when it is ready', async () => {
  const process = createFakeProcess();
  const server = createFakeServer();
  const running = runServer(server.serve, {}, contextOf(process));
  process.signal('SIGINT');
  await running;
  assert.equal(server.stops(), 1);
});

test('SIGHUP makes the server read its configuration again; during the start, it takes effect after it', async () => {
  for (const terminal of [false, true]) {
    const process = createFakeProcess({ terminal });
    const server = createFakeServer();
    const running = runServer(server.serve, {}, contextOf(process), () => true);
    process.signal('SIGHUP');
    await server.started;
    process.signal('SIGHUP');
    await turn();
    assert.deepEqual([server.reloads(), server.stops()], [2, 0]);
    process.signal('SIGTERM');
    await running;
    assert.deepEqual(process.kills, []);
  }
});

test('SIGHUP from a closed terminal stops the server, and the process ends by that signal', async () => {
  const process = createFakeProcess({ terminal: true });
  const server = createFakeServer();
  const running = runServer(server.serve, {}, contextOf(process), () => false);
  await server.started;
  process.signal('SIGHUP');
  await running;
  assert.deepEqual([server.reloads(), server.stops()], [0, 1]);
  assert.deepEqual(process.kills, ['SIGHUP']);
});

test('the banner names the configuration file, or says that there is none', async () => {
  const shown = async (configuration: ReadyFacts['configuration']) => {
    const process = createFakeProcess({ terminal: true });
    const server = createFakeServer({ ...ready, configuration });
    const running = runServer(server.serve, {}, contextOf(process));
    await server.started;
    process.signal('SIGTERM');
    await running;
    return stripVTControlCharacters(process.written.stdout.toString());
  };
  assert.match(
    await shown(ready.configuration),
    /configuration {2}\/etc\/gatehouse\.config\.ts \(sha256:aaaaaaaaaaaa…\), 2 routes, 1 upstream\n/,
  );
  const none = { file: null, digest: null, routes: 1, upstreams: 1 };
  assert.match(await shown(none), /configuration {2}no file, 1 route, 1 upstream\n/);
});

test('a second signal exits at once with 1, but not the copy of the first from a wrapper', async () => {
  const process = createFakeProcess();
  let now = 1000;
  const stopped = firstStopSignal(process, () => now);
  process.signal('SIGINT');
  await stopped;
  now += 300;
  process.signal('SIGINT');
  assert.deepEqual(process.exits, []);
  now += 300;
  process.signal('SIGTERM');
  assert.deepEqual(process.exits, [1]);
});

test('an error of settings exits with 2, any other error at the start with 1', async () => {
  for (const [code, status] of [
    ['config_unknown', 2],
    ['config_invalid', 2],
    ['listen_failed', 1],
  ] as const) {
    const failing: Serve = () => Promise.reject(Object.assign(new Error('one clear line'), { code }));
    await assert.rejects(runServer(failing, {}, contextOf(createFakeProcess())), (error: Error) => {
      assert.equal(error.message, 'one clear line');
      assert.equal(exitStatusOf(error), status);
      return true;
    });
  }
});

function createFakeServer(facts = ready) {
  const started = Promise.withResolvers<void>();
  let options: ServeOptions | undefined;
  let stops = 0;
  let reloads = 0;
  const serve: Serve = async (given) => {
    options = given;
    setImmediate(started.resolve);
    const stop = async () => {
      stops += 1;
    };
    const reload = async () => {
      reloads += 1;
    };
    return { ready: facts, reload, stop };
  };
  return {
    serve,
    started: started.promise,
    stops: () => stops,
    reloads: () => reloads,
    options: () => options ?? assert.fail('serve was not called'),
  };
}
