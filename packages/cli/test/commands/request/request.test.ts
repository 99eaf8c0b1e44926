// gatehouse request: what it sends, where it writes the answer, and every exit status.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { createAuthority, hasOpenssl, needsOpenssl } from '../../../../client/test/certificates.ts';
import { runApplication } from '../../../src/application.ts';
import { temporaryFolder } from '../../fake-admin.ts';
import { createFakeProcess, gatehouse } from '../../fake-process.ts';

const octets = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 256));

test('writes the unchanged body to standard output, and everything else to standard error', async (t) => {
  const base = await serve(t, (_request, response) =>
    response.writeHead(200, { 'x-colour': 'blue' }).end(octets),
  );
  const process = createFakeProcess();
  await runApplication(['request', base, '--include', '--data-folder', temporaryFolder(t)], process);
  assert.ok(process.written.stdout.equals(octets));
  assert.match(process.written.stderr, /^HTTP 200 OK\n(.+\n)*x-colour: blue\n/);
  assert.equal(process.exitCode, 0);
});

test('sends method, headers and a file with its length', async (t) => {
  const base = await serve(t, async (request, response) => {
    const body = await buffer(request);
    const { 'content-length': length, 'x-a': a, accept, 'user-agent': agent } = request.headers;
    response.end(JSON.stringify([request.method, length, a, accept, agent, body.equals(octets)]));
  });
  const folder = temporaryFolder(t);
  const file = join(folder, 'body');
  writeFileSync(file, octets);
  const headers = ['-H', 'X-A: 1', '-H', 'x-a:2', '-H', 'Accept: text/plain', '-H', 'User-Agent: test'];
  const outcome = await gatehouse([
    'request',
    base,
    '-X',
    'PUT',
    ...headers,
    '--data-file',
    file,
    '--data-folder',
    folder,
  ]);
  assert.deepEqual(JSON.parse(outcome.stdout), ['PUT', '200000', '1, 2', 'text/plain', 'test', true]);
});

test('sends standard input as a POST in chunks', async (t) => {
  const base = await serve(t, async (request, response) => {
    const body = await buffer(request);
    response.end(`${request.method} ${request.headers['transfer-encoding']} ${body}`);
  });
  const options = { stdin: 'from stdin', env: { GATEHOUSE_DATA: temporaryFolder(t) } };
  const outcome = await gatehouse(['request', base, '--data-file', '-'], options);
  assert.equal(outcome.stdout, 'POST chunked from stdin');
});

test('sends the API key or the token from its file', async (t) => {
  const base = await serve(t, ({ headers }, response) => {
    response.end(`${headers['x-api-key']} ${headers.authorization}`);
  });
  const folder = temporaryFolder(t);
  const file = join(folder, 'secret');
  const send = async (option: string, secret: string) => {
    writeFileSync(file, `${secret}\n`, { mode: 0o600 });
    return (await gatehouse(['request', base, option, file, '--data-folder', folder])).stdout;
  };
  assert.equal(await send('--key-file', 'ghk_k_s_c'), 'ghk_k_s_c undefined');
  assert.equal(await send('--token-file', 's3cret'), 'undefined Bearer s3cret');
  const both = await gatehouse([
    'request',
    base,
    '--key-file',
    file,
    '--token-file',
    file,
    '--data-folder',
    folder,
  ]);
  assert.equal(both.status, 2);
});

test('refuses a key as a token and a token as a key, and sends nothing', async (t) => {
  let requests = 0;
  const base = await serve(t, (_request, response) => {
    requests += 1;
    response.end();
  });
  const folder = temporaryFolder(t);
  const file = join(folder, 'secret');
  for (const [option, secret, other] of [
    ['--token-file', 'ghk_k_hunter2_c', '--key-file'],
    ['--key-file', 'eyJ.hunter2', '--token-file'],
  ] as const) {
    writeFileSync(file, secret, { mode: 0o600 });
    const { status, stderr } = await gatehouse(['request', base, option, file, '--data-folder', folder]);
    assert.equal(status, 2);
    assert.match(stderr, new RegExp(`give a (key|token) with ${other}\n$`));
    assert.doesNotMatch(stderr, /hunter2/);
  }
  assert.equal(requests, 0);
});

test('sends the body of -d and --data as curl does, with the type of its content', async (t) => {
  const base = await serve(t, async (request, response) => {
    const { 'content-type': type, 'content-length': length } = request.headers;
    response.end(JSON.stringify([request.method, type, length, String(await buffer(request))]));
  });
  const file = join(temporaryFolder(t), 'body');
  writeFileSync(file, 'c=3\n');
  const form = 'application/x-www-form-urlencoded';
  const cases: [string[], unknown[]][] = [
    [
      ['-d', 'a=1'],
      ['POST', form, '3', 'a=1'],
    ],
    [
      ['-d', 'a=1', '--data', 'b=2', '-d', `@${file}`],
      ['POST', form, '12', 'a=1&b=2&c=3\n'],
    ],
    [
      ['-d', '@-'],
      ['POST', form, '4', 'd=\u00e9'],
    ],
    [
      ['-d', '{"a": [1]}'],
      ['POST', 'application/json', '10', '{"a": [1]}'],
    ],
    [
      ['-d', '{no json'],
      ['POST', form, '8', '{no json'],
    ],
    [
      ['-X', 'PUT', '-H', 'Content-Type: text/plain', '-d', '[]'],
      ['PUT', 'text/plain', '2', '[]'],
    ],
    [
      ['-d', ''],
      ['POST', form, '0', ''],
    ],
  ];
  for (const [args, expected] of cases) {
    const outcome = await gatehouse(['request', base, ...args], { stdin: 'd=\u00e9' });
    assert.deepEqual(JSON.parse(outcome.stdout), expected, args.join(' '));
  }
});

test('refuses two bodies, a missing file, and a data folder as a body', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'root.pem'), '');
  const refusalOf = async (...args: string[]) => {
    const { status, stderr } = await gatehouse(['request', 'http://127.0.0.1:1/', ...args]);
    return [status, stderr];
  };
  assert.deepEqual(await refusalOf('-d', 'a', '--data-file', 'b'), [
    2,
    'gatehouse: give --data or --data-file, not both\n',
  ]);
  assert.deepEqual(await refusalOf('-d', '@/nowhere/body'), [
    1,
    'gatehouse: cannot read /nowhere/body: there is no such file\n',
  ]);
  const [status, sentence] = await refusalOf('--data', folder);
  assert.equal(status, 2);
  assert.match(String(sentence), /you gave a data folder: name the folder with --data-folder\n$/);
});

test('refuses secrets in arguments, and never repeats them', async () => {
  const headers = [
    'Authorization: Bearer hunter2',
    'x-api-key:hunter2',
    'Proxy-Authorization: Basic hunter2',
  ];
  for (const args of [
    ...headers.map((line) => ['https://localhost/', '-H', line]),
    ['https://me:hunter2@localhost/'],
  ]) {
    const outcome = await gatehouse(['request', ...args]);
    assert.equal(outcome.status, 2);
    assert.match(outcome.stderr, /use --key-file or --token-file/);
    assert.doesNotMatch(outcome.stderr, /hunter2/);
  }
});

test('refuses malformed headers, methods and URLs, and headers that HTTP itself sets', async () => {
  const url = 'http://localhost/';
  const lines = [
    'no colon',
    ': value',
    'na me: value',
    'name: va\r\nlue',
    'name: \u20ac',
    'Content-Length: 4',
  ];
  const commands = lines.map((line) => [url, '-H', line]);
  for (const args of [
    ...commands,
    [url, '-X', 'GE T'],
    [url, '-X', 'CONNECT'],
    ['localhost'],
    ['gopher://localhost'],
  ]) {
    assert.equal((await gatehouse(['request', ...args])).status, 2, args.join(' '));
  }
});

test('exits with 14 for 4xx and 15 for 5xx only with --check, and still prints the body', async (t) => {
  const base = await serve(t, (request, response) =>
    response.writeHead(Number(request.url?.slice(1))).end('why'),
  );
  const env = { GATEHOUSE_DATA: temporaryFolder(t) };
  const run = async (status: number, ...options: string[]) => {
    const outcome = await gatehouse(['request', `${base}/${status}`, ...options], { env });
    return [outcome.status, outcome.stdout];
  };
  assert.deepEqual(await run(404), [0, 'why']);
  assert.deepEqual(await run(404, '--check'), [14, 'why']);
  assert.deepEqual(await run(503, '--check'), [15, 'why']);
  assert.deepEqual(await run(302, '--check'), [0, 'why']);
});

test('says where a redirect leads, and does not follow it', async (t) => {
  const asked: unknown[] = [];
  const base = await serve(t, ({ url, headers }, response) => {
    asked.push([url, headers.host]);
    response.writeHead(302, { location: '/next' }).end();
  });
  const env = { GATEHOUSE_DATA: temporaryFolder(t) };
  const { status, stderr } = await gatehouse(['request', base, 'Host:other.example'], { env });
  assert.deepEqual(
    [status, stderr],
    [0, 'HTTP 302 Found\ngatehouse: it redirects to /next; this command follows no redirect\n'],
  );
  assert.deepEqual(asked, [['/', 'other.example']]);
});

test('exits with 3 when nothing listens', async (t) => {
  const outcome = await gatehouse(['request', 'http://127.0.0.1:1/', '--data-folder', temporaryFolder(t)]);
  assert.equal(outcome.status, 3);
  assert.match(
    outcome.stderr,
    /^gatehouse: cannot connect to http:\/\/127\.0\.0\.1:1: nothing listens there; .+\n$/,
  );
});

test('exits with 4 when the answer takes too long', async (t) => {
  const base = await serve(t, () => undefined);
  const outcome = await gatehouse(['request', base, '--timeout', '1s', '--data-folder', temporaryFolder(t)]);
  assert.equal(outcome.status, 4);
  assert.match(outcome.stderr, /did not answer within 1 s/);
});

test('exits with 1 if the answer is incomplete', async (t) => {
  const base = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('half');
    setTimeout(() => response.destroy(), 20);
  });
  const outcome = await gatehouse(['request', base, '--data-folder', temporaryFolder(t)]);
  assert.equal(outcome.status, 1);
  assert.equal(outcome.stdout, 'half');
});

test('exits with 1 for files that cannot be read', async (t) => {
  const folder = temporaryFolder(t);
  for (const option of ['--data-file', '--key-file', '--cacert']) {
    const outcome = await gatehouse([
      'request',
      'http://localhost/',
      '--data-folder',
      folder,
      option,
      join(folder, 'none'),
    ]);
    assert.equal(outcome.status, 1);
    assert.match(outcome.stderr, /^gatehouse: cannot read .*none: there is no such file\n$/);
  }
});

test('trusts the root of the data folder without an option, and exits with 5 if that root did not sign', async (t) => {
  if (!hasOpenssl()) return t.skip(needsOpenssl);
  const [ours, theirs] = [createAuthority(), createAuthority()];
  t.after(() => [ours, theirs].forEach((authority) => void authority.remove()));
  const server = createTlsServer(
    ours.issue('x', { alternativeNames: 'DNS:localhost' }),
    (_request, response) => {
      response.end('secure');
    },
  );
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const folder = temporaryFolder(t);
  const args = [
    'request',
    `https://localhost:${(server.address() as AddressInfo).port}/`,
    '--data-folder',
    folder,
  ];
  const rootless = await gatehouse(args);
  assert.equal(rootless.status, 5);
  assert.ok(
    rootless.stderr.endsWith(
      ` (no root.pem was found at ${folder}: name the data folder, or give --cacert)\n`,
    ),
    rootless.stderr,
  );
  writeFileSync(join(folder, 'root.pem'), ours.root);
  assert.equal((await gatehouse(args)).stdout, 'secure');
  const refused = await gatehouse([...args, '--cacert', theirs.rootFile]);
  assert.equal(refused.status, 5);
  assert.match(
    refused.stderr,
    /is not trusted, no trusted root signed it: .* \(only .*root\.pem is trusted here\)\n$/,
  );
  writeFileSync(join(folder, 'root.pem'), 'nonsense');
  assert.match((await gatehouse(args)).stderr, /root\.pem holds no certificate in PEM form\n$/);
});

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
