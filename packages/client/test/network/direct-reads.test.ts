// Readers that are slow, pause, or start late, over plain HTTP and TLS: they get all octets in order.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createTestAuthority } from '../../../../conformance/support/test-authority.ts';
import { pipeTo } from '../../src/http/lazy-response.ts';
import { client, trust } from '../../src/index.ts';

const content = Buffer.from(
  Array.from({ length: 3_000_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff),
);
const expected = createHash('sha256').update(content).digest('hex');
const authority = createTestAuthority();
const { cert, key } = authority.issue();

function answer({ url }: { url?: string | undefined }, response: ServerResponse): void {
  if (url === '/chunked') {
    for (let at = 0; at < content.length; at += 70_001) response.write(content.subarray(at, at + 70_001));
    response.end();
  } else response.end(content);
}

const servers = [createServer(answer), createSecureServer({ cert, key }, answer)];
const [plain, secure] = await Promise.all(
  servers.map(async (server) => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  }),
);
after(() => {
  for (const server of servers) server.close();
});

for (const site of [`http://localhost:${plain}`, `https://localhost:${secure}`]) {
  for (const path of ['/', '/chunked']) {
    describe(`${new URL(site).protocol} ${path}`, () => {
      const open = () => client({ baseUrl: site }).with(trust({ ca: authority.root }));

      test('a reader that pauses after each piece gets all octets in order', async (t) => {
        const http = open();
        t.after(() => http.close());
        const hash = createHash('sha256');
        let pieces = 0;
        await pipeTo(await http.get(path), {
          take(chunk, resume) {
            hash.update(chunk);
            pieces += 1;
            setImmediate().then(resume);
            return false;
          },
          end: async () => {},
        });
        assert.equal(hash.digest('hex'), expected);
        assert.ok(pieces > 20);
      });

      test('a slow reader of a stream gets all octets in order', async (t) => {
        const http = open();
        t.after(() => http.close());
        const hash = createHash('sha256');
        for await (const chunk of await http.get(path).stream()) {
          hash.update(chunk);
          await setImmediate();
        }
        assert.equal(hash.digest('hex'), expected);
      });

      test('a reader that starts late gets all octets, and the connection serves the next request', async (t) => {
        const http = open();
        t.after(() => http.close());
        const response = await http.get(path);
        for (let count = 0; count < 50; count += 1) await setImmediate();
        const octets = await response.bytes();
        assert.equal(createHash('sha256').update(octets).digest('hex'), expected);
        assert.equal((await http.get(path).bytes()).length, content.length);
      });
    });
  }
}
