// The data connections of FTP: they go only to the server of the control connection.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { ftp } from '../../src/ftp/index.ts';

/** A server that knows one file. `passive` is its answer to a command for a data connection. */
async function startServer(
  t: TestContext,
  passive: (command: string, port: number) => string,
  content = 'content',
) {
  const data = createServer((socket) => socket.end(content)).listen(0, '127.0.0.1');
  await once(data, 'listening');
  const { port: dataPort } = data.address() as AddressInfo;
  const control = createServer((socket) => {
    socket.write('220 ready\r\n');
    socket.on('error', () => {});
    socket.on('data', (line) => {
      const [command = ''] = String(line).trim().split(' ');
      if (command === 'EPSV' || command === 'PASV') socket.write(`${passive(command, dataPort)}\r\n`);
      else if (command === 'RETR' || command === 'LIST') socket.write('150 here it comes\r\n226 done\r\n');
      else socket.write('230 fine\r\n');
    });
  }).listen(0, '127.0.0.1');
  await once(control, 'listening');
  t.after(() => {
    data.close();
    control.close();
  });
  const files = ftp({ timeoutSeconds: 5 });
  t.after(() => files.close());
  const url = `ftp://127.0.0.1:${(control.address() as AddressInfo).port}/file`;
  const list = () => files.list(url.replace(/file$/, ''));
  const download = async () => {
    const to = new PassThrough();
    const [content] = await Promise.all([text(to), files.download(url, to)]);
    return content;
  };
  return { download, list };
}

const numbersOf = (port: number) => `${port >> 8},${port & 255}`;

test('the address in an answer to PASV is ignored: the data comes from the same server (RFC 2577 §3)', async (t) => {
  const { download } = await startServer(t, (command, port) =>
    command === 'EPSV' ? '502 what?' : `227 Entering Passive Mode (192,0,2,1,${numbersOf(port)})`,
  );
  assert.equal(await download(), 'content');
});

test('EPSV is sent first (RFC 2428)', async (t) => {
  const { download } = await startServer(t, (command, port) => {
    assert.equal(command, 'EPSV');
    return `229 Entering Extended Passive Mode (|||${port}|)`;
  });
  assert.equal(await download(), 'content');
});

for (const answer of ['229 ok', '229 (|||0|)', '229 (|||99999|)', `229 (${'|'.repeat(100_000)}`]) {
  test(`an answer without a port is refused: ${answer.slice(0, 20)}`, async (t) => {
    const { download } = await startServer(t, () => answer);
    await assert.rejects(download(), { code: 'protocol', message: /did not name a port/ });
  });
}

test('a port where nothing listens is reported as a clear error', async (t) => {
  const { download } = await startServer(t, () => '229 (|||1|)');
  await assert.rejects(download(), { code: 'connect', message: /cannot open a data connection .* port 1/ });
});

test('a listing contains no names that lead out of their folder', async (t) => {
  const names = ['good.txt', '..', '.', '../../etc/passwd', '/etc/passwd', 'also good'];
  const rows = names.map((name) => `-rw-r--r-- 1 a a 5 Jan 01 2026 ${name}\r\n`).join('');
  const { list } = await startServer(t, (_command, port) => `229 (|||${port}|)`, rows);
  assert.deepEqual(
    (await list()).map(({ name }) => name),
    ['good.txt', 'also good'],
  );
});
