// The gateway in front of upstreams that answer badly, late, twice or not at all (RFC 9112 §6.3, §8, §9): it
// answers 502 or 504, or visibly ends the connection. No client gets an answer that belongs to another one,
// and no other client is affected.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { eventually } from './support/conditions.ts';
import { ask } from './support/https-client.ts';
import { connectRaw } from './support/raw-client.ts';
import { startServer } from './support/server-under-test.ts';
import { onTransport, TRANSPORTS, type TransportName } from './support/transports.ts';
import { startRawUpstream, startRecordingUpstream } from './support/upstreams.ts';

const OK = 'HTTP/1.1 200 OK\r\n';

/** Heads and beginnings of bodies that the gateway cannot use. */
const UNUSABLE: Record<string, Record<string, string>> = {
  'Content-Length with Transfer-Encoding (RFC 9112 §6.3)': {
    'cl-te': `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'te-cl': `${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  },
  'a transfer coding other than only chunked (RFC 9112 §6.1)': {
    'te-gzip-chunked': `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    'te-unknown': `${OK}Transfer-Encoding: x-own, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    'te-twice': `${OK}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    'te-repeated': `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  },
  'an invalid or repeated Content-Length (RFC 9112 §6.3)': {
    'cl-negative': `${OK}Content-Length: -1\r\n\r\n`,
    'cl-hex': `${OK}Content-Length: 0x5\r\n\r\nhello`,
    'cl-twice': `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
    'cl-list': `${OK}Content-Length: 5, 6\r\n\r\nhello!`,
  },
  'control bytes (RFC 9110 §5.5)': {
    'nul-in-value': `${OK}X-A: a\0b\r\nContent-Length: 0\r\n\r\n`,
    'soh-in-value': `${OK}X-A: a\x01b\r\nContent-Length: 0\r\n\r\n`,
    'nul-in-name': `${OK}X\0A: b\r\nContent-Length: 0\r\n\r\n`,
    'space-in-name': `${OK}X A: b\r\nContent-Length: 0\r\n\r\n`,
    'bare-cr-in-value': `${OK}X-A: a\rX-B: b\r\nContent-Length: 0\r\n\r\n`,
    'control-in-reason': 'HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n',
    'nul-in-reason': 'HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n',
  },
  'an answer that is not HTTP/1.1 (RFC 9112 §4)': {
    'not-http': 'SSH-2.0-OpenSSH_9.6\r\n',
    'status-two-digits': 'HTTP/1.1 20 OK\r\n\r\n',
    'status-letters': 'HTTP/1.1 abc OK\r\n\r\n',
    'version-unknown': 'HTTP/1.7 200 OK\r\n\r\n',
    'unasked-upgrade': 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    'endless-head': `${OK}${'X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(5000)}`,
  },
};

async function startWorld(transport: TransportName) {
  const good = await startRecordingUpstream();
  const answers = new Map<string, (socket: Socket, count: number) => void>();
  const counts = new Map<string, number>();
  /** The last request to each path. */
  const heads = new Map<string, string>();
  const bad = await startRawUpstream((head, socket) => {
    const name = head.split(' ')[1]?.slice('/bad/'.length) ?? '';
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    heads.set(name, head);
    const answer = answers.get(name);
    if (answer) answer(socket, count);
  });
  const server = await startServer({
    upstream: good.origin,
    set: [
      `gateway.routes=[{"path":"/bad/*","upstream":"${bad.origin}"},{"path":"/down/*","upstream":"http://127.0.0.1:1"},{"path":"/*"}]`,
      'gateway.timeouts.firstByte=2s',
      'gateway.timeouts.stall=1s',
      ...onTransport(transport),
    ],
  });
  const { key } = await server.createKey(['admin']);
  return { transport, good, bad, answers, counts, heads, server, key };
}

const worlds = await Promise.all(TRANSPORTS.map(startWorld));
after(() =>
  Promise.all(worlds.flatMap(({ server, good, bad }) => [server.stop(), good.close(), bad.close()])),
);

for (const { transport, answers, counts, heads, server, key } of worlds) {
  const call = (path: string, method = 'GET') =>
    ask({ ...server, path, method, headers: { 'x-api-key': key } });

  /** Answers `/bad/NAME` with these bytes, and leaves the connection open. */
  const answerWith = (name: string, bytes: string) =>
    answers.set(name, (socket) => void socket.write(Buffer.from(bytes, 'latin1')));

  describe(`the gateway answers 502 if it cannot use an upstream’s answer, transport ${transport}`, {
    concurrency: 4,
  }, () => {
    for (const [offence, cases] of Object.entries(UNUSABLE)) {
      it(`refuses ${offence} from an upstream with 502`, async () => {
        const outcomes = Object.entries(cases).map(async ([name, bytes]) => {
          answerWith(name, bytes);
          const answer = await call(`/bad/${name}`).catch((error: Error) => error);
          if (answer instanceof Error) return `${name}: ${answer.message}`;
          const { code, detail } = answer.json();
          return answer.status === 502 && code === 'upstream_failed' && detail === undefined
            ? 'refused'
            : `${name}: answered ${answer.status} ${answer.text()}`;
        });
        const others = (await Promise.all(outcomes)).filter((outcome) => outcome !== 'refused');
        assert.deepEqual(others, []);
      });
    }

    it('answers 502 without details if the upstream cannot be reached (RFC 9110 §15.6.3)', async () => {
      const answer = await call('/down/x');
      assert.equal(answer.status, 502);
      assert.equal(answer.headers['content-type'], 'application/problem+json');
      assert.doesNotMatch(answer.text(), /127\.0\.0\.1|ECONNREFUSED/);
    });

    it('answers 502 if the upstream closes before it answers (RFC 9112 §8)', async () => {
      answers.set('hang-up', (socket) => socket.destroy());
      assert.equal((await call('/bad/hang-up', 'POST')).status, 502);
    });

    it('answers 504 if the upstream’s first byte takes too long (RFC 9110 §15.6.5)', async () => {
      answers.set('silent', () => {});
      const answer = await call('/bad/silent');
      assert.equal(answer.status, 504);
      assert.equal(answer.json().code, 'upstream_timeout');
    });

    it('forwards no body after 204 and 304, and does not reuse that connection (RFC 9112 §6.3)', async () => {
      const forged = `${OK}Content-Length: 6\r\n\r\nforged`;
      answerWith(
        'no-content',
        `HTTP/1.1 204 No Content\r\nContent-Length: ${forged.length}\r\n\r\n${forged}`,
      );
      answerWith(
        'not-modified',
        `HTTP/1.1 304 Not Modified\r\nContent-Length: ${forged.length}\r\n\r\n${forged}`,
      );
      answerWith('innocent', `${OK}Content-Length: 8\r\n\r\ninnocent`);
      for (const name of ['no-content', 'not-modified']) {
        const answer = await call(`/bad/${name}`);
        assert.equal(answer.text(), '');
        assert.equal((await call('/bad/innocent')).text(), 'innocent');
      }
    });
  });

  describe(`messages that an upstream could misread, transport ${transport}`, () => {
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';

    for (const method of ['GET', 'DELETE', 'OPTIONS']) {
      it(`closes the connection after ${method} with content, which upstreams may read as a request (RFC 9110 §9.3)`, async () => {
        answerWith(`content-${method}`, `${OK}Content-Length: 2\r\n\r\nok`);
        const headers = { 'x-api-key': key, 'content-length': smuggled.length };
        const path = `/bad/content-${method}`;
        assert.equal((await ask({ ...server, path, method, headers, body: smuggled })).text(), 'ok');
        assert.match(heads.get(`content-${method}`) ?? '', /^connection: close$/im);
      });
    }

    it('reuses the connection after a POST with content and a GET without', async () => {
      answerWith('reused', `${OK}Content-Length: 2\r\n\r\nok`);
      const headers = { 'x-api-key': key };
      await ask({ ...server, path: '/bad/reused', method: 'POST', headers, body: 'content' });
      assert.doesNotMatch(heads.get('reused') ?? '', /^connection: close$/im);
      await call('/bad/reused');
      assert.doesNotMatch(heads.get('reused') ?? '', /^connection: close$/im);
    });

    it('reads Chunked as chunked (RFC 9112 §7)', async () => {
      answerWith('te-case', `${OK}Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`);
      assert.equal((await call('/bad/te-case')).text(), 'hello');
    });

    it('forwards 16 interim answers and ignores further ones (RFC 9110 §15.2)', async () => {
      const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(1000);
      answerWith('hints', `${hints}${OK}Content-Length: 2\r\n\r\nok`);
      const client = await connectRaw(server);
      client.write(`GET /bad/hints HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\n\r\n`);
      await eventually('the answer', () => client.received().endsWith('ok'));
      assert.equal(client.received().split('HTTP/1.1 103').length - 1, 16);
      client.destroy();
    });
  });

  describe(`answers that become malformed after they began, transport ${transport}`, {
    concurrency: 4,
  }, () => {
    it('never gives an unsolicited answer to another request (RFC 9112 §9.2)', async () => {
      const forged = `${OK}Content-Length: 6\r\n\r\nforged`;
      answerWith('two', `${OK}Content-Length: 5\r\n\r\nfirst${forged}${forged}`);
      answerWith('one', `${OK}Content-Length: 6\r\n\r\nproper`);
      for (let round = 0; round < 10; round += 1) {
        const texts = await Promise.all(
          ['/bad/two', '/bad/one', '/bad/one'].map(async (path) => (await call(path)).text()),
        );
        assert.deepEqual(texts, ['first', 'proper', 'proper']);
      }
    });

    for (const [what, beginning] of [
      ['a body with a Content-Length', `${OK}Content-Length: 100\r\n\r\nonly a part`],
      ['a chunked body between chunks', `${OK}Transfer-Encoding: chunked\r\n\r\nb\r\nonly a part\r\n`],
      ['a chunk', `${OK}Transfer-Encoding: chunked\r\n\r\nff\r\nonly a part`],
    ] as const) {
      it(`disconnects the client if the upstream dies in the middle of ${what} (RFC 9112 §8)`, async () => {
        const name = `dies-in-${what.replaceAll(' ', '-')}`;
        answers.set(name, (socket) => {
          socket.write(beginning);
          setImmediate(() => socket.destroy());
        });
        const client = await connectRaw(server);
        client.write(`GET /bad/${name} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\n\r\n`);
        await client.ended(2000);
        assert.doesNotMatch(client.received(), /\r\n0\r\n\r\n$/);
        assert.doesNotMatch(client.received(), /502/);
        await assert.rejects(client.response());
      });
    }

    it('disconnects the client at a malformed chunk (RFC 9112 §7.1)', async () => {
      answerWith('bad-chunk', `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n`);
      await assert.rejects(call('/bad/bad-chunk'));
    });

    it('disconnects the client in time if the upstream stalls in the middle (timeouts.stall)', async () => {
      answerWith('stalls', `${OK}Content-Length: 100\r\n\r\nonly a part`);
      const startedAt = performance.now();
      await assert.rejects(call('/bad/stalls'));
      assert.ok(performance.now() - startedAt < 4000);
    });

    it('reads an answer without a length to its end (RFC 9112 §6.3)', async () => {
      answers.set('until-close', (socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nuntil the end'));
      assert.equal((await call('/bad/until-close')).text(), 'until the end');
    });
  });

  describe(`an idle connection that the upstream has closed, transport ${transport} (RFC 9110 §9.2.2)`, () => {
    // Answers the first request on each connection, and closes it on the second.
    function hangUpOnSecond(name: string): void {
      const used = new WeakSet<Socket>();
      answers.set(name, (socket) => {
        if (used.has(socket)) socket.destroy();
        else socket.write(`${OK}Content-Length: 5\r\n\r\nfresh`);
        used.add(socket);
      });
    }

    it('repeats a GET on a new connection', async () => {
      hangUpOnSecond('stale-get');
      for (let count = 0; count < 10; count += 1) assert.equal((await call('/bad/stale-get')).status, 200);
      assert.ok((counts.get('stale-get') ?? 0) > 10, 'no connection was reused, so the test proves nothing');
    });

    it('never repeats a POST, which the upstream may have executed', async () => {
      hangUpOnSecond('stale-post');
      const statuses: number[] = [];
      for (let count = 0; count < 10; count += 1)
        statuses.push((await call('/bad/stale-post', 'POST')).status);
      assert.ok(statuses.includes(502));
      assert.equal(counts.get('stale-post'), 10);
    });
  });

  describe(`after these answers, transport ${transport}`, () => {
    it('no worker has died, and the gateway continues to run', async () => {
      assert.equal((await call('/fine')).status, 200);
      for (const worker of server.running.gateway.workers()) assert.equal(worker.restarts, 0);
      await eventually('the log of the dying answers', () =>
        server.accessLog().some(({ reason }) => String(reason).startsWith('upstream_failed')),
      );
    });
  });
}
