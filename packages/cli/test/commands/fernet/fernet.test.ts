// gatehouse fernet: tokens for Python and from Python, files in frames, keys and their faults.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createFernet } from '@gatehouse/protocol';
import { runApplication } from '../../../src/application.ts';
import { temporaryFolder } from '../../fake-admin.ts';
import { createFakeProcess, gatehouse } from '../../fake-process.ts';

const KEY = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
const OTHER = 'EBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8=';
const TOKEN =
  'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';
const env = { SECRET_KEY: KEY };
const withoutPyca =
  spawnSync('python3', ['-c', 'import cryptography.fernet']).status === 0
    ? false
    : 'needs python3 and cryptography (apt-get install python3-cryptography)';

/** Runs `gatehouse fernet …` in a process with this standard input. Returns octets instead of text. */
async function fernet(args: string[], options: { stdin?: string | Buffer; env?: NodeJS.ProcessEnv } = {}) {
  const process = createFakeProcess({ env, ...options });
  await runApplication(['fernet', ...args], process);
  return { status: process.exitCode, ...process.written };
}

async function refused(status: number, args: string[], options = {}): Promise<string> {
  const outcome = await fernet(args, options);
  assert.deepEqual([outcome.status, outcome.stdout.toString()], [status, ''], outcome.stderr);
  assert.match(outcome.stderr, /^gatehouse: [^\n]+\n$/);
  return outcome.stderr.slice('gatehouse: '.length, -1);
}

function framesIn(t: TestContext) {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  writeFileSync(path('plain'), Buffer.alloc(200_000, 'frames '));
  return path;
}

function python(script: string, input: string | Buffer, key = KEY): Buffer {
  const program = `import os, sys\nfrom cryptography.fernet import *\nkeys = os.environ['SECRET_KEY'].split(',')\n${script}`;
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program], {
    input,
    env: { ...process.env, SECRET_KEY: key },
  });
  assert.equal(status, 0, stderr.toString());
  return stdout;
}

test('key prints a new key, or writes it to a file that only this user can read', async (t) => {
  const { stdout } = await fernet(['key'], { env: {} });
  assert.match(stdout.toString(), /^[\w-]{43}=\n$/);
  const out = join(temporaryFolder(t), 'secret.key');
  assert.equal((await fernet(['key', '--out', out])).status, 0);
  assert.match(readFileSync(out, 'utf8'), /^[\w-]{43}=\n$/);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  const { key } = JSON.parse((await fernet(['key', '--json'])).stdout.toString());
  assert.match(key, /^[\w-]{43}=$/);
});

test('Python opens our token, and we open its token', { skip: withoutPyca }, async () => {
  const texts = ['fluffy tail', '', 'día 👏\n', 'x'.repeat(70_000)];
  const outputOf = async (command: string, stdin: string) =>
    (await fernet([command], { stdin })).stdout.toString();
  const tokens = await Promise.all(texts.map((text) => outputOf('encrypt', text)));
  const script = `import json
def both(token):
    text = Fernet(keys[0]).decrypt(token.encode())
    return text.decode(), Fernet(keys[0]).encrypt(text).decode()
print(json.dumps([both(token) for token in json.load(sys.stdin)]))`;
  const theirs: [string, string][] = JSON.parse(python(script, JSON.stringify(tokens)).toString());
  assert.deepEqual(
    theirs.map(([opened]) => opened),
    texts,
  );
  assert.deepEqual(await Promise.all(theirs.map(([, token]) => outputOf('decrypt', token))), texts);
});

test('octets that are not text come back unchanged', async () => {
  const octets = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  const { stdout } = await fernet(['encrypt'], { stdin: octets });
  assert.deepEqual((await fernet(['decrypt'], { stdin: stdout })).stdout, octets);
});

test('with several keys, the first encrypts and all decrypt, as with MultiFernet', {
  skip: withoutPyca,
}, async () => {
  const both = { env: { SECRET_KEY: `${OTHER}, ${KEY}` } };
  assert.equal((await fernet(['decrypt'], { stdin: TOKEN, ...both })).stdout.toString(), 'hello');
  const { stdout } = await fernet(['encrypt'], { stdin: 'new', ...both });
  const script = `token = sys.stdin.buffer.read()
for some in [keys, keys[1:]]: print(MultiFernet(map(Fernet, some)).decrypt(token).decode())`;
  assert.equal(python(script, stdout, `${KEY},${OTHER}`).toString(), 'new\nnew\n');
});

test('opens exactly the spellings of a token that Python opens', { skip: withoutPyca }, async () => {
  const token = (await createFernet(KEY).encrypt('x'.repeat(20))).replace(/=+$/, '');
  const spellings = ['', '=', '==', '===', '=\n=', '==\n', '== ', '==A', '=A=', '==%'].map(
    (end) => token + end,
  );
  const others = [
    ` ${token}==`,
    `${token.slice(0, 40)}\r\n${token.slice(40)}==\r\n`,
    `${token.replaceAll('-', '+').replaceAll('_', '/')}==`,
    `\ufeff${token}==`,
    `${token.slice(0, 50)}=${token.slice(50)}==`,
    `"${token}=="`,
    `x${token}==`,
    TOKEN.slice(0, 20),
    '',
    '%%%%',
  ];
  const all = [...spellings, ...others];
  const script = `import json
def opens(text):
    try: return Fernet(keys[0]).decrypt(text.encode()) is not None
    except InvalidToken: return False
print(json.dumps([opens(text) for text in json.load(sys.stdin)]))`;
  const expected: boolean[] = JSON.parse(python(script, JSON.stringify(all)).toString());
  assert.ok(expected.includes(true) && expected.includes(false));
  for (const [index, text] of all.entries()) {
    const { status } = await fernet(['decrypt'], { stdin: text });
    assert.equal(status === 0, expected[index], JSON.stringify(text));
  }
});

test('reports why a token cannot be opened', async () => {
  const made = (now: number) => createFernet(KEY, { clock: () => Date.now() + now }).encrypt('x');
  assert.match(
    await refused(1, ['decrypt'], { stdin: 'hello' }),
    /^standard input is neither a Fernet token nor/,
  );
  const wrong = { stdin: TOKEN, env: { SECRET_KEY: OTHER } };
  assert.match(
    await refused(1, ['decrypt'], wrong),
    /cannot be decrypted with this key: it was made with another key/,
  );
  const two = { stdin: TOKEN, env: { SECRET_KEY: `${OTHER},${OTHER}` } };
  assert.match(await refused(1, ['decrypt'], two), /cannot be decrypted with any of these 2 keys/);
  const old = await refused(1, ['decrypt', '--ttl', '60s'], { stdin: await made(-3_600_000) });
  assert.match(old, /^the token in standard input is 60 min old, and --ttl allows 60 s$/);
  const early = await refused(1, ['decrypt', '--ttl', '60s'], { stdin: await made(3_600_000) });
  assert.match(early, /is from (?:59|60) min in the future: compare the clocks of both machines$/);
  assert.equal((await fernet(['decrypt'], { stdin: await made(3_600_000) })).status, 0);
  assert.equal((await fernet(['decrypt', '--ttl', '60s'], { stdin: await made(-30_000) })).status, 0);
});

test('refuses keys that are missing, empty, not 32 octets long or repetitions of one octet, and does not show them', async (t) => {
  const alike = Buffer.alloc(32, 7).toBase64({ alphabet: 'base64url' });
  const none = await refused(2, ['encrypt'], { stdin: 'x', env: {} });
  assert.match(none, /^there is no key: set SECRET_KEY .*'gatehouse fernet key' makes one$/);
  const flaws: [string, RegExp][] = [
    ['', /^SECRET_KEY holds no usable key\. The key is empty/],
    ['c2hvcnQ=', /The key has 5 bytes instead of 32/],
    [alike, /The key has 32 equal bytes/],
    [`${KEY},`, /Key 2 of 2 is empty/],
  ];
  for (const [SECRET_KEY, expected] of flaws) {
    for (const command of ['encrypt', 'decrypt', 'inspect']) {
      const message = await refused(2, [command], { stdin: TOKEN, env: { SECRET_KEY } });
      assert.match(message, expected);
      assert.ok(SECRET_KEY === '' || !message.includes(SECRET_KEY));
    }
  }
  const file = join(temporaryFolder(t), 'secret.key');
  writeFileSync(file, `${OTHER},${KEY}\n`, { mode: 0o600 });
  const { stdout } = await fernet(['decrypt', '--key-file', file], { stdin: TOKEN, env: {} });
  assert.equal(stdout.toString(), 'hello');
  writeFileSync(file, 'short');
  assert.match(await refused(1, ['decrypt', '--key-file', file], { stdin: TOKEN }), /is not base64url/);
});

test('inspect takes a token apart with and without a key, and exits with 1 for another key', async () => {
  const expected = {
    form: 'token',
    version: 0x80,
    timestamp: 499_162_800,
    time: '1985-10-26T08:20:00Z',
    iv: '000102030405060708090a0b0c0d0e0f',
    ciphertextLength: 16,
    hmac: Buffer.from(TOKEN, 'base64url').subarray(-32).toString('hex'),
  };
  const inspect = async (environment: NodeJS.ProcessEnv) => {
    const { status, stdout } = await fernet(['inspect', '--json'], { stdin: TOKEN, env: environment });
    return { status, document: JSON.parse(stdout.toString()) };
  };
  assert.deepEqual(await inspect({}), { status: 0, document: { ...expected, hmacValid: null, key: null } });
  const both = await inspect({ SECRET_KEY: `${OTHER},${KEY}` });
  assert.deepEqual(both, { status: 0, document: { ...expected, hmacValid: true, key: 2 } });
  const wrong = await inspect({ SECRET_KEY: OTHER });
  assert.deepEqual(wrong, { status: 1, document: { ...expected, hmacValid: false, key: null } });
  const { stdout } = await fernet(['inspect'], { stdin: TOKEN, env: {} });
  assert.match(stdout.toString(), /^version +0x80\ntime +1985-10-26T08:20:00Z, \d+ years ago$/m);
  assert.match(stdout.toString(), /^authentic +not checked/m);
  assert.match(await refused(1, ['inspect'], { stdin: 'hello' }), /is neither a Fernet token nor/);
});

test('a file in frames can be decrypted, and decrypt recognizes it', async (t) => {
  const path = framesIn(t);
  const made = await fernet(['encrypt', '--frames', path('plain'), '--out', path('sealed')]);
  assert.deepEqual([made.status, made.stderr], [0, `encrypted as frames: ${path('sealed')}\n`]);
  const sealed = readFileSync(path('sealed'));
  assert.match(sealed.toString('latin1'), /^gatehouse-fernet-frames\/1\n/);
  assert.equal((await fernet(['decrypt', path('sealed'), '--out', path('opened')])).status, 0);
  assert.deepEqual(readFileSync(path('opened')), readFileSync(path('plain')));
  assert.equal(statSync(path('opened')).mode & 0o777, 0o600);
  assert.deepEqual((await fernet(['decrypt'], { stdin: sealed })).stdout, readFileSync(path('plain')));
  const { document, status } = await inspectFile(path('sealed'), env);
  assert.deepEqual([status, document.frames, document.hmacValid], [0, 4, true]);
});

test('a truncated or changed file of frames fails, and leaves no file behind', async (t) => {
  const path = framesIn(t);
  await fernet(['encrypt', '--frames', path('plain'), '--out', path('sealed')]);
  const sealed = readFileSync(path('sealed'));
  writeFileSync(path('short'), sealed.subarray(0, sealed.length - 4000));
  const changed = Buffer.from(sealed);
  changed[70_000] = (changed[70_000] ?? 0) ^ 1;
  writeFileSync(path('changed'), changed);
  const early = await refused(1, ['decrypt', path('short'), '--out', path('opened')]);
  assert.match(early, /short: the file ends early, or its end was changed$/);
  assert.match(
    await refused(1, ['decrypt', path('changed'), '--out', path('opened')]),
    /frame 1 cannot be decrypted/i,
  );
  assert.ok(!existsSync(path('opened')));
  const { stdout, status } = await fernet(['decrypt', path('changed')]);
  assert.deepEqual([status, stdout.length], [1, 65_536]);
  const { document, ...outcome } = await inspectFile(path('changed'), env);
  assert.deepEqual([outcome.status, document.firstBadFrame, document.hmacValid], [1, 1, false]);
  assert.equal((await inspectFile(path('changed'), {})).document.hmacValid, null);
});

async function inspectFile(file: string, environment: NodeJS.ProcessEnv) {
  const { status, stdout } = await fernet(['inspect', '--json', file], { env: environment });
  return { status, document: JSON.parse(stdout.toString()) };
}

test('encrypts more than 16 MiB as frames, with a remark', async () => {
  const stdin = Buffer.alloc(16 * 1024 * 1024 + 1);
  const { stdout, stderr } = await fernet(['encrypt'], { stdin });
  assert.match(stderr, /^gatehouse: more than 16 MiB: written in frames, which only Gatehouse opens\n$/);
  assert.equal((await fernet(['decrypt'], { stdin: stdout })).stdout.length, stdin.length);
  const token = (await fernet(['encrypt'], { stdin: stdin.subarray(1) })).stdout;
  assert.match(token.subarray(0, 5).toString(), /^gAAAA$/);
});

test('prints one JSON document with --json, and refuses frames in it', async (t) => {
  const path = framesIn(t);
  const { token, form } = JSON.parse((await fernet(['encrypt', '--json'], { stdin: 'x' })).stdout.toString());
  assert.equal(form, 'token');
  const opened = JSON.parse((await fernet(['decrypt', '--json'], { stdin: token })).stdout.toString());
  assert.deepEqual({ ...opened, timestamp: 0 }, { form: 'token', timestamp: 0, text: 'x', base64: 'eA==' });
  const binary = (await fernet(['encrypt'], { stdin: Buffer.from([255]) })).stdout;
  const document = JSON.parse((await fernet(['decrypt', '--json'], { stdin: binary })).stdout.toString());
  assert.deepEqual([document.text, document.base64], [null, '/w==']);
  const outcome = await fernet(['encrypt', '--frames', '--json', path('plain')]);
  assert.equal(outcome.status, 2);
  assert.match(JSON.parse(outcome.stderr).error.message, /frames are binary: name a file with --out/);
  const out = await fernet(['encrypt', '--json', '--frames', path('plain'), '--out', path('f')]);
  assert.deepEqual(JSON.parse(out.stdout.toString()), { form: 'frames', file: path('f') });
  const failed = await fernet(['decrypt', '--json'], { stdin: TOKEN, env: { SECRET_KEY: OTHER } });
  assert.equal(JSON.parse(failed.stderr).error.code, 'fernet_invalid_token');
});

test('does not write frames to a terminal, over an existing file, or over its input', async (t) => {
  const path = framesIn(t);
  const terminal = await gatehouse(['fernet', 'encrypt', '--frames', path('plain')], { env, terminal: true });
  assert.equal(terminal.status, 2);
  assert.match(await refused(1, ['encrypt', '--out', path('plain')], { stdin: 'x' }), /it already exists/);
  const same = await refused(2, ['encrypt', '--force', path('plain'), '--out', path('plain')]);
  assert.match(same, /is a file that the command reads/);
  assert.match(await refused(1, ['encrypt', path('none')]), /cannot read .*none: there is no such file/);
  assert.match(await refused(1, ['encrypt', path('.')]), /it is a folder/);
});

test('ends quietly when the reader of its output stops, and reports a full disk', async () => {
  const stdin = await createFernet(KEY).encrypt('x'.repeat(100));
  const closed = await gatehouse(['fernet', 'decrypt'], { env, stdin, brokenOutput: 'EPIPE' });
  assert.deepEqual([closed.status, closed.stderr], [0, '']);
  const full = await gatehouse(['fernet', 'decrypt'], { env, stdin, brokenOutput: 'ENOSPC' });
  assert.deepEqual(
    [full.status, full.stderr],
    [1, 'gatehouse: cannot write to standard output: the disk is full\n'],
  );
});
