// Failures that an operator meets: a failed start, or a later failure, says why in one line with a next step.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { after, before, describe, it } from 'node:test';
import type { GatehouseError } from '@gatehouse/access';

import { eventually } from '../support/conditions.ts';
import type { Outcome, Up, UpOptions } from '../support/gatehouse-command.ts';
import { gatehouse, oneLine, signIn, up, upArguments } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { serve } from '../support/server.ts';
import { shiftedClock } from '../support/shifted-clock.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const FAILED = 1;
const USAGE = 2;
const PASSWORD = 'correct horse battery staple';
/** No program listens there: a reserved port. */
const NOWHERE = 'http://127.0.0.1:1';
/** For slow steps on a busy machine. */
const PATIENCE_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-failures-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let folders = 0;

const unknown = /^gatehouse: Unknown setting gateway\.listn: did you mean gateway\.listen\?$/;
const invalid =
  /^gatehouse: Setting gateway\.workers is not valid: must be .*whole number from 1 to 64, not .*\.$/;
const unreadable = (name: string, reason: string) => new RegExp(`/${name} cannot be read: ${reason}`);

/** Mistakes in the settings with their messages, one for each source of settings. */
const PLACES: Record<string, [UpOptions, RegExp]> = {
  'an unknown setting on the command line': [{ set: ['gateway.listn=127.0.0.1:0'] }, unknown],
  'an invalid setting in a file': [
    { config: file('b.ts', 'export default { gateway: { workers: 0 } };') },
    invalid,
  ],
  'an invalid variable': [{ environment: { GATEHOUSE_GATEWAY_WORKERS: '1.5' } }, invalid],
  'a route without an upstream': [
    { config: file('c.json', '{"gateway":{"routes":[{"path":"/*","upstream":"notes"}]}}') },
    /route \/\* has the upstream notes: give a URL .*, or a name under gateway\.upstreams/,
  ],
  'a file with a syntax error': [
    { config: file('d.ts', 'export default {\n  gateway: {,\n};\n') },
    unreadable('d.ts', 'line 2: '),
  ],
  'a file that is missing': [
    { config: join(folder, 'nowhere.ts') },
    unreadable('nowhere.ts', 'there is no such file: correct the name, or restore the file\\.$'),
  ],
};

/** Other mistakes. They are refused in this process, which takes a tenth of the time of a start. */
const MORE: Record<string, [UpOptions, RegExp]> = {
  'an invalid setting on the command line': [{ set: ['gateway.workers=many'] }, invalid],
  'an unknown setting in a file': [
    { config: file('a.json', '{"gateway":{"listn":"127.0.0.1:0"}}') },
    unknown,
  ],
  'an unknown variable': [
    { environment: { GATEHOUSE_GATEWAY_LISTN: '127.0.0.1:0' } },
    /^gatehouse: Unknown setting GATEHOUSE_GATEWAY_LISTN in the environment \(did you mean GATEHOUSE_GATEWAY_LISTEN\?\): unset or correct it\.$/,
  ],
  'an option without KEY=VALUE': [
    { set: ['gateway.workers'] },
    /--set gateway\.workers must have the form KEY=VALUE/,
  ],
  'an upstream that is not an origin': [
    { upstream: 'localhost:3000' },
    /gateway\.upstream is not valid: .*such as http:\/\/127\.0\.0\.1:3000/,
  ],
  'a name that nothing can match': [
    { set: ['ca.profiles.server.names=*.example.com,foo bar'] },
    /Setting ca\.profiles\.server\.names is not valid: "foo bar" is not a domain name .*; write a name such as example\.com/,
  ],
  'a network where ACME never connects': [
    { set: ['acme.networks=10.0.0.0/8,169.254.0.0/16'] },
    /Setting acme\.networks is not valid: validation never connects to "169\.254\.0\.0\/16" .*; leave it out/,
  ],
  'an ACME profile without the purpose server': [
    { environment: { GATEHOUSE_ACME_PROFILE: 'client' } },
    /Setting acme\.profile is not valid: the profile client is only for clients.*; name a profile for servers: server, peer\.$/,
  ],
  'a JSON file with a syntax error': [
    { config: file('e.json', '{"gateway":') },
    unreadable('e.json', 'line 1, column 12: the file ends too early'),
  ],
  'a file that throws': [
    { config: file('f.ts', 'throw new Error("STAGE is not set");') },
    unreadable('f.ts', 'STAGE is not set\\.$'),
  ],
  'a file without a default export': [
    { config: file('g.ts', 'export const config = {};') },
    /g\.ts must export a configuration object by default\.$/,
  ],
};

describe('a start', { concurrency: 3 }, () => {
  const stopped = newFolder();
  before(async () => (await up({ data: stopped })).stop());

  /** The data folder of a server that has been stopped. */
  function stoppedFolder(): string {
    const data = newFolder();
    cpSync(stopped, data, { recursive: true });
    return data;
  }

  for (const listener of ['gateway', 'control', 'pki', 'samples']) {
    it(`names the port that is taken: ${listener}.listen`, async (t) => {
      const holder = createServer();
      t.after(() => holder.close());
      await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
      const address = `127.0.0.1:${(holder.address() as AddressInfo).port}`;
      const line = await refusal({ set: [`${listener}.listen=${address}`] }, FAILED);
      const advice = `stop the program that uses it, or listen elsewhere with --set ${listener}.listen=127.0.0.1:PORT.`;
      assert.equal(line, `gatehouse: Port ${address} is taken: ${advice}`);
    });
  }

  for (const [name, [options, expected]] of Object.entries(PLACES)) {
    it(`names ${name}`, async () => assert.match(await refusal(options, USAGE), expected));
  }

  for (const [name, [options, expected]] of Object.entries(MORE)) {
    it(`names ${name}`, async () => assert.match(await refusedSettings(options), expected));
  }

  it('accepts every documented default as text from the environment', async (t) => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `[\w.]+`<br>`(GATEHOUSE_\w+)` \| `(.+?)` \|/gm)];
    assert.ok(rows.length > 25, `${rows.length} settings with a default`);
    const environment = Object.fromEntries(rows.map(([, name, value]) => [name, value]));
    const server = await up({ environment, set: ['gateway.workers=auto'] });
    t.after(server.stop);
    assert.equal((await server.command(['status'])).status, 0);
  });

  it('names an address that this machine does not have, and leaves nothing running', async () => {
    const line = await refusal({ set: ['control.listen=192.0.2.1:0'] }, FAILED);
    assert.match(line, /^gatehouse: This machine has no address 192\.0\.2\.1: correct control\.listen/);
  });

  it('names a master key that is wrong, missing or incomplete', async () => {
    const data = stoppedFolder();
    const path = join(data, 'master.key');
    const key = readFileSync(path, 'utf8');
    const other = Buffer.alloc(32, 7).toString('base64');
    const cases: [string | undefined, RegExp][] = [
      [other, /master key does not open .*: use the master key of this data folder/],
      [undefined, /master key .*master\.key is missing, .*: restore the key from your backup/],
      [
        key.slice(0, 20),
        /master key file .*master\.key must have 32 bytes in base64 .* has 20 characters: restore the key/,
      ],
      ['', /master key file .*master\.key must have 32 bytes in base64 .* has 0 characters/],
    ];
    for (const [content, expected] of cases) {
      rmSync(path);
      if (content !== undefined) writeFileSync(path, content, { mode: 0o600 });
      assert.match(await refusal({ data }, FAILED), expected);
      writeFileSync(path, key, { mode: 0o600 });
    }
    await (await up({ data })).stop();
  });

  it('names a missing master key file elsewhere', async () => {
    const environment = { GATEHOUSE_MASTER_KEY_FILE: join(folder, 'elsewhere.key') };
    const line = await refusal({ environment }, FAILED);
    assert.match(line, /elsewhere\.key does not exist: create it with 'openssl rand -base64 32'/);
  });

  it('creates no other authority if the database was lost', async () => {
    const data = stoppedFolder();
    const database = join(data, 'gatehouse.db');
    const content = readFileSync(database);
    const left =
      /restore the database from your backup\. To start with a new authority, .*, remove master\.key, root\.pem and ledger-head\.json, too\.$/;
    rmSync(database);
    assert.match(await refusal({ data }, FAILED), left);
    writeFileSync(database, '');
    assert.match(await refusal({ data }, FAILED), left);
    writeFileSync(database, content);
    await (await up({ data })).stop();
  });

  it('accepts a master key from elsewhere for a new folder, but not if the database was lost', async () => {
    const key = file('outside.key', `${Buffer.alloc(32, 9).toString('base64')}\n`);
    const options = { data: newFolder(), environment: { GATEHOUSE_MASTER_KEY_FILE: key } };
    await (await up(options)).stop();
    rmSync(join(options.data, 'gatehouse.db'));
    assert.match(
      await refusal(options, FAILED),
      /is missing, but the data folder is not new \(it has root\.pem and ledger-head\.json\)/,
    );
    for (const name of ['root.pem', 'ledger-head.json']) rmSync(join(options.data, name));
    await (await up(options)).stop();
  });

  it('refuses a second server on the data folder, and the first continues', async (t) => {
    const first = await up();
    t.after(first.stop);
    const line = await refusal({ data: first.data }, FAILED);
    const advice = 'stop it, or choose another folder with --data.';
    assert.equal(line, `gatehouse: Another Gatehouse is running on the data folder ${first.data}: ${advice}`);
    assert.equal((await first.command(['status'])).status, 0);
  });

  it('refuses a data folder that is a file, or below one', async () => {
    const inTheWay = file('in-the-way', '');
    for (const data of [inTheWay, join(inTheWay, 'below')]) {
      const expected =
        /^gatehouse: The data folder .* cannot be used \(it is not a folder\): choose another with --data\.$/;
      assert.match(await refusal({ data }, FAILED), expected);
    }
  });

  it('names the clock when it is before the authority', async () => {
    const data = stoppedFolder();
    const { environment } = shiftedClock(join(folder, 'ten-days-behind'), -10 * 86_400);
    const line = await refusal({ data, environment }, FAILED);
    assert.match(
      line,
      /^gatehouse: The clock of this machine says .*, which is before the authority's root certificate begins \(.*\):/,
    );
    assert.match(line, /set the clock \(NTP\), then try again/);
  });

  it('refuses a file that is not a database', async () => {
    const data = newFolder();
    writeFileSync(join(data, 'gatehouse.db'), 'something else of some length '.repeat(100));
    const line = await refusal({ data }, FAILED);
    assert.match(
      line,
      /^gatehouse: gatehouse\.db in the data folder is damaged .*: restore it from your backup/,
    );
  });
});

describe('while it runs', { concurrency: 3 }, () => {
  let started: Promise<Up> | undefined;
  const shared = () => (started ??= up({ set: ['identity.tokenLifetime=1s'] }));
  after(async () => (await started)?.stop());

  it('an upstream that is down gives a 502 with the request id and no cause, and a log line with both', async (t) => {
    const server = await up({ upstream: NOWHERE });
    t.after(server.stop);
    const answer = await ask({ ...server, path: '/', headers: { 'x-api-key': await server.key('user') } });
    assert.equal(answer.status, 502);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    const { request_id: requestId, code } = answer.json();
    assert.equal(code, 'upstream_failed');
    assert.equal(answer.headers['x-request-id'], requestId);
    assert.doesNotMatch(answer.text(), /ECONNREFUSED|127\.0\.0\.1/);
    const logged = await eventually('the line in the log', () => logLine(server, String(requestId)));
    assert.match(logged, /ECONNREFUSED 127\.0\.0\.1:1\b/);
  });

  it('a token that has expired gives 401 token_expired', async () => {
    const server = await shared();
    await server.command(['user', 'add', 'alice', '--password-stdin'], { input: PASSWORD });
    const authorization = `Bearer ${await signIn(server, 'alice', PASSWORD)}`;
    const expired = await eventually('the token to expire', async () => {
      const answer = await ask({ ...server, path: '/user', headers: { authorization } });
      return answer.status === 200 ? undefined : answer;
    });
    assert.deepEqual([expired.status, expired.json().code], [401, 'token_expired']);
    assert.match(expired.headers['www-authenticate'] ?? '', /error="invalid_token"/);
  });

  it('a key that is malformed or mistyped gives 401 credential_malformed', async () => {
    const server = await shared();
    const key = await server.key('user');
    const mistyped = key.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    for (const malformed of ['nonsense', key.slice(0, -1), `${key}0`, mistyped]) {
      const { status, json } = await ask({ ...server, path: '/user', headers: { 'x-api-key': malformed } });
      assert.deepEqual([status, json().code], [401, 'credential_malformed'], malformed);
    }
  });

  it('notices a clock that was two hours ahead and is corrected, and replaces everything with a future date', async (t) => {
    const clock = shiftedClock(join(folder, 'two-hours-ahead'), 7200);
    const server = await up({ environment: clock.environment });
    t.after(server.stop);
    await assert.rejects(ask({ ...server, path: '/' }), { code: 'CERT_NOT_YET_VALID' });
    clock.set(0);
    const usable = (port: number) => () => ask({ ...server, port, path: '/' }).catch(notYetValid);
    for (const port of [server.port, server.controlPort]) {
      await eventually('the listener to be usable', usable(port));
    }
    assert.match(server.stderr(), /the clock was set back by 7200 s/);
  });

  it('on a full disk, changes fail with one line, and the gateway continues to run', async (t) => {
    const disk = mountSmall(t);
    if (!disk) return t.skip('needs root (tmpfs)');
    const { data } = disk;
    const upstream = await startRecordingUpstream();
    t.after(upstream.close);
    const routes = [{ path: '/*', access: 'public' }];
    const config = file('full.json', JSON.stringify({ gateway: { upstream: upstream.origin, routes } }));
    const server = await disk.up({ config });
    const acknowledged = [idOf(await server.key('user'))];

    const filler = fill(data);
    const failed = await keysUntilRefused(server, acknowledged);
    assert.equal(failed.status, FAILED);
    assert.match(oneLine(failed), /disk is full: free space on it, then try again$/);
    assert.equal((await ask({ ...server, path: '/here' })).text(), 'reached GET /here');
    assert.equal((await server.command(['status'])).status, 0);
    assert.equal(await readiness(server), '503 {"status":"store_unwritable"}');

    rmSync(filler);
    await eventually('the store to be tried again', async () => (await readiness(server)).startsWith('200'));
    acknowledged.push(idOf(await server.key('user')));
    const stored = (await server.json<{ id: string }[]>('key', 'list')).map(({ id }) => id);
    assert.deepEqual(stored.sort(), acknowledged.sort());
    assert.equal((await server.command(['audit', 'verify'])).status, 0);
  });

  for (const [how, signal] of Object.entries({
    'was stopped': 'SIGTERM',
    'was killed': 'SIGKILL',
  } as const)) {
    it(`a server that ${how} starts again on a full disk, and serves requests that need no writing`, async (t) => {
      const disk = mountSmall(t);
      if (!disk) return t.skip('needs root (tmpfs)');
      const { data } = disk;
      const first = await disk.up();
      const key = await first.key('user');
      process.kill(first.pid, signal);
      await first.ended;

      const filler = fill(data);
      // The server checks for space every second.
      const server = await disk.up({ set: ['ca.ocspLifetime=20s'] });
      fill(data, 'filler-2');
      const { urls } = await server.json<{ urls: { crl: string } }>('ca', 'show');
      assert.equal((await fetch(urls.crl)).status, 200);
      // Some writes fit into files that already have their size.
      const failed = await keysUntilRefused(server, []);
      assert.equal(failed.status, FAILED);
      const used = await ask({ ...server, path: '/', headers: { 'x-api-key': key } });
      // The entry of the first use is small, so it may also have fitted.
      const entries = await server.json<{ type: string }[]>('audit', 'tail', '-n', '100');
      const isRecorded = entries.some(({ type }) => type === 'identity.key_used');
      assert.equal(used.status, isRecorded ? 200 : 503, 'the first use of a key must be recorded');
      assert.match(oneLine(failed), /disk is full: free space on it, then try again$/);

      rmSync(filler);
      rmSync(join(data, 'filler-2'));
      assert.equal((await ask({ ...server, path: '/', headers: { 'x-api-key': key } })).status, 200);
      assert.equal((await server.command(['audit', 'verify'])).status, 0);
      const hasCertificate = async () => {
        const all = await server.json<{ profile: string }[]>('cert', 'list', '--all');
        return all.filter(({ profile }) => profile === 'server').length === 2;
      };
      await eventually('our own certificate to be recorded', hasCertificate, PATIENCE_MS);
    });
  }
});

/** Starts a server that must not start, and returns its message. */
async function refusal(options: UpOptions, expectedStatus: number): Promise<string> {
  const { data = newFolder(), environment = {} } = options;
  const outcome = await gatehouse(['up', ...upArguments({ ...options, data })], { environment, cwd: folder });
  const line = oneLine(outcome);
  assert.equal(outcome.status, expectedStatus, line);
  assert.equal(outcome.stdout, '');
  return line;
}

/** The line of a start that refuses its settings, without a separate process. */
async function refusedSettings({ upstream, config, set = [], environment = {} }: UpOptions): Promise<string> {
  const data = newFolder();
  const error = await serve({ upstream, config, set, environment, data }).then(
    () => assert.fail('it started'),
    (reason: GatehouseError) => reason,
  );
  assert.match(error.code, /^config_/);
  assert.deepEqual(readdirSync(data), []);
  return `gatehouse: ${error.message}`;
}

/** The first command that fails; the ids of the keys that were made before are added to `acknowledged`. */
function keysUntilRefused(server: Up, acknowledged: string[]): Promise<Outcome> {
  const makeKey = async () => {
    const outcome = await server.command(['key', 'create', `until-${acknowledged.length}`]);
    if (outcome.status !== 0) return outcome;
    acknowledged.push(idOf(outcome.stdout));
  };
  return eventually('the disk to be full', makeKey, PATIENCE_MS);
}

/** The answer of /readyz to anyone. */
async function readiness({ controlPort, ca }: Up): Promise<string> {
  const { status, text } = await ask({ port: controlPort, ca, path: '/readyz' });
  return `${status} ${text()}`;
}

function notYetValid(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'CERT_NOT_YET_VALID') throw error;
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

function logLine(server: Up, marker: string): string | undefined {
  return server
    .stderr()
    .split('\n')
    .find((line) => line.includes(marker));
}

function idOf(key: string): string {
  return key.split('_')[1] ?? '';
}

/** A data folder on a disk of 4 MiB, and servers on it; undefined if mounting is not permitted. */
function mountSmall(t: TestContext) {
  const data = newFolder();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', data]).status === 0;
  if (!mounted) return undefined;
  const servers: Up[] = [];
  t.after(async () => {
    await Promise.all(servers.map(({ stop }) => stop()));
    spawnSync('umount', [data]);
  });
  return {
    data,
    async up(options: UpOptions = {}): Promise<Up> {
      const server = await up({ ...options, data });
      servers.push(server);
      return server;
    },
  };
}

/** Fills the free space, and returns the file that does it. */
function fill(mounted: string, name = 'filler'): string {
  const path = join(mounted, name);
  const { bavail, bsize } = statfsSync(mounted);
  writeFileSync(path, Buffer.alloc(bavail * bsize));
  return path;
}
