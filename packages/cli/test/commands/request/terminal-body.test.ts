// The body of an answer on a terminal, which would obey control characters.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { terminalBody } from '../../../src/commands/request/terminal-body.ts';
import { temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const plain = { paint: (_style: string, shown: string) => shown };
const marked = { paint: (style: string, shown: string) => `<${style}>${shown}</>` };

function shown(chunks: readonly (string | Buffer)[], isJson = false, screen = plain) {
  const source = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  return text(source.pipe(terminalBody({ isJson, screen, leftOut: () => {} })));
}

test('shows control characters as text, in pieces of any size', async () => {
  const title = '\x1b]0;owned\x07';
  const expected = '\\u001b]0;owned\\u0007';
  assert.equal(await shown([title]), `${expected}\n`);
  assert.equal(await shown([...title]), `${expected}\n`);
  assert.equal(await shown(['a\u009b31mb\u202ec\bd\re']), 'a\\u009b31mb\\u202ec\\u0008d\\u000de\n');
});

test('line ends, tabs and letters of all scripts stay', async () => {
  const body = 'a\tb\r\nc\n\u0628\u200c\u0646 \u{1f469}\u200d\u{1f680}';
  assert.equal(await shown([body]), `${body}\n`);
  assert.equal(await shown([`${body}\n`]), `${body}\n`);
  assert.equal(await shown([]), '');
  assert.equal(await shown(Array.from(Buffer.from(body), (octet) => Buffer.of(octet))), `${body}\n`);
});

test('JSON is in colour, and its characters are the same', async () => {
  const body = '{"a\\"b": [1.5e3, true, "x:"]}';
  const painted = await shown([body.slice(0, 4), body.slice(4)], true, marked);
  assert.equal(painted, '{<cyan>"a\\"b"</>: [<yellow>1.5e3</>, <yellow>true</>, <green>"x:"</>]}\n');
  assert.equal(painted.replaceAll(/<\/?[a-z]*>/g, ''), `${body}\n`);
});

test('shows a large JSON body unchanged, without colour', async () => {
  const body = `["${'x'.repeat(2_000_000)}"]`;
  assert.equal(await shown([body.slice(0, 1_500_000), body.slice(1_500_000)], true, marked), `${body}\n`);
});

test('a terminal gets only text, and a program gets all octets', async (t) => {
  const body = Buffer.from('\x89PNG\r\n\x1a\n\0\0\x1b[2J', 'latin1');
  const server = createServer((request, response) =>
    response.end(request.url === '/text' ? '\x1b[2J' : body),
  ).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { GATEHOUSE_DATA: temporaryFolder(t), NO_COLOR: '1' };
  const onTerminal = await gatehouse(['request', `${base}/`], { env, terminal: true });
  assert.deepEqual([onTerminal.status, onTerminal.stdout], [0, '']);
  assert.match(onTerminal.stderr, /not text: write it to a file with --download/);
  assert.equal(
    (await gatehouse(['request', `${base}/text`], { env, terminal: true })).stdout,
    '\\u001b[2J\n',
  );
  assert.equal((await gatehouse(['request', `${base}/text`], { env })).stdout, '\x1b[2J');
});
