// Floods on the control listener and the public PKI. Each comes from separate addresses (all of 127.0.0.0/8
// is this machine), while a client with another address signs in and is served. The ledger then has a few
// entries with counts, not an entry for each refusal.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:https';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/conditions.ts';
import type { Answer } from '../support/https-client.ts';
import { ask } from '../support/https-client.ts';
import type { ServerUnderTest } from '../support/server-under-test.ts';
import { startServer } from '../support/server-under-test.ts';

const IDLE_CONNECTIONS = 1100;
const GUESSERS = 100;
const HONEST_SIGN_INS = 51;
const HALF_A_CLIENT_HELLO = Buffer.from('16030102000100', 'hex');

const NO_UPSTREAM = 'http://127.0.0.1:9';
const server = await startServer({ upstream: NO_UPSTREAM });
const user = await server.createUser(['user']);
after(() => server.stop());
let refusedSignIns = 0;

function signIn(
  { controlPort, ca }: ServerUnderTest,
  { name, password }: { name: string; password: string },
  agent?: Agent,
): Promise<Answer> {
  return ask({
    port: controlPort,
    ca,
    path: '/auth/login',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: name, password }),
    ...(agent && { agent }),
  });
}

/** Connections without a request. `bytes` are sent on each. */
async function openIdle(
  t: TestContext,
  wanted: { port: number; count: number; bytes?: Buffer },
  localAddress: string,
) {
  const { port, count, bytes = Buffer.alloc(0) } = wanted;
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  while (sockets.length < count) {
    const socket = connect({ host: '127.0.0.1', port, localAddress }).on('error', () => {});
    sockets.push(socket.resume());
    await once(socket, 'connect');
    socket.write(bytes);
  }
  return sockets;
}

const pkiPort = ({ running }: ServerUnderTest) => Number(new URL(running.ready.pki).port);

async function fetchRoots(subject: ServerUnderTest): Promise<number> {
  return (await fetch(`http://127.0.0.1:${pkiPort(subject)}/roots.pem`)).status;
}

/**
 * A server may close an idle connection while a request is on its way. Then the request is sent again (RFC
 * 9112 §9.3.1).
 */
function closedMeanwhile(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ECONNRESET') throw error;
}

describe('a flood from one address', () => {
  it(`of ${IDLE_CONNECTIONS} idle connections does not block the control listener for others`, async (t) => {
    const idle = await openIdle(t, { port: server.controlPort, count: IDLE_CONNECTIONS }, '127.0.0.2');
    assert.equal((await signIn(server, user)).status, 200);
    await eventually(
      'the end of connections beyond a share',
      () => idle.filter(({ closed }) => closed).length >= 600,
    );
    assert.equal((await signIn(server, user)).status, 200);
  });

  it(`of ${IDLE_CONNECTIONS} unfinished handshakes blocks neither others nor itself`, async (t) => {
    const flood = { port: server.controlPort, count: IDLE_CONNECTIONS, bytes: HALF_A_CLIENT_HELLO };
    await openIdle(t, flood, '127.0.0.4');
    assert.equal((await signIn(server, user)).status, 200);
    const agent = new Agent({ localAddress: '127.0.0.4' });
    assert.equal((await signIn(server, user, agent)).status, 200);
  });

  it(`of ${IDLE_CONNECTIONS} idle connections does not block the public PKI for others`, async (t) => {
    await openIdle(t, { port: pkiPort(server), count: IDLE_CONNECTIONS }, '127.0.0.2');
    assert.equal(await fetchRoots(server), 200);
  });

  it(`that guesses passwords on ${GUESSERS} connections does not stop sign-ins from other addresses`, async (t) => {
    const agent = new Agent({ localAddress: '127.0.0.3', keepAlive: true, maxSockets: GUESSERS });
    t.after(() => agent.destroy());
    const answers: Answer[] = [];
    let over = false;
    async function guess(): Promise<void> {
      while (!over) {
        const answer = await signIn(server, { name: user.name, password: 'a wrong guess' }, agent).catch(
          closedMeanwhile,
        );
        if (answer === undefined) continue;
        answers.push(answer);
        // This process has to serve them, too.
        if (answer.status === 429) await delay(500);
      }
    }
    const guessers = Array.from({ length: GUESSERS }, guess);
    await eventually('a full queue', () => answers.some(({ status }) => status === 429));
    const honest = await Promise.all(Array.from({ length: HONEST_SIGN_INS }, () => signIn(server, user)));
    over = true;
    await Promise.all(guessers);
    assert.deepEqual(new Set(honest.map(({ status }) => status)), new Set([200]));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([401, 429]));
    const refused = answers.filter(({ status }) => status === 429);
    for (const { headers } of refused) assert.ok(Number(headers['retry-after']) > 0);
    refusedSignIns = refused.length;
  });
});

describe('a flood from many addresses', () => {
  it('that fills the listener leaves connections for another address', async (t) => {
    const small = await startServer({
      upstream: NO_UPSTREAM,
      set: ['control.maxConnections=100', 'control.connectionsPerAddress=20'],
    });
    t.after(() => small.stop());
    const someone = await small.createUser(['user']);
    for (let host = 1; host <= 10; host += 1) {
      const source = `127.0.1.${host}`;
      await openIdle(t, { port: small.controlPort, count: 20 }, source);
      await openIdle(t, { port: pkiPort(small), count: 20 }, source);
    }
    for (let times = 0; times < 10; times += 1) {
      assert.equal((await signIn(small, someone)).status, 200);
      assert.equal(await fetchRoots(small), 200);
    }
  });
});

interface Row {
  type: string;
  subject: string | null;
  address: string;
  data: { count: number; first: string; last: string };
}

/** The entries with counts, as they are on disk. */
function countedEntries(folder: string): Row[] {
  const database = new DatabaseSync(join(folder, 'gatehouse.db'), { readOnly: true });
  const rows = database.prepare('SELECT type, subject, actor, data FROM audit_entries ORDER BY seq').all();
  database.close();
  return rows
    .map((row) => ({
      type: String(row.type),
      subject: row.subject === null ? null : String(row.subject),
      address: (JSON.parse(String(row.actor)) as { address: string }).address,
      data: JSON.parse(String(row.data)) as Row['data'],
    }))
    .filter(({ type }) => /^control\.connection_|^identity\.sign_in_refused$/.test(type));
}

describe('the record of these floods in the ledger', () => {
  it('has one entry a minute for each kind and address, and no refusal is missing', async () => {
    await server.running.stop();
    const entries = countedEntries(server.data);
    const sum = (type: string, subject: string | null, address: string) =>
      entries
        .filter((entry) => entry.type === type && entry.subject === subject && entry.address === address)
        .reduce((total, { data }) => total + data.count, 0);
    assert.equal(sum('identity.sign_in_refused', null, '127.0.0.3'), refusedSignIns);
    assert.ok(sum('control.connection_closed', 'control.listen', '127.0.0.2') >= 600);
    assert.ok(sum('control.connection_closed', 'control.listen', '127.0.0.4') >= 600);
    assert.equal(sum('control.connection_closed', 'pki.listen', '127.0.0.2'), 600);
    const kinds = new Set(entries.map(({ type, subject, address }) => `${type} ${subject} ${address}`));
    assert.equal(kinds.size, 4, [...kinds].join('\n'));
    const spans = entries.map(({ data }) => Date.parse(data.last) - Date.parse(data.first));
    assert.ok(spans.every((milliseconds) => milliseconds >= 0 && milliseconds <= 61_000));
    assert.ok(entries.length <= 4 * 3, `${entries.length} entries`);
  });
});
