// The data plane runs in separate processes. They have no store and no authority's key, are replaced when
// they die or become silent, and end with the control plane.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/conditions.ts';
import { dataPlanesOf, ownerOf, replaced, runsOnBun } from '../support/data-planes.ts';
import type { Up, UpOptions } from '../support/gatehouse-command.ts';
import { run, signIn, up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { commandLineOf, descriptorsOf, WITHOUT_PROC } from '../support/process-facts.ts';
import { cannotRead, findInMemory } from '../support/process-memory.ts';
import { without } from '../support/programs.ts';
import type { RawConnection } from '../support/raw-client.ts';
import { connectRaw } from '../support/raw-client.ts';
import { openSecrets, privateScalar } from '../support/sealed-secrets.ts';
import type { TransportName } from '../support/transports.ts';
import { onTransport, TRANSPORTS } from '../support/transports.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const WORKERS = 2;
const ENDED_WITHIN_MS = 10_000;
/** The one secret that a data plane process needs. */
const ASSERTION_KEY = 'gateway/assertion-key';
const PASSWORD = 'correct horse battery staple';
const prlimit = { skip: without('prlimit') };
/** The number of free descriptors of a process. */
const FEW = 6;

const upstream = await startRecordingUpstream();
after(upstream.close);
upstream.on('/slow', (_request, response) => void setTimeout(() => response.end('slow'), 500));

for (const transport of TRANSPORTS) {
  describe(`data plane processes at rest, transport ${transport}`, { skip: WITHOUT_PROC }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bunfig-'));
    const marker = join(folder, 'loaded');
    let server: Up;

    before(async () => {
      const preload = join(folder, 'preload.cjs');
      writeFileSync(preload, `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '');`);
      writeFileSync(join(folder, 'bunfig.toml'), `preload = [${JSON.stringify(preload)}]\n`);
      writeFileSync(join(folder, '.env'), 'GATEHOUSE_TEST=1\n');
      server = await start(transport, { cwd: folder, environment: { BUN_OPTIONS: `--preload ${preload}` } });
    });
    after(async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it('are one for each worker, on the chosen runtime', () => {
      const pids = dataPlanesOf(server.pid);
      assert.equal(pids.length, WORKERS);
      assert.ok(pids.every((pid) => runsOnBun(pid) === (transport === 'bun')));
    });

    it('have only the access log open, and neither the store nor a file of keys', async () => {
      assert.equal((await ask({ ...server, path: '/' })).status, 200);
      for (const pid of dataPlanesOf(server.pid)) {
        const files = descriptorsOf(pid).filter(
          // Not the devices, such as /dev/null. The data folder may be in /dev/shm.
          (target) => target.startsWith('/') && !/^\/dev\/(?!shm\/)/.test(target),
        );
        assert.deepEqual([...new Set(files)], [join(server.data, 'access.log')]);
      }
    });

    it('have a new environment and working folder, and read no configuration of Bun', () => {
      for (const pid of dataPlanesOf(server.pid)) {
        const names = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
        assert.ok(
          names.every((entry) => /^(?:BUN_RUNTIME|MIMALLOC)_/.test(entry)),
          names.join(),
        );
        assert.notEqual(readlinkSync(`/proc/${pid}/cwd`), folder);
      }
      assert.ok(!existsSync(marker));
    });

    it('have only their own keys: no authority’s, none that signs tokens, and no password hash', async (t) => {
      await signInOnce(server);
      const pids = dataPlanesOf(server.pid);
      const reason = cannotRead(pids[0] ?? 0);
      if (reason) return t.skip(reason);
      const secrets = await openSecrets(server.data);
      const patterns = patternsOf(secrets);
      patterns.set('password hash', Buffer.from('$argon2id$v=19$'));
      patterns.set(
        'master key',
        Buffer.from(readFileSync(join(server.data, 'master.key'), 'utf8').trim(), 'base64'),
      );
      assert.ok(secrets.size >= 3, [...secrets.keys()].join());
      for (const pid of pids) {
        const found = secretsIn(pid, patterns);
        // Finding this key shows that the search would find the others.
        assert.ok(found.includes(ASSERTION_KEY), found.join());
        assert.deepEqual(
          found.filter((name) => !OWN_KEYS.test(name)),
          [],
        );
      }
    });

    it('ignore signals from a terminal to the whole group, and stop with the server', async () => {
      const pids = dataPlanesOf(server.pid);
      for (const pid of pids)
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
      await delay(200);
      assert.deepEqual(dataPlanesOf(server.pid), pids);
      await server.stop();
      assert.ok(pids.every((pid) => commandLineOf(pid) === ''));
      assert.equal((await server.ended).status, 0);
    });
  });

  describe(`data plane processes that end, transport ${transport}`, { skip: WITHOUT_PROC }, () => {
    let server: Up;

    before(async () => {
      server = await start(transport);
    });
    after(() => server.stop());

    it('are replaced when one dies: only its own connections end, and the others continue', async () => {
      const pids = dataPlanesOf(server.pid);
      const [victim = 0] = pids;
      const clients = await connectAll(server, 24);
      const owners = clients.map(({ socket }) => ownerOf(pids, server.port, socket.localPort ?? 0));
      assert.ok(owners.includes(victim) && new Set(owners).size === WORKERS, `connections went to ${owners}`);
      const asked = upstream.saw('/slow').length;
      for (const client of clients) client.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await eventually('the requests', () => upstream.saw('/slow').length >= asked + clients.length);
      process.kill(victim, 'SIGKILL');
      const outcomes = clients.map((client, index) =>
        client.response().then(
          ({ status }) => owners[index] === victim || status === 200,
          () => owners[index] === victim,
        ),
      );
      assert.ok((await Promise.all(outcomes)).every(Boolean));
      for (const client of clients) client.destroy();
      await replaced(server, [victim], WORKERS);
      for (let count = 0; count < 20; count += 1)
        assert.equal((await ask({ ...server, path: '/' })).status, 200);
    });

    it('survive without free descriptors, and serve again when there are some', prlimit, async () => {
      const pids = dataPlanesOf(server.pid);
      const before = await connectAll(server, 4);
      for (const pid of pids) await limitDescriptors(pid, descriptorsOf(pid).length + FEW);
      const many = Array.from({ length: FEW * 4 }, () => connectAll(server, 1).catch(() => []));
      // Each process measures its memory every second, which takes a descriptor.
      await delay(2500);
      assert.deepEqual(dataPlanesOf(server.pid), pids);
      for (const pid of pids) await limitDescriptors(pid, 10_000);
      for (const client of [...before, ...(await Promise.all(many)).flat()]) client.destroy();
      await eventually('an answer', () =>
        ask({ ...server, path: '/' }).then(
          ({ status }) => status === 200,
          () => false,
        ),
      );
      assert.deepEqual(dataPlanesOf(server.pid), pids);
    });

    it('are replaced when one becomes silent', async () => {
      const [victim = 0] = dataPlanesOf(server.pid);
      process.kill(victim, 'SIGSTOP');
      await replaced(server, [victim], WORKERS);
      for (let count = 0; count < 10; count += 1)
        assert.equal((await ask({ ...server, path: '/' })).status, 200);
    });

    if (transport === 'bun') {
      it('run on Node after Bun has died three times within a minute, and the log says so', async () => {
        for (let deaths = 0; deaths < 3 && !isOnNode(server); deaths += 1) {
          const [victim = 0] = dataPlanesOf(server.pid).filter(runsOnBun);
          process.kill(victim, 'SIGKILL');
          await replaced(server, [victim], WORKERS);
        }
        assert.ok(isOnNode(server));
        assert.match(server.stderr(), /"event":"gateway\.runtime_replaced".*Bun.*Node/);
        for (let count = 0; count < 20; count += 1)
          assert.equal((await ask({ ...server, path: '/' })).status, 200);
      });
    }

    it('end when the control plane is killed', async () => {
      const pids = dataPlanesOf(server.pid);
      const [client] = await connectAll(server, 1);
      process.kill(server.pid, 'SIGKILL');
      await eventually('their end', () => pids.every((pid) => commandLineOf(pid) === ''), ENDED_WITHIN_MS);
      await client?.ended();
      await eventually('new connections to be refused', () =>
        ask({ ...server, path: '/' }).then(
          () => false,
          ({ code }: NodeJS.ErrnoException) => code === 'ECONNREFUSED',
        ),
      );
    });
  });
}

async function start(transport: TransportName, options: UpOptions = {}): Promise<Up> {
  const set = [
    'gateway.routes=[{"path":"/private"},{"path":"/*","access":"public"}]',
    `gateway.workers=${WORKERS}`,
  ];
  return up({ upstream: upstream.origin, ...options, set: [...set, ...onTransport(transport)] });
}

function isOnNode({ pid }: Up): boolean {
  return dataPlanesOf(pid).some((dataPlane) => !runsOnBun(dataPlane));
}

async function limitDescriptors(pid: number, count: number): Promise<void> {
  // The hard limit stays, so that it can be raised again.
  assert.equal((await run('prlimit', ['--pid', String(pid), `--nofile=${count}:`])).status, 0);
}

function connectAll(server: Up, count: number): Promise<RawConnection[]> {
  return Promise.all(Array.from({ length: count }, () => connectRaw(server)));
}

/** Makes the control plane read a password hash and sign a token, and the data plane verify it. */
async function signInOnce(server: Up): Promise<void> {
  const added = await server.command(['user', 'add', 'ada', '--role', 'user', '--password-stdin'], {
    input: `${PASSWORD}\n`,
  });
  assert.equal(added.status, 0, added.stderr);
  const authorization = `Bearer ${await signIn(server, 'ada', PASSWORD)}`;
  assert.equal((await ask({ ...server, path: '/private', headers: { authorization } })).status, 200);
}

/** The keys that sign assertions and answers, and that open sealed requests. */
const OWN_KEYS = /^(?:gateway\/(?:assertion|answer)-key|sealing\/.*)$/;
/**
 * Secrets that are plain octets: for a MAC, and keys that open sealed requests. All others are private keys
 * in PKCS#8.
 */
const OCTETS = /^(?:audit\/head-key|sealing\/.*)$/;

/** Every form that each secret may have in a program: the scalar in both orders of octets, and as text. */
function patternsOf(secrets: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const patterns = new Map<string, Buffer>();
  for (const [name, secret] of secrets) {
    const scalar = OCTETS.test(name) ? secret.subarray(0, 32) : privateScalar(secret);
    patterns.set(name, scalar);
    patterns.set(`${name} in reverse`, Buffer.from(scalar).reverse());
    patterns.set(`${name} as a JWK`, Buffer.from(scalar.toString('base64url')));
    patterns.set(`${name} as PEM`, Buffer.from(bodyOf(secret)));
  }
  return patterns;
}

/** A line of the PEM form with octets of the scalar. */
function bodyOf(secret: Buffer): string {
  const text = secret.toString('latin1');
  return text.startsWith('-----') ? (text.split('\n')[1] ?? '') : secret.toString('base64').slice(0, 64);
}

/** The names of the secrets, without the form in which they were found. */
function secretsIn(pid: number, patterns: ReadonlyMap<string, Buffer>): string[] {
  const names = [...findInMemory(pid, patterns)].map((name) => name.replace(/ (?:in reverse|as .*)$/, ''));
  return [...new Set(names)].sort();
}
