// The configuration of a server that runs: checked, shown and reloaded by command and by signal; watched; and
// never replaced by another one silently.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { after, describe, it } from 'node:test';
import { issue } from '../support/certificates.ts';
import { eventually } from '../support/conditions.ts';
import type { Up, UpOptions } from '../support/gatehouse-command.ts';
import { gatehouse, oneLine, run, up, upArguments } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { COMMAND } from '../support/program.ts';
import { withoutPython } from '../support/programs.ts';
import { onTransport, TRANSPORTS } from '../support/transports.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const upstream = await startRecordingUpstream();
after(upstream.close);

const open = (path: string) => ({ path, access: 'public' });

interface World {
  folder: string;
  /** `gatehouse.config.json` in the folder. */
  file: string;
  write(routes: unknown, more?: object): void;
  start(options?: UpOptions): Promise<Up>;
}

/** A working folder with a configuration file. Its data folder stays after the server has stopped. */
function world(t: { after(run: () => unknown): unknown }): World {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-configuration-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'gatehouse.config.json');
  return {
    folder,
    file,
    write: (routes, more = {}) =>
      writeFileSync(file, JSON.stringify({ gateway: { upstream: upstream.origin, routes }, ...more })),
    async start(options = {}) {
      const server = await up({ cwd: folder, data: join(folder, 'data'), ...options });
      t.after(server.stop);
      return server;
    },
  };
}

// A server for the tests of reloads, which run in this order. Each begins with its own routes.
const shared = world({ after });
let sharedServer: Up | undefined;

async function sharedWith(routes: unknown): Promise<Up> {
  shared.write(routes);
  if (sharedServer !== undefined) {
    await sharedServer.json('config', 'reload');
    return sharedServer;
  }
  sharedServer = await shared.start({ set: ['gateway.workers=2'] });
  return sharedServer;
}

const statusOf = async (server: Up, path: string) => (await ask({ ...server, path })).status;

describe('the configuration file of a data folder', () => {
  it('is in the ready line, in status and in config show, with its digest and counts', async (t) => {
    const { write, file, start } = world(t);
    write([open('/a'), { path: '/b', upstream: 'http://127.0.0.1:9' }]);
    const server = await start();
    const digest = `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
    const configuration = { file, digest, routes: 2, upstreams: 2 };
    assert.deepEqual(server.ready.configuration, configuration);
    assert.deepEqual((await server.json<{ configuration: object }>('status')).configuration, configuration);
    const { settings, ...shown } = await server.json<{ settings: { name: string; source: string }[] }>(
      'config',
      'show',
    );
    assert.deepEqual(shown, configuration);
    const sourceOf = (name: string) => settings.find((each) => each.name === name)?.source;
    assert.deepEqual(['gateway.routes', 'gateway.workers', 'log.level'].map(sourceOf), [
      'file',
      '--set',
      'default',
    ]);
  });

  it('is recorded: a start without it is refused with the remedy, and a start with it succeeds', async (t) => {
    const { folder, write, file, start } = world(t);
    write([open('/a')]);
    await (await start()).stop();
    const again = await start();
    assert.doesNotMatch(again.stderr(), /another configuration/);
    await again.stop();

    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    const refused = async (cwd: string) => {
      const outcome = await gatehouse(['up', ...upArguments({ data: join(folder, 'data') })], { cwd });
      assert.equal(outcome.status, 2);
      return oneLine(outcome);
    };
    assert.equal(
      await refused(elsewhere),
      `gatehouse: The data folder ${folder}/data was last served with the configuration file ${file}, but this start ` +
        `found none in ${elsewhere}: add --config ${file} to serve the same policy again, or --config none to serve without a file.`,
    );
    const other = join(elsewhere, 'gatehouse.config.json');
    writeFileSync(
      other,
      JSON.stringify({ gateway: { upstream: upstream.origin, routes: [open('/other')] } }),
    );
    assert.match(
      await refused(elsewhere),
      new RegExp(`found ${other}: add --config ${file} .*, or --config ${other} for`),
    );

    const changed = await start({ config: other });
    assert.equal(await statusOf(changed, '/other'), 200);
    assert.match(changed.stderr(), /the server now uses another configuration file/);
    await changed.stop();
    assert.match(await refused(folder), new RegExp(`add --config ${other} to serve the same policy again`));
  });

  it('is not needed after --config none, also at the next start', async (t) => {
    const { write, file, start } = world(t);
    write([open('/a')]);
    await (await start()).stop();
    const without = await start({ config: 'none', upstream: upstream.origin });
    assert.equal(without.ready.configuration.file, null);
    assert.equal(await statusOf(without, '/a'), 401);
    await without.stop();
    rmSync(file);
    const again = await start({ upstream: upstream.origin });
    assert.equal(again.ready.configuration.file, null);
  });
});

describe('config reload', () => {
  it('puts changed routes in force before the answer, and says what changed and what needs a restart', async () => {
    const server = await sharedWith([open('/old')]);
    shared.write([open('/new')], { log: { level: 'warn' }, control: { maxConnections: 50 } });
    const report = await server.json<{ changed: string[]; needRestart: string[]; routes: number }>(
      'config',
      'reload',
    );
    assert.deepEqual(report.changed, ['gateway.routes', 'log.level']);
    assert.deepEqual(report.needRestart, ['control.maxConnections']);
    for (let count = 0; count < 8; count += 1) {
      assert.deepEqual([await statusOf(server, '/new'), await statusOf(server, '/old')], [200, 404]);
    }
    const { stdout } = await server.command(['config', 'reload']);
    assert.match(
      stdout,
      /^in force: .*gatehouse\.config\.json \(sha256:[0-9a-f]{12}…\), 1 route, 1 upstream\nnothing changed\nneeds a restart: control\.maxConnections\n$/,
    );
    const entries = await server.json<{ type: string; data: object }[]>('audit', 'tail');
    assert.equal(entries.filter(({ type }) => type === 'configuration.loaded').length, 2);
  });

  it('leaves the configuration in force if the file is not valid, and answers why', async () => {
    const { write, file } = shared;
    const server = await sharedWith([open('/a')]);
    write([{ path: '/b', methods: 'GET' }]);
    const refused = await server.command(['config', 'reload']);
    assert.equal(refused.status, 1);
    const sentence =
      'Route /b (gateway.routes[0]): methods must be a list, such as ["GET", "HEAD"], not "GET".';
    assert.equal(oneLine(refused), `gatehouse: ${sentence} The current configuration stays in force.`);
    assert.match(server.stderr(), /the configuration was not changed: the current one stays in force/);
    writeFileSync(file, '{\n  "gateway": [\n');
    assert.match(
      oneLine(await server.command(['config', 'reload'])),
      /cannot be read: line 3, column 1: the file ends too early/,
    );
    write([open('/*'), open('/never')]);
    assert.match(oneLine(await server.command(['config', 'reload'])), /the route \/never is never reached/);
    rmSync(file);
    assert.match(oneLine(await server.command(['config', 'reload'])), /there is no such file/);
    assert.equal(await statusOf(server, '/a'), 200);
  });

  it('is refused without a file; by signal, that is one line of the log', async (t) => {
    const { start } = world(t);
    const server = await start({ upstream: upstream.origin });
    assert.match(oneLine(await server.command(['config', 'reload'])), /started without a configuration file/);
    const lines = () =>
      server.stderr().match(/"level":"info".*there is no configuration file to read again/g);
    await eventually('the line', () => lines()?.length === 1);
    server.wrapper.kill('SIGHUP');
    await eventually('the second line', () => lines()?.length === 2);
    assert.doesNotMatch(server.stderr(), /"level":"error"/);
  });
});

describe('policies in force that no longer fit', () => {
  it('are named by the change of an attribute or the reload that causes it, and by the log', async (t) => {
    const { write, start } = world(t);
    const route = { path: '/reports', attributes: { level: 3 } };
    write([route]);
    const server = await start();
    const policies = join(server.data, 'limits.cedar');
    writeFileSync(
      policies,
      `permit (principal in Role::"clerk", action, resource);
@id("limit")
forbid (principal, action, resource is Route)
when { principal has level && resource has level && principal.level < resource.level };`,
    );
    const warned = async (...args: string[]) => {
      const { status, stderr } = await server.command(args, { input: 'correct horse battery staple' });
      assert.equal(status, 0, stderr);
      return stderr;
    };
    await warned('user', 'add', 'alice', '--role', 'clerk', '--attribute', 'level=1', '--password-stdin');
    assert.equal(await warned('policy', 'apply', policies), '');
    const added = ['user', 'add', 'bob', '--role', 'clerk', '--password-stdin'];
    assert.equal(await warned(...added), '', 'a policy names the role');
    const unfit =
      /^gatehouse: warning: The policy limit \(limits\.cedar:4:\d+\) no longer fits the attributes that it reads/;
    assert.match(await warned('user', 'set', 'bob', '--attribute', 'level=high'), unfit);
    assert.match(server.stderr(), /some policies in force no longer fit the attributes that they read/);
    assert.equal(
      await warned('user', 'set', 'bob', '--attribute', 'color=red', '--attribute', 'level=2'),
      '',
    );
    write([{ ...route, attributes: { level: 'secret' } }]);
    assert.match(await warned('config', 'reload'), unfit);
    write([route]);
    assert.equal(await warned('config', 'reload'), '');
  });
});

describe('a role that no route names', () => {
  const warnedOf = async (server: Up, ...args: string[]) => {
    const { stdout, stderr } = await server.command([...args, '--json']);
    const { warnings } = JSON.parse(stdout) as { warnings: string[] };
    assert.equal(stderr, warnings.map((warning) => `gatehouse: warning: ${warning}\n`).join(''));
    return warnings.join();
  };

  it('gets a warning with the most similar role, until a reload adds a route that names it', async () => {
    const server = await sharedWith([{ path: '/reports', allow: { roles: ['bookkeeper'] } }]);
    const none = 'No route or policy names the role';
    assert.equal(
      await warnedOf(server, 'key', 'create', 'robot', '--role', 'bookeeper'),
      `${none} bookeeper: did you mean bookkeeper?`,
    );
    assert.equal(
      await warnedOf(server, 'service', 'add', 'batch', '--role', 'planner', '--role', 'bookkeeper'),
      `${none} planner, only admin, user, operator, auditor, metrics, bookkeeper`,
    );
    assert.equal(
      await warnedOf(server, 'user', 'role', 'admin', 'admin', 'admn'),
      `${none} admn: did you mean admin?`,
    );
    const others = [
      ['group', 'add', 'staff'],
      ['group', 'set', 'staff'],
      ['cert', 'issue', 'printer', '--profile', 'client', '--out', server.data],
      ['client', 'add', 'portal', '--grant', 'client_credentials'],
    ];
    for (const command of others)
      assert.equal(
        await warnedOf(server, ...command, '--role', 'bookeeper'),
        `${none} bookeeper: did you mean bookkeeper?`,
        command.join(' '),
      );
    await sharedWith([{ path: '/reports', allow: { roles: ['planner'] } }]);
    assert.equal(await warnedOf(server, 'user', 'role', 'admin', 'admin', 'planner'), '');
    assert.equal(
      await warnedOf(server, 'user', 'role', 'admin', 'admin', 'bookkeeper'),
      `${none} bookkeeper, only admin, user, operator, auditor, metrics, planner`,
    );
  });
});

describe('the end of an API key', () => {
  it('is the given time, to the millisecond', async () => {
    const server = await sharedWith([open('/a')]);
    const year = new Date().getUTCFullYear() + 2;
    const made = await server.json<{ expiresAt: string }>(
      'key',
      'create',
      'of-two-years',
      '--expires',
      `${year}-01-01`,
    );
    assert.equal(made.expiresAt, `${year}-01-01T00:00:00.000Z`);
  });
});

describe('SIGHUP to the command', () => {
  it('reloads, and neither the command nor the server ends', async (t) => {
    const { folder, write, start } = world(t);
    write([open('/old')]);
    const server = await start({ program: COMMAND });
    write([open('/new')]);
    server.wrapper.kill('SIGHUP');
    await eventually('the new route', async () => (await statusOf(server, '/new')) === 200);
    write([{ path: 'new' }]);
    server.wrapper.kill('SIGHUP');
    await eventually('the refusal', () => server.stderr().includes('the path new must begin with a slash'));
    assert.equal(await statusOf(server, '/new'), 200);
    assert.deepEqual([server.wrapper.exitCode, server.wrapper.signalCode], [null, null]);
    await server.stop();
    assert.equal((await server.ended).status, 0);
    assert.equal(existsSync(join(folder, 'data', 'control.sock')), false);
  });
});

describe('config.watch', () => {
  it('reloads a changed file, and is off unless it is set', async (t) => {
    const { write, start } = world(t);
    write([open('/old')], { config: { watch: true } });
    const server = await start();
    write([open('/new')], { config: { watch: true } });
    await eventually('the new route', async () => (await statusOf(server, '/new')) === 200);
    write([open('/unwatched')]);
    await eventually('the last change', async () => (await statusOf(server, '/unwatched')) === 200);
    const { settings } = await server.json<{ settings: { name: string; value: unknown }[] }>(
      'config',
      'show',
    );
    assert.equal(settings.find(({ name }) => name === 'config.watch')?.value, false);
  });
});

for (const transport of TRANSPORTS) {
  describe(`a reload on transport ${transport}`, () => {
    it('asks for client certificates as soon as a route accepts them', async (t) => {
      const { write, start } = world(t);
      const users = { path: '/a', accept: ['apiKey'] };
      const services = { path: '/b', accept: ['mtls'], allow: { principals: ['robot'] } };
      write([users]);
      const server = await start({ set: onTransport(transport) });
      const { certFile, keyFile } = await issue(server.data, 'robot');
      const request = async () => {
        const { ca: _, ready } = server;
        const tls = ['--cacert', ready.rootCertificate, '--cert', certFile, '--cert-key', keyFile];
        return gatehouse(['request', `${ready.gateway}/b`, '--check', ...tls]);
      };
      assert.equal((await request()).status, 14);
      write([users, services]);
      await server.json('config', 'reload');
      const admitted = await request();
      assert.equal(admitted.status, 0, admitted.stderr);
      write([users, { ...services, allow: { principals: ['other'] } }]);
      await server.json('config', 'reload');
      assert.equal((await request()).status, 14);
    });
  });
}

describe('config check', () => {
  const check = (folder: string, ...args: string[]) =>
    gatehouse(['config', 'check', ...args], { cwd: folder });

  it('exits with 0 for a file that a start would accept', async (t: TestContext) => {
    const { folder, write } = world(t);
    write([open('/a')]);
    const { status, stdout } = await check(folder);
    assert.equal(status, 0);
    assert.match(
      stdout,
      /gatehouse\.config\.json \(sha256:[0-9a-f]{12}…\), 1 route, 1 upstream: no mistakes found\.\n$/,
    );
  });

  it('exits with 1 and a line for each mistake, also in the files of the settings', async (t: TestContext) => {
    const { folder, write, file } = world(t);
    write([{ path: '/a', method: ['GET'] }, { methods: 5 }], { log: { level: 'loud' } });
    const { status, stderr } = await check(folder);
    assert.equal(status, 1);
    assert.deepEqual(stderr.trimEnd().split('\n'), [
      'Route /a (gateway.routes[0]) has the unknown key method: did you mean methods?',
      'Route gateway.routes[1]: path is missing; give a text, such as "/notes/:id/*".',
      'Route gateway.routes[1]: methods must be a list, such as ["GET", "HEAD"], not 5.',
      'Setting log.level is not valid: must be debug, info, warn, error or silent, not "loud".',
      `gatehouse: ${file} has 4 problems`,
    ]);
    const certificates = [{ certificate: join(folder, 'a.pem'), key: join(folder, 'a.key') }];
    writeFileSync(file, JSON.stringify({ gateway: { upstream: upstream.origin, certificates } }));
    const outcome = await check(folder, '--json');
    assert.equal(outcome.status, 1);
    assert.deepEqual((JSON.parse(outcome.stdout) as { problems: string[] }).problems, [
      `Certificate ${folder}/a.pem (gateway.certificates[0]) is not valid: ${folder}/a.pem cannot be used: there is no such file.`,
    ]);
  });

  it('exits with 2 if there is no file to check', async (t: TestContext) => {
    const { folder } = world(t);
    const outcome = await check(folder);
    assert.equal(outcome.status, 2);
    assert.match(
      oneLine(outcome),
      /there is no gatehouse\.config\.ts or \.json in .*: name the file to check/,
    );
  });
});

it('closing the terminal ends the server, and leaves nothing behind', {
  skip: withoutPython(['pty'], 'python3'),
}, async (t) => {
  const { folder, write } = world(t);
  write([open('/a')]);
  const data = join(folder, 'data');
  const script = [
    'import os, pty, sys, time',
    'pid, terminal = pty.fork()',
    'if pid == 0: os.execv(sys.argv[1], sys.argv[1:])',
    'shown = b""',
    'while b"Ctrl-C" not in shown: shown += os.read(terminal, 65536)',
    'os.close(terminal)',
    'print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))',
  ].join('\n');
  const outcome = await run('python3', ['-c', script, COMMAND, 'up', ...upArguments({ data })], {
    cwd: folder,
  });
  assert.equal(outcome.stdout, `-${constants.signals.SIGHUP}\n`, outcome.stderr);
  assert.equal(existsSync(join(data, 'control.sock')), false);
});
