// gatehouse request: items as in HTTPie, the curl command, retries, the waterfall, and the sources of
// defaults.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { readItems } from '../../../src/commands/request/items.ts';
import { isRepeatable, type RetryTools, withRetries } from '../../../src/commands/request/retry.ts';
import { resolveFlags } from '../../../src/commands/request/settings.ts';
import { draw, phasesOf, startTrace } from '../../../src/commands/request/waterfall.ts';
import { rememberDataFolder } from '../../../src/connection/data-folder.ts';
import { createScreen } from '../../../src/output/screen.ts';
import { createFakeProcess, gatehouse } from '../../fake-process.ts';

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-items-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const echo = (t: TestContext) =>
  serve(t, async (request, response) => {
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, headers, body: String(await buffer(request)) }));
  });

async function send(t: TestContext, words: string[], env: NodeJS.ProcessEnv = {}) {
  const folder = temporaryFolder(t);
  return gatehouse(['request', ...words], { env: { GATEHOUSE_DATA: folder, HOME: folder, ...env } });
}

const sent = async (t: TestContext, ...words: string[]) => JSON.parse((await send(t, words)).stdout);

test('field=value and field:=JSON make a JSON object, and the method POST', async (t) => {
  const base = await echo(t);
  const { method, headers, body } = await sent(t, base, 'name=Ada', 'age:=36', 'tags:=["a"]', 'ok:=true');
  assert.deepEqual(JSON.parse(body), { name: 'Ada', age: 36, tags: ['a'], ok: true });
  assert.deepEqual([method, headers['content-type']], ['POST', 'application/json']);
  assert.match(headers.accept, /^application\/json/);
  assert.equal((await send(t, [base, 'age:=x'])).status, 2);
});

test('Name:value is a header, Name: removes one, Name; sends an empty one', async (t) => {
  const base = await echo(t);
  const { headers } = await sent(t, base, 'X-Note: hello: you', 'user-agent:', 'X-Empty;');
  assert.deepEqual(
    [headers['x-note'], headers['user-agent'], headers['x-empty']],
    ['hello: you', undefined, ''],
  );
  const { status, stderr } = await send(t, [base, 'Authorization:Bearer x']);
  assert.equal(status, 2);
  assert.doesNotMatch(stderr, /Bearer x/);
});

test('with @ a value comes from a file, and field@FILE uploads it', async (t) => {
  const base = await echo(t);
  const file = join(temporaryFolder(t), 'note.txt');
  writeFileSync(file, '{"a":1}\n');
  const { body, url, headers } = await sent(
    t,
    base,
    `text=@${file}`,
    `json:=@${file}`,
    `q==@${file}`,
    `X-File:@${file}`,
  );
  assert.deepEqual(JSON.parse(body), { text: '{"a":1}', json: { a: 1 } });
  assert.equal(new URLSearchParams(url.split('?')[1]).get('q'), '{"a":1}');
  assert.equal(headers['x-file'], '{"a":1}');
  const upload = await sent(t, base, `file@${file}`, 'title=Note', 'stars:=5');
  assert.match(upload.headers['content-type'], /^multipart\/form-data/);
  assert.match(upload.body, /name="file"; filename="note\.txt".*name="title"\r\n\r\nNote.*\r\n\r\n5\r\n/s);
});

test('a backslash before a separator makes it an ordinary character, and the first separator counts', async () => {
  const { fields, query, headers } = await readItems(['a\\=b=c', 'url=http://x/?a==b', 'x==y:=z', 'h:a=b@c']);
  assert.deepEqual(fields, [
    { name: 'a=b', value: 'c' },
    { name: 'url', value: 'http://x/?a==b' },
  ]);
  assert.deepEqual([query, headers], [[['x', 'y:=z']], [['h', 'a=b@c']]]);
  await assert.rejects(readItems(['=x']), { status: 2 });
});

test('the method may come first, as in HTTPie', async (t) => {
  const base = await echo(t);
  assert.equal((await sent(t, 'DELETE', `${base}/x`)).method, 'DELETE');
  assert.equal((await sent(t, 'PUT', `${base}/x`, 'a=b')).method, 'PUT');
});

test('items and --data, --data-file or --form exclude each other', async (t) => {
  for (const option of [
    ['-d', 'x'],
    ['--form', 'a=b'],
  ])
    assert.equal((await send(t, ['http://127.0.0.1:1/', 'a=b', ...option])).status, 2);
});

test('--curl prints a command that sends the same, without a secret, and sends nothing', async (t) => {
  let requests = 0;
  const base = await serve(t, (_request, response) => {
    requests += 1;
    response.end();
  });
  const words = [
    `${base}/a?token=t0p`,
    'password=hunter2',
    "name=O'Brien",
    'X-Api-Token:s3cret',
    'X-Note:hi',
    '--curl',
  ];
  const { stdout } = await send(t, [...words, '--token-file', '/nowhere']);
  assert.equal(requests, 0);
  assert.doesNotMatch(stdout, /t0p|hunter2|s3cret/);
  assert.equal(
    stdout,
    `curl --header 'accept: application/json, */*' --header 'x-api-token: REDACTED' --header 'x-note: hi' --header 'Authorization: Bearer REDACTED' --header 'content-type: application/json' --data '{"password":"REDACTED","name":"O'\\''Brien"}' '${base}/a?token=REDACTED'\n`,
  );
});

test('--retry tries again after 503, and prints the last answer', async (t) => {
  let requests = 0;
  const base = await serve(t, (_request, response) => {
    requests += 1;
    response.writeHead(requests < 3 ? 503 : 200, { 'retry-after': '0' }).end(`answer ${requests}`);
  });
  const { stdout, stderr } = await send(t, [base, '--retry', '5']);
  assert.equal(stdout, 'answer 3');
  assert.match(stderr, /HTTP 503; trying again in 0\.0 s/);
  requests = 0;
  assert.equal((await send(t, [base, 'a=b', '--retry', '5'])).stdout, 'answer 1');
  assert.equal((await send(t, [base, '--retry', 'x'])).status, 2);
});

test('waits longer each time, and gives up when Retry-After is too long', async () => {
  const waits: number[] = [];
  const tools: RetryTools = {
    wait: async (milliseconds) => void waits.push(milliseconds),
    random: () => 1,
    now: () => 0,
    report: () => {},
  };
  const answer = (headers: Record<string, string>) => async () =>
    ({ status: 503, headers, body: Readable.from(['busy']) }) as never;
  await withRetries(answer({}), 3, tools);
  assert.deepEqual(waits, [200, 400, 800]);
  await withRetries(answer({ 'retry-after': '3600' }), 3, tools);
  assert.equal(waits.length, 3);
  assert.deepEqual(['GET', 'PUT', 'POST', 'PATCH'].map(isRepeatable), [true, true, false, false]);
});

test('--trace draws each step at its place, and standard output has only the body', async (t) => {
  const base = await echo(t);
  const { stdout, stderr } = await send(t, [base, '--trace']);
  assert.equal(JSON.parse(stdout).method, 'GET');
  assert.match(
    stderr,
    /^connect +\d+\.\d ms {2}.*\n(?:.*\n)*wait +\d+\.\d ms .*\nreceive .*\ntotal +\d+\.\d ms\n$/m,
  );
});

test('leaves out steps without a mark, and the bars add up', () => {
  const phases = phasesOf({ start: 100, connect: 110, secure: 130, sent: 131, answered: 171, end: 180 });
  assert.deepEqual(
    phases.map(({ name, from, to }) => [name, from, to]),
    [
      ['connect', 0, 10],
      ['tls', 10, 30],
      ['send', 30, 31],
      ['wait', 31, 71],
      ['receive', 71, 80],
    ],
  );
  const paint = (_style: string, text: string) => text;
  for (const [columns, sum] of [
    [80, 57],
    [40, 17],
  ] as const) {
    const lines = draw(phases, { paint }, columns);
    assert.ok(lines.every((line) => [...line].length <= columns));
    assert.equal(lines.join('').match(/█/g)?.length, sum);
  }
});

test('the waterfall fits a terminal that is narrower than a list', () => {
  let time = 0;
  const trace = startTrace(() => time++);
  trace.onStep('connect');
  trace.answered();
  const process = createFakeProcess({ terminal: true, columns: 40 });
  trace.finish(process, createScreen(process.stderr, { NO_COLOR: '1' }));
  const lines = process.written.stderr.split('\n');
  assert.match(lines[0] ?? '', /^connect +1\.0 ms +█{6}$/);
  assert.ok(lines.every((line) => [...line].length <= 40));
});

test('options override the environment, which overrides the file in the home folder; a project never adds trust', async (t) => {
  const [home, project] = [temporaryFolder(t), temporaryFolder(t)];
  mkdirSync(join(home, 'gatehouse'));
  writeFileSync(
    join(home, 'gatehouse', 'request.json'),
    '{"timeout":"1s","retry":1,"ca":"home.pem","pin":["sha256/own"]}',
  );
  const file = join(project, 'gatehouse.request.json');
  const write = (settings: object) => writeFileSync(file, JSON.stringify(settings));
  const env = { XDG_CONFIG_HOME: home };
  const resolve = (flags: object, more: object = {}) =>
    resolveFlags(flags, { env: { ...env, ...more } }, project);

  write({ timeout: '2s', baseUrl: 'https://api.example', pin: ['sha256/theirs'], revocation: 'require' });
  const flags = await resolve({});
  assert.deepEqual(
    [flags.timeout, flags.retry, flags.ca, flags.baseUrl],
    [2, 1, 'home.pem', 'https://api.example'],
  );
  assert.deepEqual([flags.pin, flags.revocation], [['sha256/own'], 'require']);
  assert.equal((await resolve({}, { GATEHOUSE_REQUEST_TIMEOUT: '3s' })).timeout, 3);
  assert.equal((await resolve({ timeout: 4 }, { GATEHOUSE_REQUEST_TIMEOUT: '3s' })).timeout, 4);

  for (const wrong of [
    { ca: 'x.pem' },
    { identity: 'me' },
    { check: false },
    { insecure: true },
    { baseUrl: 'file:///' },
    { proxy: 'http://127.0.0.1:1' },
    { cert: 'a.pem' },
    { seal: true },
    { headers: { Host: 'other.example' } },
    { headers: { cookie: 'a=b' } },
    { headers: { 'X-HTTP-Method-Override': 'DELETE' } },
    { headers: { 'x-original-url': '/admin' } },
    JSON.parse('{"__proto__": {"ca": "x.pem"}}'),
  ]) {
    write(wrong);
    await assert.rejects(resolve({}), { status: 2 });
  }
  writeFileSync(file, 'nonsense');
  await assert.rejects(resolve({}), { status: 2, message: /is not JSON/ });
});

test('sends no credential to a server that the file of a project chose', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'gatehouse.request.json'), '{"baseUrl":"http://127.0.0.1:1/"}');
  const before = process.cwd();
  process.chdir(folder);
  t.after(() => process.chdir(before));
  const { status, stderr } = await send(t, ['/notes', '--key-file', 'robot.apikey']);
  assert.equal(status, 2);
  assert.match(stderr, /sends no credential there: give the whole URL/);
  assert.equal((await send(t, ['/notes'])).status, 3);
});

test('the file of a project cannot set a secret header, and cannot inject one by a line break', async (t) => {
  const base = await echo(t);
  const folder = temporaryFolder(t);
  const before = process.cwd();
  process.chdir(folder);
  t.after(() => process.chdir(before));
  for (const headers of [
    { authorization: 'Bearer x' },
    { 'x-api-key': 'x' },
    { 'x-note': 'a\r\nx-api-key: b' },
    { 'content-length': '5' },
  ]) {
    writeFileSync('gatehouse.request.json', JSON.stringify({ headers }));
    assert.equal((await send(t, [base])).status, 2, JSON.stringify(headers));
  }
});

test('a data folder from a project or of another user adds no trust', async (t) => {
  const folder = temporaryFolder(t);
  const before = process.cwd();
  process.chdir(folder);
  t.after(() => process.chdir(before));
  mkdirSync('.gatehouse', { mode: 0o755 });
  writeFileSync('.gatehouse/root.pem', 'a root');
  writeFileSync('.gatehouse/control.json', '{"control":"https://127.0.0.1:1"}');
  for (const args of [
    ['request', 'https://127.0.0.1:1/'],
    ['inspect', '127.0.0.1:1'],
    ['login', 'alice', '--password-stdin'],
    ['login', '--client', 'x'],
    ['status'],
    ['ca', 'trust', '--dry-run'],
  ]) {
    const { status, stderr } = await gatehouse(args, { stdin: 'secret' });
    assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, /\.gatehouse can also be changed by other users/);
  }
  const named = await gatehouse(['request', 'http://127.0.0.1:1/', '--data-folder', '.gatehouse']);
  assert.match(named.stderr, /holds no certificate/);
});

test('only a data folder in which this user ran gatehouse up is used without being named, also under umask 077', async (t) => {
  const [home, project, other] = [temporaryFolder(t), temporaryFolder(t), temporaryFolder(t)];
  const before = process.cwd();
  t.after(() => process.chdir(before));
  const env = { XDG_CONFIG_HOME: home };
  const folder = join(project, '.gatehouse');
  const make = () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'root.pem'), 'a root', { mode: 0o600 });
  };
  const usedIn = async (place: string) => {
    process.chdir(place);
    const { status, stderr } = await gatehouse(['request', 'http://127.0.0.1:1/'], { env });
    if (/holds no certificate/.test(stderr)) return true;
    assert.match(stderr, /is not a folder in which this user ran 'gatehouse up'/);
    assert.equal(status, 2);
    return false;
  };
  make();
  assert.equal(await usedIn(project), false, 'a clone');
  const remember = createFakeProcess({ env });
  await rememberDataFolder(remember, folder);
  await rememberDataFolder(remember, folder);
  assert.equal(remember.written.stderr, '');
  assert.equal(await usedIn(project), true);
  const record = join(home, 'gatehouse', 'data-folders.json');
  for (const file of [record, join(folder, 'folder-mark')]) assert.equal(statSync(file).mode & 0o777, 0o600);
  cpSync(folder, join(other, '.gatehouse'), { recursive: true });
  chmodSync(join(other, '.gatehouse'), 0o700);
  assert.equal(await usedIn(other), false, 'a copy with its mark');
  rmSync(join(other, '.gatehouse'), { recursive: true });
  symlinkSync(folder, join(other, '.gatehouse'));
  assert.equal(await usedIn(other), false, 'a link');
  rmSync(folder, { recursive: true });
  make();
  assert.equal(await usedIn(project), false, 'another folder at the same path');
  await rememberDataFolder(remember, join(other, 'data'));
  assert.equal(existsSync(join(other, 'data')), false, 'a folder that must be named anyway');
  writeFileSync(record, '[{"path":1}]');
  await rememberDataFolder(remember, folder);
  assert.match(
    remember.written.stderr,
    /is not remembered: .* is damaged: remove it.*; give other commands --data /,
  );
});

test('--identity means the certificate, the key or the token with that name', async (t) => {
  const base = await echo(t);
  const name = join(temporaryFolder(t), 'robot');
  writeFileSync(`${name}.token`, 'a.b.c', { mode: 0o600 });
  assert.equal((await sent(t, base, '--identity', name)).headers.authorization, 'Bearer a.b.c');
  writeFileSync(`${name}.apikey`, 'ghk_1', { mode: 0o600 });
  assert.equal((await sent(t, base, '--identity', name)).headers['x-api-key'], 'ghk_1');
  assert.equal((await send(t, [base, '--identity', `${name}-none`])).status, 2);
});
