// What the operator meets: a start that fails says why in one line with a next step, and so does whatever fails later; what was
// acknowledged survives `kill -9`; SIGTERM lets requests finish.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import type { Server as HttpServer, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { eventually } from './support/conditions.ts';
import type { CommandOptions, Up, UpOptions } from './support/gatehouse-command.ts';
import { gatehouse, up, upArguments } from './support/gatehouse-command.ts';
import { ask } from './support/https-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-failures-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let folders = 0;

const FAILED = 1;
const USAGE = 2;
/** For what takes its time on a machine that does other things besides. */
const PATIENCE_MS = 60_000;

describe('a start that fails', { concurrency: 3 }, () => {
  for (const listener of ['gateway', 'control', 'pki', 'samples']) {
    it(`names the port that is taken: ${listener}.listen`, async () => {
      const holder = createServer();
      const port = await listening(holder);
      try {
        const setting = `${listener}.listen=127.0.0.1:${port}`;
        const line = await refusal({ set: [setting] }, FAILED);
        const advice = `stop the program that uses it, or listen elsewhere with --set ${listener}.listen=127.0.0.1:PORT.`;
        assert.equal(line, `gatehouse: Port 127.0.0.1:${port} is taken: ${advice}`);
      } finally {
        holder.close();
      }
    });
  }

  const unknown = /^gatehouse: Unknown setting gateway\.listn: did you mean gateway\.listen\?$/;
  const illTyped =
    /^gatehouse: Setting gateway\.workers is not valid: must be .*a whole number from 1 to 64\.$/;
  const settings: [string, UpOptions, RegExp][] = [
    ['an unknown setting of the command line', { set: ['gateway.listn=127.0.0.1:0'] }, unknown],
    ['an ill-typed setting of the command line', { set: ['gateway.workers=many'] }, illTyped],
    [
      'an unknown setting of a file',
      { config: file('a.json', '{"gateway":{"listn":"127.0.0.1:0"}}') },
      unknown,
    ],
    [
      'an ill-typed setting of a file',
      { config: file('b.ts', 'export default { gateway: { workers: 0 } };') },
      illTyped,
    ],
    [
      'an unknown variable',
      { environment: { GATEHOUSE_GATEWAY_LISTN: '127.0.0.1:0' } },
      /^gatehouse: Unknown setting GATEHOUSE_GATEWAY_LISTN in the environment: unset or correct it\.$/,
    ],
    ['an ill-typed variable', { environment: { GATEHOUSE_GATEWAY_WORKERS: '1.5' } }, illTyped],
    [
      'a pair that is none',
      { set: ['gateway.workers'] },
      /--set gateway\.workers must have the form KEY=VALUE/,
    ],
    [
      'an upstream that is no origin',
      { upstream: 'localhost:3000' },
      /gateway\.upstream.*such as http:\/\/127\.0\.0\.1:3000/,
    ],
    [
      'a route to nowhere',
      { config: file('c.json', '{"gateway":{"routes":[{"path":"/*","upstream":"notes"}]}}') },
      /notes/,
    ],
    [
      'a file with a syntax error',
      { config: file('d.ts', 'export default {\n  gateway: {,\n};\n') },
      /d\.ts cannot be read: line 2: /,
    ],
    [
      'a JSON file with a syntax error',
      { config: file('e.json', '{"gateway":') },
      /e\.json cannot be read: /,
    ],
    [
      'a file that throws',
      { config: file('f.ts', 'throw new Error("no such secret");') },
      /f\.ts cannot be read: no such secret/,
    ],
    [
      'a file without a default export',
      { config: file('g.ts', 'export const config = {};') },
      /g\.ts must export a configuration object by default/,
    ],
    [
      'a file that is missing',
      { config: join(folder, 'nowhere.ts') },
      /nowhere\.ts cannot be read: there is no such file: correct --config$/,
    ],
  ];
  for (const [name, options, expected] of settings) {
    it(`names ${name}`, async () => assert.match(await refusal(options, USAGE), expected));
  }

  it('tells a master key that is wrong, missing, or cut short', async () => {
    const data = newFolder();
    await (await up({ data })).stop();
    const path = join(data, 'master.key');
    const key = readFileSync(path, 'utf8');
    const cases: [() => void, RegExp][] = [
      [
        () => writeFileSync(path, Buffer.alloc(32, 7).toString('base64')),
        /master key does not open .*: use the master key that this data folder was made with/,
      ],
      [() => rmSync(path), /master key .*master\.key is missing .*: put it back from your backup/],
      [
        () => writeFileSync(path, key.slice(0, 20)),
        /master key file .*master\.key must hold 32 bytes in base64; it holds 15/,
      ],
      [
        () => writeFileSync(path, ''),
        /master key file .*master\.key must hold 32 bytes in base64; it holds 0/,
      ],
    ];
    for (const [spoil, expected] of cases) {
      spoil();
      assert.match(await refusal({ data }, FAILED), expected);
    }
    writeFileSync(path, key);
    await (await up({ data })).stop();
  });

  it('tells a master key file elsewhere that is missing', async () => {
    const environment = { GATEHOUSE_MASTER_KEY_FILE: join(folder, 'elsewhere.key') };
    const line = await refusal({ environment }, FAILED);
    assert.match(line, /elsewhere\.key does not exist: make one with 'openssl rand -base64 32'/);
  });

  it('tells a second server on the data folder, and the first goes on', async () => {
    const first = await up();
    try {
      const line = await refusal({ data: first.data }, FAILED);
      assert.equal(
        line,
        `gatehouse: Another Gatehouse is running on the data folder ${first.data}: stop it, or choose another folder with --data.`,
      );
      assert.equal((await first.command(['status'])).status, 0);
    } finally {
      await first.stop();
    }
  });

  it('tells a data folder that is a file, or below one', async () => {
    const inTheWay = file('in-the-way', '');
    for (const data of [inTheWay, join(inTheWay, 'below')]) {
      const line = await refusal({ data }, FAILED);
      assert.match(
        line,
        /^gatehouse: The data folder .*in-the-way.* cannot be used \(.*\): choose another with --data\.$/,
      );
    }
  });

  it('tells a database that is none', async () => {
    const data = newFolder();
    writeFileSync(
      join(data, 'gatehouse.db'),
      'not a database, but long enough to be taken for one'.repeat(100),
    );
    assert.match(await refusal({ data }, FAILED), /^gatehouse: .*database/);
  });
});

describe('a start', () => {
  it('takes every default that the documents name, as text from the environment', async () => {
    const page = readFileSync(join(import.meta.dirname, '../docs/configuration.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `[\w.]+`<br>`(GATEHOUSE_\w+)` \| `(.+?)` \|/gm)];
    assert.ok(rows.length > 25, `${rows.length} settings with a default`);
    const environment = Object.fromEntries(rows.map(([, name, value]) => [name, value]));
    await withServer({ environment }, async (server) => {
      assert.equal((await server.command(['status'])).status, 0);
    });
  });
});

describe('while it runs', { concurrency: 3 }, () => {
  it('an upstream that is down gives a 502 that names the request and no cause, and a log line that has both', async () => {
    const holder = createServer();
    const port = await listening(holder);
    await new Promise((resolve) => holder.close(resolve));
    await withServer({ upstream: `http://127.0.0.1:${port}` }, async (server) => {
      const answer = await ask({ ...server, path: '/', headers: { 'x-api-key': await server.key('user') } });
      assert.equal(answer.status, 502);
      assert.equal(answer.headers['content-type'], 'application/problem+json');
      const { request_id: requestId, code } = answer.json();
      assert.equal(code, 'upstream_failed');
      assert.equal(answer.headers['x-request-id'], requestId);
      assert.doesNotMatch(answer.text(), /ECONNREFUSED|127\.0\.0\.1/);
      const logged = await eventually('the line in the log', () => logLine(server, String(requestId)));
      assert.match(logged, new RegExp(`ECONNREFUSED 127\\.0\\.0\\.1:${port}`));
    });
  });

  it('a token that has expired gives 401 token_expired, a key that is none 401 credential_malformed', async () => {
    await withServer({ set: ['identity.tokenLifetime=1s'] }, async (server) => {
      const password = 'correct horse battery staple';
      await server.command(['user', 'add', 'alice', '--password-stdin'], { input: password });
      const token = await signIn(server, { username: 'alice', password });
      const status = async () => {
        const answer = await ask({ ...server, path: '/user', headers: { authorization: `Bearer ${token}` } });
        return answer.status === 200 ? undefined : answer;
      };
      const expired = await eventually('the token to expire', status);
      assert.equal(expired.status, 401);
      assert.equal(expired.json().code, 'token_expired');
      assert.match(expired.headers['www-authenticate'] ?? '', /error="invalid_token"/);

      const key = await server.key('user');
      const otherChecksum = key.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
      for (const malformed of ['nonsense', key.slice(0, -1), `${key}0`, otherChecksum]) {
        const headers = { 'x-api-key': malformed };
        const { status, json } = await ask({ ...server, path: '/user', headers });
        assert.deepEqual([status, json().code], [401, 'credential_malformed'], malformed);
      }
    });
  });

  it('a full disk fails what would change something, in one line, and the gateway goes on', async (t) => {
    const data = newFolder();
    if (!mountSmall(data)) {
      t.skip('needs root (tmpfs)');
      return;
    }
    const filler = join(data, 'filler');
    const config = file(
      'full.json',
      JSON.stringify({ gateway: { routes: [{ path: '/*', access: 'public' }] } }),
    );
    const upstream = createHttpServer((_, response) => response.end('reached'));
    const port = await listening(upstream);
    try {
      const server = await up({ data, config, upstream: `http://127.0.0.1:${port}` });
      try {
        const acknowledged = [await server.key('user')];
        fill(filler, data);
        const failed = await eventually(
          'the disk to be full',
          async () => {
            const outcome = await server.command(['key', 'create', `full-${acknowledged.length}`]);
            if (outcome.status === 0) acknowledged.push(outcome.stdout.trim());
            return outcome.status === 0 ? undefined : outcome;
          },
          PATIENCE_MS,
        );
        assert.equal(failed.status, FAILED);
        assert.match(oneLine(failed.stderr), /disk is full: free space on it, then try again$/);
        assert.equal((await ask({ ...server, path: '/' })).text(), 'reached');
        assert.equal((await server.command(['status'])).status, 0);

        rmSync(filler);
        await server.command(['user', 'add', 'alice', '--password-stdin'], {
          input: 'correct horse battery staple',
        });
        acknowledged.push(await server.key('user'));
        const stored = (await server.json<{ id: string }[]>('key', 'list')).map(({ id }) => id);
        assert.deepEqual(stored.sort(), acknowledged.map(idOf).sort());
        assert.equal((await server.command(['audit', 'verify'])).status, 0);

        fill(filler, data);
        server.wrapper.kill('SIGTERM');
        assert.deepEqual(await server.ended, { status: 0, signal: null });
        assert.match(
          await refusal({ data, config }, FAILED),
          /disk is full.*: free space on it, then try again\.$/,
        );
        rmSync(filler);
        await (await up({ data, config, upstream: `http://127.0.0.1:${port}` })).stop();
      } finally {
        await server.stop();
      }
    } finally {
      upstream.close();
      spawnSync('umount', [data]);
    }
  });
});

describe('an end', { concurrency: 4 }, () => {
  for (const [name, victim] of [
    ['the process that serves', (server: Up) => server.pid],
    ['the command that was started', (server: Up) => server.wrapper.pid ?? 0],
  ] as const) {
    it(`by kill -9 of ${name}, while keys are made, loses no key that was acknowledged`, async () => {
      const data = newFolder();
      const acknowledged = await keysBeforeKill(data, victim);
      await withServer({ data }, async (server) => {
        const stored = new Set((await server.json<{ id: string }[]>('key', 'list')).map(({ id }) => id));
        assert.deepEqual(
          acknowledged.filter((key) => !stored.has(idOf(key))),
          [],
        );
        for (const key of acknowledged) {
          assert.equal((await ask({ ...server, path: '/', headers: { 'x-api-key': key } })).status, 200);
        }
        assert.equal((await server.json<{ ok: boolean }>('audit', 'verify')).ok, true);
      });
    });
  }

  it('by SIGTERM refuses new connections, lets a slow download finish, and exits with 0 within 10 s', async () => {
    let download: ServerResponse | undefined;
    const upstream = createHttpServer((_, response) => {
      response.writeHead(200, { 'content-length': 20 });
      response.write('the first');
      download = response;
    });
    const port = await listening(upstream);
    const server = await up({ upstream: `http://127.0.0.1:${port}` });
    try {
      const headers = { 'x-api-key': await server.key('user') };
      const answer = ask({ ...server, path: '/slow', headers });
      const sending = await eventually('the upstream to answer', () => download);
      const stoppedAt = performance.now();
      server.wrapper.kill('SIGTERM');
      await eventually('new connections to be refused', () => isRefused(server));
      sending.end(' and a rest');
      assert.equal((await answer).text(), 'the first and a rest');
      assert.deepEqual(await server.ended, { status: 0, signal: null });
      assert.ok(performance.now() - stoppedAt < 10_000);
    } finally {
      await server.stop();
      upstream.close();
    }
  });

  it('by SIGTERM cuts a download that does not end, and exits with 0 within 10 s', async () => {
    const upstream = createHttpServer((_, response) => response.write('endless'));
    const port = await listening(upstream);
    const server = await up({ upstream: `http://127.0.0.1:${port}` });
    try {
      const headers = { 'x-api-key': await server.key('user') };
      const answer = ask({ ...server, path: '/endless', headers });
      await eventually('the request to be on its way', async () => (await connections(upstream)) > 0);
      const stoppedAt = performance.now();
      server.wrapper.kill('SIGTERM');
      await assert.rejects(answer);
      assert.deepEqual(await server.ended, { status: 0, signal: null });
      assert.ok(performance.now() - stoppedAt < 10_000);
    } finally {
      await server.stop();
      upstream.closeAllConnections();
      upstream.close();
    }
  });
});

/** Makes keys with several commands at a time until the server is killed, and returns those that were acknowledged. */
async function keysBeforeKill(data: string, victim: (server: Up) => number): Promise<string[]> {
  const server = await up({ data });
  const acknowledged: string[] = [];
  const streams = [1, 2, 3].map(async (stream) => {
    for (let number = 1; ; number += 1) {
      const outcome = await server.command(['key', 'create', `key-${stream}-${number}`]);
      if (outcome.status !== 0) return outcome;
      acknowledged.push(outcome.stdout.trim());
    }
  });
  try {
    await eventually('some keys', () => acknowledged.length >= 5, PATIENCE_MS);
  } finally {
    process.kill(victim(server), 'SIGKILL');
  }
  for (const { status, stderr } of await Promise.all(streams)) {
    assert.ok(status === 1 || status === 3, `exit status ${status}`);
    assert.match(oneLine(stderr), /^gatehouse: /);
  }
  await server.ended;
  await eventually('the serving process to be gone', () => isRefused(server));
  return acknowledged;
}

/** Starts a server that must not start, and returns what it says. */
async function refusal(options: UpOptions & CommandOptions, expectedStatus: number): Promise<string> {
  const data = options.data ?? newFolder();
  const { environment = {}, cwd = folder } = options;
  const outcome = await gatehouse(['up', ...upArguments({ ...options, data })], { environment, cwd });
  const line = oneLine(outcome.stderr);
  assert.equal(outcome.status, expectedStatus, line);
  assert.equal(outcome.stdout, '');
  return line;
}

/** The one line that this text must be. */
function oneLine(stderr: string): string {
  assert.match(stderr, /^[^\n]+\n$/);
  return stderr.trimEnd();
}

function newFolder(): string {
  folders += 1;
  const path = join(folder, `data-${folders}`);
  mkdirSync(path);
  return path;
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function withServer(options: UpOptions, use: (server: Up) => Promise<void>): Promise<void> {
  const server = await up(options);
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}

function listening(server: Server | HttpServer): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function connections(server: HttpServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

function isRefused(server: Up): Promise<boolean> {
  return ask({ ...server, path: '/' }).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
  );
}

function logLine(server: Up, marker: string): string | undefined {
  return server
    .stderr()
    .split('\n')
    .find((line) => line.includes(marker));
}

async function signIn(server: Up, body: { username: string; password: string }): Promise<string> {
  const { status, json } = await ask({
    port: server.controlPort,
    ca: server.ca,
    path: '/auth/login',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(status, 200);
  return String(json().access_token);
}

function idOf(key: string): string {
  return key.split('_')[1] ?? '';
}

function mountSmall(path: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path]).status === 0;
}

/** Takes what is free. */
function fill(path: string, mounted: string): void {
  const { bavail, bsize } = statfsSync(mounted);
  writeFileSync(path, Buffer.alloc(bavail * bsize));
}
