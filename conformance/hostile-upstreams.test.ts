// Upstreams that answer too early, unasked, too slowly, too much or never (RFC 9110 §15.2, RFC 9112 §9.2,
// §9.3): the client gets a complete answer of the upstream, otherwise 502 or 504, in time, and no other
// client is affected. Mistakes in the syntax of answers are in upstream-answers.test.ts.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from './support/conditions.ts';
import { takenAfterRefusal } from './support/endless-upload.ts';
import { ask } from './support/https-client.ts';
import { connectRaw } from './support/raw-client.ts';
import { startServer } from './support/server-under-test.ts';
import { startTcpServer } from './support/tcp-server.ts';
import { onTransport, TRANSPORTS, type TransportName } from './support/transports.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const PLAIN = `${OK}Content-Length: 2\r\n\r\nok`;
const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;
/** The limits in the settings below are one second. The additional time is for a busy machine. */
const CUT_WITHIN_MS = 6000;
const DRIP_MS = 50;
/** Time for octets to reach the gateway. */
const SETTLED_MS = 50;

/** Answers on its own: the connection, and the head of the request. */
type Answer = (socket: Socket, head: string) => void;

async function startWorld(transport: TransportName) {
  const answers = new Map<string, Answer>();
  const upstream = await startTcpServer((socket) => {
    socket.on('data', (chunk) => {
      const [head = ''] = chunk.toString('latin1').split('\r\n\r\n');
      const name = /^[A-Z]+ \/([\w-]+)[^ ]* HTTP\/1\.1\r\n/.exec(head)?.[1] ?? '';
      answers.get(name)?.(socket, head);
    });
  });
  const server = await startServer({
    upstream: upstream.origin,
    set: [
      'gateway.routes=[{"path":"/*","access":"public"}]',
      'gateway.timeouts.firstByte=1s',
      'gateway.timeouts.stall=1s',
      ...onTransport(transport),
    ],
  });
  return { transport, answers, upstream, server };
}

const worlds = await Promise.all(TRANSPORTS.map(startWorld));
after(() => Promise.all(worlds.flatMap(({ server, upstream }) => [server.stop(), upstream.close()])));

for (const { transport, answers, upstream, server } of worlds) {
  const call = (path: string, method = 'GET', body?: Buffer) =>
    ask({ ...server, path, method, ...(body && { body }) });
  const statusOf = async (path: string, method = 'GET', body?: Buffer) =>
    (await call(path, method, body)).status;

  describe(`upstreams that answer before the end of the upload, transport ${transport} (RFC 9112 §9.5)`, () => {
    const STATUSES = { 413: 'Content Too Large', 401: 'Unauthorized', 501: 'Not Implemented' };
    const SIZES = [KILOBYTE, 70 * KILOBYTE, 200 * KILOBYTE, MEGABYTE, 5 * MEGABYTE];
    const ROUNDS = 4;

    /** How an upstream ends its connection after an early answer. */
    const ENDINGS: Record<string, (socket: Socket, answer: string) => void> = {
      'closes it at once, which resets it': (socket, answer) => {
        socket.pause();
        socket.write(answer, () => socket.destroy());
      },
      'ends its side and continues reading': (socket, answer) => socket.end(answer),
      'ends its side and reads no more': (socket, answer) => socket.pause().end(answer),
    };
    for (const [ending, end] of Object.entries(ENDINGS)) {
      it(`forwards the answer if the upstream then ${ending}`, async () => {
        const outcomes: string[] = [];
        for (const [status, phrase] of Object.entries(STATUSES)) {
          const answer = `HTTP/1.1 ${status} ${phrase}\r\nContent-Length: 5\r\nConnection: close\r\n\r\nearly`;
          answers.set('early', (socket) => end(socket, answer));
          for (const size of SIZES) {
            for (let round = 0; round < ROUNDS; round += 1) {
              const got = await call('/early', 'POST', Buffer.alloc(size)).then(
                (reply) => `${reply.status} ${reply.text()}`,
                (error: Error) => error.message,
              );
              if (got !== `${status} early`) outcomes.push(`${size} octets: ${got} instead of ${status}`);
            }
          }
        }
        assert.deepEqual(outcomes, []);
      });
    }

    it('forwards an answer to chunks that continues during the upload', async () => {
      answers.set('both-ways', (socket) => {
        socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n`);
        setTimeout(() => socket.end('4\r\nlast\r\n0\r\n\r\n'), 200);
      });
      const client = await connectRaw(server);
      client.write(
        'POST /both-ways HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n',
      );
      await eventually('the first part', () => client.received().includes('first'));
      client.write('1\r\ny\r\n');
      const { status, body } = await client.response();
      assert.equal(status, 200);
      assert.equal(body.toString(), 'firstlast');
      client.destroy();
    });

    it('reads only a limited part of the rest of the upload', async () => {
      answers.set('early', (socket) =>
        socket.end('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n'),
      );
      assert.ok((await takenAfterRefusal(server, '/early', 413)) < 40 * MEGABYTE);
    });
  });

  describe(`interim answers without a request, transport ${transport} (RFC 9110 §15.2)`, () => {
    const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
    const CASES = {
      'one 100': CONTINUE,
      'several 100': CONTINUE.repeat(5),
      'very many 100': CONTINUE.repeat(500),
      'a 100 with fields': 'HTTP/1.1 100 Continue\r\nX-A: b\r\nContent-Length: 5\r\n\r\n',
      'a 100 without a phrase': 'HTTP/1.1 100 \r\n\r\n',
    };
    for (const [index, [name, interim]] of Object.entries(CASES).entries()) {
      it(`ignores ${name}`, async () => {
        answers.set(`interim-${index}`, (socket) => socket.write(`${interim}${PLAIN}`));
        for (const method of ['GET', 'POST', 'DELETE']) {
          const client = await connectRaw(server);
          const length = method === 'POST' ? 'Content-Length: 0\r\n' : '';
          client.write(`${method} /interim-${index} HTTP/1.1\r\nHost: localhost\r\n${length}\r\n`);
          assert.equal((await client.response()).status, 200);
          client.destroy();
        }
      });
    }

    it('sends 100 once to a client that expects it, although the upstream sends another', async () => {
      answers.set('expecting', (socket, head) => {
        if (head.startsWith('POST')) socket.write(`${CONTINUE}${PLAIN}`);
      });
      const client = await connectRaw(server);
      const expectation = 'Expect: 100-continue\r\nContent-Length: 5\r\n';
      client.write(`POST /expecting HTTP/1.1\r\nHost: localhost\r\n${expectation}\r\n`);
      await eventually('the first 100', () => client.received().includes(' 100 '));
      client.write('hello');
      await eventually('the answer', () => client.received().endsWith('ok'));
      assert.equal(client.received().split(' 100 ').length, 2);
      client.destroy();
    });

    it('disconnects an upstream that sends only interim answers', async () => {
      answers.set('only-hints', (socket) => drip(socket, 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'));
      const client = await connectRaw(server);
      client.write('GET /only-hints HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await eventually('the end', () => /HTTP\/1\.1 50[24] /.test(client.received()), CUT_WITHIN_MS);
      client.destroy();
    });
  });

  describe(`answers without a request, transport ${transport} (RFC 9112 §9.2)`, () => {
    for (const lateMs of [0, 20, 100]) {
      it(`never gives an answer that follows ${lateMs} ms later to the next request`, async () => {
        const name = `late-${lateMs}`;
        answers.set(name, (socket) => {
          socket.write(PLAIN);
          setTimeout(() => socket.write(`${OK}Content-Length: 6\r\n\r\nforged`), lateMs);
        });
        answers.set(`after-${name}`, (socket) => setTimeout(() => socket.write(PLAIN), 10));
        for (let round = 0; round < 5; round += 1) {
          assert.equal((await call(`/${name}`)).text(), 'ok');
          await delay(lateMs + SETTLED_MS);
          assert.equal((await call(`/after-${name}`)).text(), 'ok');
        }
      });
    }

    it('drops octets after an answer to HEAD, and after 204 and 304', async () => {
      answers.set('head', (socket) => socket.write(`${OK}Content-Length: 6\r\n\r\nforged`));
      answers.set('none', (socket) =>
        socket.write(`HTTP/1.1 204 No Content\r\n\r\n${OK}Content-Length: 6\r\n\r\nforged`),
      );
      answers.set('proper', (socket) => socket.write(PLAIN));
      for (let round = 0; round < 5; round += 1) {
        assert.equal(await statusOf('/head', 'HEAD'), 200);
        assert.equal((await call('/proper')).text(), 'ok');
        assert.equal(await statusOf('/none'), 204);
        assert.equal((await call('/proper')).text(), 'ok');
      }
    });
  });

  describe(`upstreams that are slow or never stop, transport ${transport}`, { concurrency: true }, () => {
    const DRIPPING: Record<string, [string, string]> = {
      'a status line octet by octet': ['HTTP/1.1 200 O', 'K'],
      'a field octet by octet': [`${OK}X-A: `, 'a'],
      'fields without an end': [OK, 'X-A: b\r\n'],
    };
    for (const [index, [what, [first, then]]] of Object.entries(DRIPPING).entries()) {
      it(`answers 502 or 504 in time if one sends ${what}`, async () => {
        answers.set(`drip-${index}`, (socket) => {
          socket.write(first);
          drip(socket, then);
        });
        const startedAt = performance.now();
        assert.ok([502, 504].includes(await statusOf(`/drip-${index}`)));
        assert.ok(performance.now() - startedAt < CUT_WITHIN_MS);
      });
    }

    const ENDLESS: Record<string, [string, string]> = {
      'a chunk extension': [
        `${OK}Transfer-Encoding: chunked\r\n\r\n5`,
        ';aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      ],
      'a chunk size': [`${OK}Transfer-Encoding: chunked\r\n\r\n`, '0'.repeat(100)],
      trailers: [`${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`, 'X-A: b\r\n'.repeat(100)],
    };
    for (const [index, [what, [first, then]]] of Object.entries(ENDLESS).entries()) {
      it(`disconnects the client if one never stops sending ${what}`, async () => {
        answers.set(`endless-${index}`, (socket) => {
          socket.write(first);
          drip(socket, then.repeat(100));
        });
        const client = await connectRaw(server);
        client.write(`GET /endless-${index} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        await client.ended(CUT_WITHIN_MS);
        assert.doesNotMatch(client.received(), /0\r\n\r\n$/);
        client.destroy();
      });
    }

    it('forwards a body that comes octet by octet', async () => {
      answers.set('slow-body', (socket) => {
        socket.write(`${OK}Content-Length: 10\r\n\r\n`);
        drip(socket, 'x', 10);
      });
      assert.equal((await call('/slow-body')).text(), 'x'.repeat(10));
    });

    it('forwards chunks whose framing comes octet by octet', async () => {
      answers.set('slow-chunks', (socket) => {
        const octets = 'Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX-T: t\r\n\r\n';
        void writeSingly(socket, `${OK}${octets}`);
      });
      assert.equal((await call('/slow-chunks')).text(), 'abc');
    });

    it('ends an endless answer of the upstream when its client leaves', async () => {
      let closed = false;
      answers.set('endless-body', (socket) => {
        socket.on('close', () => {
          closed = true;
        });
        socket.write(`${OK}\r\n`);
        drip(socket, 'x'.repeat(10_000));
      });
      const client = await connectRaw(server);
      client.write('GET /endless-body HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await eventually('some of it', () => client.received().length > 50_000);
      client.destroy();
      await eventually('the end upstream', () => closed, CUT_WITHIN_MS);
    });

    for (const [index, [what, octets]] of Object.entries({
      'in its head': 'HTTP/1.1 200 OK\r\nX-A: b',
      'after an interim answer': 'HTTP/1.1 100 Continue\r\n\r\n',
      'before any octet': '',
    }).entries()) {
      it(`answers 502 when the upstream dies ${what}`, async () => {
        answers.set(`dies-${index}`, (socket) => {
          if (octets !== '') socket.write(octets);
          setTimeout(() => socket.resetAndDestroy(), 20);
        });
        assert.equal(await statusOf(`/dies-${index}`, 'POST'), 502);
      });
    }

    it('disconnects the client when the upstream resets the connection in the middle of the answer', async () => {
      answers.set('resets', (socket) => {
        socket.write(`${OK}Content-Length: 100\r\n\r\nonly a part`);
        setTimeout(() => socket.resetAndDestroy(), 20);
      });
      await assert.rejects(call('/resets'));
    });
  });

  describe(`connections that close between requests, transport ${transport} (RFC 9112 §9.3.1)`, () => {
    it('sends no request on a connection that the upstream has ended after its answer', async () => {
      answers.set('ends-after', (socket) => socket.end(PLAIN));
      for (let round = 0; round < 20; round += 1) {
        assert.equal(await statusOf('/ends-after', 'POST', Buffer.from('x')), 200);
        await delay(10);
      }
    });

    it('repeats a GET whose connection closes before an octet of the answer, but not forever', async () => {
      answers.set('always-closes', (socket) => socket.destroy());
      assert.equal(await statusOf('/always-closes'), 502);
    });

    it('honours Connection: close and HTTP/1.0 of an upstream', async () => {
      answers.set('says-close', (socket) =>
        socket.write(`${OK}Connection: close\r\nContent-Length: 2\r\n\r\nok`),
      );
      answers.set('is-old', (socket) => socket.write('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'));
      for (const path of ['/says-close', '/is-old']) {
        const before = upstream.connections();
        for (let round = 0; round < 3; round += 1) assert.equal((await call(path)).text(), 'ok');
        assert.ok(upstream.connections() - before >= 2);
      }
    });
  });

  describe(`after these upstreams, transport ${transport}`, () => {
    it('no worker has died, and the gateway continues to run', async () => {
      answers.set('fine', (socket) => socket.write(PLAIN));
      assert.equal(await statusOf('/fine'), 200);
      assert.ok(server.running.gateway.workers().every(({ restarts }) => restarts === 0));
    });
  });
}

/** Writes each octet of `octets` on its own. */
async function writeSingly(socket: Socket, octets: string): Promise<void> {
  for (const octet of octets) {
    socket.write(octet);
    await delay(2);
  }
}

/** Writes `octets` again and again until the connection ends. */
function drip(socket: Socket, octets: string, count = Number.POSITIVE_INFINITY): void {
  let left = count;
  const timer = setInterval(() => {
    if (left-- > 0 && !socket.destroyed) socket.write(octets);
    else clearInterval(timer);
  }, DRIP_MS);
}
