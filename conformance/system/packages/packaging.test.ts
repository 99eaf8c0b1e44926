// The other ways to install the program: the Debian package, the image of the Dockerfile, the systemd unit.
// There is no Docker here: the steps of the image run in an empty folder.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { restricted } from '../../support/another-user.ts';
import { eventually } from '../../support/conditions.ts';
import { execForm, readDockerfile, textsOf, variablesOf } from '../../support/dockerfile.ts';
import type { Up } from '../../support/gatehouse-command.ts';
import { run, up } from '../../support/gatehouse-command.ts';
import { ask } from '../../support/https-client.ts';
import { without, withoutPython } from '../../support/programs.ts';
import { inContainer, withoutNamespaces } from '../../support/read-only-root.ts';
import * as packages from './built.ts';
import { built, installed, ROOT, TIMEOUT_MS } from './built.ts';

const UNIT = 'packaging/systemd/gatehouse.service';
/** The exposure, of 10, that systemd calls OK. */
const MAX_EXPOSURE = 2;

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-packaging-'));
// Another user reads the programs in it.
chmodSync(folder, 0o755);
after(() => rmSync(folder, { recursive: true, force: true }));

const outputOf = (program: string, args: readonly string[]) => packages.outputOf(program, args, folder);

/** Starts `command` as a user who may write only the data folder, and makes requests. The caller stops it. */
async function serveRestricted(
  command: string,
  path: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<Up> {
  await outputOf('chmod', ['-R', 'a-w', path]);
  const user = restricted(command, join(folder, `user-of-${basename(path)}`));
  const server = await up({
    ...user,
    environment: { ...environment, ...user.environment },
    cwd: '/',
    set: ['log.level=warn'],
  });
  assert.equal(server.stderr(), '', 'a program folder that cannot be written is no reason to say anything');
  assert.equal(
    (await ask({ ...server, path: '/', headers: { 'x-api-key': await server.key('user') } })).status,
    200,
  );
  return server;
}

describe('the packages of npm run build -- --deb', { timeout: TIMEOUT_MS }, () => {
  describe('the Debian package', { skip: without('dpkg-deb', '--version', 'dpkg') }, () => {
    const file = async () => String(globSync(join(await built(), '*.deb'))[0]);
    const extracted = join(folder, 'debian');
    const inside = (path: string) => join(extracted, path);

    it('has the program, its runtimes, the unit, the user and a configuration, all owned by root', async () => {
      const listed = await outputOf('dpkg-deb', ['--contents', await file()]);
      for (const line of listed.trimEnd().split('\n'))
        assert.match(line, /^[-dl]rw[x-]r-[x-]r-[x-] root\/root /);
      await outputOf('dpkg-deb', ['--extract', await file(), extracted]);
      for (const path of [
        'usr/bin/gatehouse',
        'usr/lib/gatehouse/lib/main.js',
        'usr/lib/systemd/system/gatehouse.service',
        'usr/lib/sysusers.d/gatehouse.conf',
        'usr/lib/tmpfiles.d/gatehouse.conf',
        'etc/gatehouse/gatehouse.config.ts',
        'usr/share/doc/gatehouse/copyright',
      ]) {
        assert.ok(existsSync(inside(path)), path);
      }
      assert.match(await outputOf('dpkg-deb', ['--field', await file(), 'Depends']), /libatomic1/);
    });

    it('its scripts are right for sh, and its unit names files of the package', async () => {
      const control = join(folder, 'control');
      await outputOf('dpkg-deb', ['--control', await file(), control]);
      for (const script of ['postinst', 'prerm', 'postrm'])
        await outputOf('sh', ['-n', join(control, script)]);
      const unit = readFileSync(inside('usr/lib/systemd/system/gatehouse.service'), 'utf8');
      const [, command = '', config = ''] = /^ExecStart=\/(\S+) up .*--config \/(\S+)$/m.exec(unit) ?? [];
      assert.ok(existsSync(inside(command)) && existsSync(inside(config)), `${command} ${config}`);
    });

    it('serves with its own runtimes, its configuration, and as a user who may only write data', async (t) => {
      const server = await serveRestricted(inside('usr/bin/gatehouse'), extracted);
      t.after(server.stop);
      const { workers } = await server.json<{ workers: { runtime: string }[] }>('status');
      assert.match(workers[0]?.runtime ?? '', /^(?:Bun|Node) /);
      const config = inside('etc/gatehouse/gatehouse.config.ts');
      const configured = await up({ program: inside('usr/bin/gatehouse'), config });
      t.after(configured.stop);
      assert.equal(configured.ready.samples, null, 'the configuration has an upstream');
    });
  });

  describe('the image', () => {
    const [install, image] = readDockerfile(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));
    assert.ok(install && image);
    const variables = variablesOf(image);
    let server: Up;
    after(() => server?.stop());

    it('is built on fixed releases, and has only the installed program of the first stage', () => {
      for (const stage of [install, image]) assert.match(stage.image, /^[a-z]+:(?:\d+-)?bookworm-slim$/);
      assert.deepEqual(textsOf(image, 'COPY'), ['--from=install /opt/gatehouse /opt/gatehouse']);
      assert.equal(readFileSync(join(ROOT, '.dockerignore'), 'utf8'), '*\n!gatehouse-*.tgz\n');
    });

    it('runs as a user by number that owns the data volume, and needs no shell', () => {
      const [user = ''] = textsOf(image, 'USER');
      assert.match(user, /^[1-9]\d*:[1-9]\d*$/);
      const [setUp = ''] = textsOf(image, 'RUN');
      assert.ok(setUp.includes(`useradd --uid ${user.split(':')[0]} `));
      assert.deepEqual(textsOf(image, 'VOLUME'), [variables.GATEHOUSE_DATA]);
      assert.ok(setUp.endsWith(` -m 0700 ${variables.GATEHOUSE_DATA}`));
      assert.deepEqual(execForm(textsOf(image, 'ENTRYPOINT')[0]), ['gatehouse']);
      assert.deepEqual(execForm(textsOf(image, 'CMD')[0]), ['up']);
    });

    it('exposes the ports of its listeners', () => {
      const ports = Object.entries(variables).flatMap(([name, value]) =>
        name.endsWith('_LISTEN') ? value.split(':')[1] : [],
      );
      assert.deepEqual(textsOf(image, 'EXPOSE')[0]?.split(' '), ports);
    });

    it('its steps install a program that runs from a read-only folder as that user', async () => {
      const prefix = await installed();
      const { GATEHOUSE_DATA, PATH = '', ...settings } = variables;
      const path = PATH.replace('/opt/gatehouse', prefix);
      server = await serveRestricted('gatehouse', prefix, {
        ...settings,
        PATH: `${path}:${process.env.PATH}`,
      });
      assert.equal(GATEHOUSE_DATA, '/var/lib/gatehouse');
    });

    it('its health check succeeds while the server runs, and fails when it does not', async () => {
      const [, ...words] = execForm(textsOf(image, 'HEALTHCHECK')[0]);
      const args = words.map((word) => word.replace(':9443/', `:${server.controlPort}/`));
      const command = join(await installed(), 'bin/gatehouse');
      const check = () => run(command, args, { environment: { GATEHOUSE_DATA: server.data } });
      const { status, stdout } = await check();
      assert.deepEqual([status, stdout], [0, '{"status":"ok"}']);
      await server.stop();
      assert.notEqual((await check()).status, 0);
    });

    it('serves from a read-only root, without a name service, and stops with 0', {
      skip: withoutNamespaces,
    }, async () => {
      const prefix = await installed();
      const { GATEHOUSE_DATA: _, PATH = '', ...settings } = variables;
      const words = [...execForm(textsOf(image, 'ENTRYPOINT')[0]), ...execForm(textsOf(image, 'CMD')[0])];
      const check = execForm(textsOf(image, 'HEALTHCHECK')[0]).join(' ');
      const { stdout, stderr } = await inContainer({
        folder,
        user: String(textsOf(image, 'USER')[0]),
        environment: { ...settings, PATH: PATH.replace('/opt/gatehouse', prefix) },
        server: words,
        script: `
          for second in $(seq 60); do grep -q '"ready"' $DATA/out && break; sleep 1; done
          touch /written
          (as ${check}); echo " health $?"
          (as gatehouse key create robot --out $DATA/robot.key); echo "key $?"
          (as gatehouse request --check https://127.0.0.1:8443/ --key-file $DATA/robot.key > $DATA/answer)
          echo "request $?"
          kill -TERM $SERVER; wait $SERVER; echo "server $?"
          (as ${check}) || echo "health $?"
          grep '"level":"\\(error\\|warn\\)"' $DATA/err`,
      });
      assert.equal(stdout, '{"status":"ok"} health 0\nkey 0\nrequest 0\nserver 0\nhealth 3\n');
      const said = [
        /Read-only file system$/,
        /^HTTP 200 OK$/,
        /^API key \w+ for robot /,
        /^HTTP 200 OK$/,
        /nothing listens there/,
      ];
      const lines = stderr.trimEnd().split('\n');
      said.forEach((words, index) => void assert.match(lines[index] ?? '', words));
      assert.equal(lines.length, said.length, stderr);
    });
  });
});

describe('the systemd unit', () => {
  const unit = readFileSync(join(ROOT, UNIT), 'utf8');

  it('is valid, and as restricted as possible for two runtimes that compile code', {
    skip: without('systemd-analyze', '--version', 'systemd'),
  }, async () => {
    // The unit of a machine with the command.
    const path = join(folder, 'gatehouse.service');
    writeFileSync(path, unit.replace('/usr/bin/gatehouse', '/bin/true'));
    const { status, stderr } = await run('systemd-analyze', ['verify', path]);
    assert.deepEqual([status, stderr], [0, '']);
    const threshold = `--threshold=${MAX_EXPOSURE * 10}`;
    await outputOf('systemd-analyze', ['security', '--offline=true', threshold, path]);
    assert.doesNotMatch(unit, /^MemoryDenyWriteExecute=/m);
  });

  it('with Type=notify, learns that the server is ready, and that it stops', {
    skip: without('systemd-notify', '--version', 'systemd') || withoutPython(['socket'], 'python3'),
  }, async () => {
    assert.match(unit, /^Type=notify$/m);
    const manager = await startManager();
    const server = await up({
      environment: { NOTIFY_SOCKET: manager.socket },
      set: ['log.level=warn'],
    });
    assert.equal(await manager.told(/READY=1/), `READY=1\nSTATUS=Serving on ${server.ready.gateway}`);
    await server.stop();
    assert.equal(await manager.told(/STOPPING/), 'STOPPING=1');
    assert.equal(server.stderr(), '');
  });
});

/** Receives messages like systemd. Node has no Unix datagram sockets. */
async function startManager() {
  const socket = join(folder, 'notify');
  const script = `import json, os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(${JSON.stringify(socket)})
while True:
  data, fds, _, _ = socket.recv_fds(s, 4096, 1)
  print(json.dumps(data.decode()), flush=True)
  for fd in fds: os.close(fd)`;
  const child = spawn('python3', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  after(() => child.kill());
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await eventually('the socket', () => existsSync(socket));
  const messages = () =>
    output
      .split('\n')
      .slice(0, -1)
      .map((line) => String(JSON.parse(line)));
  return {
    socket,
    told: (what: RegExp) =>
      eventually(String(what), () =>
        messages()
          .find((message) => what.test(message))
          ?.trim(),
      ),
  };
}
