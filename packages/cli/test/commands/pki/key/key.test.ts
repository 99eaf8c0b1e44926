// gatehouse pki key: new private keys, and the form of their files.
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { runApplication } from '../../../../src/application.ts';
import { createDesk } from '../../../desk.ts';
import { createFakeProcess } from '../../../fake-process.ts';

test('key writes PKCS#8 that only this user can read, P-256 by default (RFC 5958)', async (t) => {
  const desk = createDesk(t);
  const { status, stdout, stderr } = await desk.pki('key', '--out', '@key.pem');
  assert.deepEqual({ status, stdout }, { status: 0, stdout: '' });
  assert.match(stderr, /^P-256 private key in .*key\.pem, not encrypted.*; public key sha256\/\S+\n$/);
  assert.equal(statSync(desk.path('key.pem')).mode & 0o777, 0o600);
  assert.match(desk.text('key.pem'), /^-----BEGIN PRIVATE KEY-----\n/);
  assert.equal(createPrivateKey(desk.text('key.pem')).asymmetricKeyDetails?.namedCurve, 'prime256v1');
});

test('key makes every kind of key in its help', async (t) => {
  const desk = createDesk(t);
  const types = ['P-384', 'Ed25519', 'RSA-2048', 'RSA-3072', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'];
  for (const type of types) {
    const facts = JSON.parse(await desk.done('key', '--type', type, '--out', `@${type}`, '--json'));
    assert.equal(facts.type, type);
    assert.equal(JSON.parse(await desk.done('show', `@${type}`, '--json')).key.type, type);
  }
});

test('key encrypts with the passphrase in a file, and never prints it', async (t) => {
  const desk = createDesk(t);
  desk.put('passphrase', 'tr0ub4dor & 3\n');
  const { stdout, stderr } = await desk.pki('key', '--out', '@key.pem', '--passphrase-file', '@passphrase');
  assert.doesNotMatch(stdout + stderr, /tr0ub4dor/);
  assert.match(desk.text('key.pem'), /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
  createPrivateKey({ key: desk.text('key.pem'), passphrase: 'tr0ub4dor & 3' });
  assert.throws(() => createPrivateKey({ key: desk.text('key.pem'), passphrase: 'tr0ub4dor' }));
});

test('key --public writes the public key beside it', async (t) => {
  const desk = createDesk(t);
  await desk.done('key', '--out', '@key.pem', '--public', '@public.pem');
  const expected = createPublicKey(desk.text('key.pem')).export({ type: 'spki', format: 'pem' });
  assert.equal(desk.text('public.pem'), expected);
});

test('key --json prints one document', async (t) => {
  const desk = createDesk(t);
  const { stdout, stderr } = await desk.pki('key', '--out', '@key.pem', '--json');
  const { pin, ...facts } = JSON.parse(stdout);
  assert.deepEqual(facts, { file: desk.path('key.pem'), type: 'P-256', isEncrypted: false });
  assert.match(pin, /^sha256\/.{44}$/);
  assert.equal(stderr, '');
});

test('key --from converts a key of another form, with another passphrase', async (t) => {
  const desk = createDesk(t);
  desk.put('old', 'old');
  desk.put('new', 'new');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = { type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'old' } as const;
  desk.put('pkcs1', privateKey.export(pem));
  const from = ['key', '--from', '@pkcs1'];
  const { stderr } = await desk.pki(
    ...from,
    '--from-passphrase-file',
    '@old',
    '--out',
    '@a',
    '--passphrase-file',
    '@new',
  );
  assert.match(stderr, /^RSA-2048 private key/);
  assert.ok(createPrivateKey({ key: desk.text('a'), passphrase: 'new' }).equals(privateKey));
  assert.match(await desk.refused(2, ...from, '--out', '@b'), /give --from-passphrase-file$/);
  assert.match(await desk.refused(2, ...from, '--out', '@b', '--type', 'P-256'), /--type is for a new key/);
  assert.match(await desk.refused(2, ...from, '--out', '@pkcs1', '--force'), /that the command reads/);
});

test('if one file exists, key does not change it, and writes no other file', async (t) => {
  const desk = createDesk(t);
  desk.put('public.pem', 'precious');
  const line = await desk.refused(1, 'key', '--out', '@key.pem', '--public', '@public.pem');
  assert.equal(
    line,
    'cannot write public.pem: it already exists; name another file, or replace it with --force',
  );
  assert.deepEqual(readdirSync(desk.folder), ['public.pem']);
  await desk.done('key', '--out', '@key.pem', '--public', '@public.pem', '--force');
  assert.match(desk.text('public.pem'), /BEGIN PUBLIC KEY/);
});

test('key refuses options that contradict each other', async (t) => {
  const desk = createDesk(t);
  desk.put('passphrase', 'x');
  desk.put('two-lines', 'one\ntwo\n');
  const cases: [number, string[], RegExp][] = [
    [2, ['key'], /--out/],
    [2, ['key', '--out', '@k', '--type', 'RSA-1024'], /--type|RSA/],
    [2, ['key', '--out', '@k', '--public', '@k'], /k is named for two outputs/],
    [
      2,
      ['key', '--out', '@k', '--passphrase'],
      /no terminal to ask for the new passphrase: give --passphrase-file/,
    ],
    [2, ['key', '--out', '@k', '--passphrase', '--passphrase-file', '@passphrase'], /give one of them$/],
    [
      2,
      ['key', '--out', '@passphrase', '--passphrase-file', '@passphrase', '--force'],
      /that the command reads/,
    ],
    [1, ['key', '--out', '@k', '--passphrase-file', '@none'], /cannot read none: there is no such file/],
    [1, ['key', '--out', '@k', '--passphrase-file', '@two-lines'], /one passphrase, on one line/],
    [1, ['key', '--out', '@none/k'], /cannot write none\/k: there is no such folder/],
  ];
  for (const [status, args, expected] of cases) assert.match(await desk.refused(status, ...args), expected);
  assert.deepEqual(readdirSync(desk.folder).sort(), ['passphrase', 'two-lines']);
});

test('asks again after a wrong passphrase, three times in all', async (t) => {
  const desk = createDesk(t);
  desk.put('passphrase', 'secret');
  await desk.done('key', '--out', '@key', '--passphrase-file', '@passphrase');
  const ask = (...answers: string[]) =>
    runOnTerminal(['pki', 'key', '--from', desk.path('key'), '--out', desk.path(answers.join())], answers);
  assert.equal((await ask('wrong', 'secret')).exitCode, 0);
  assert.ok(desk.text('wrong,secret').startsWith('-----BEGIN PRIVATE KEY-----'));
  const refused = await ask('wrong', 'worse', 'worst');
  assert.equal(refused.exitCode, 1);
  assert.equal(refused.written.stderr.split('; try again').length, 3);
  assert.match(
    stripVTControlCharacters(refused.written.stderr),
    /the passphrase is wrong, or the file is damaged\n$/,
  );
});

/** Types an answer at each question. */
async function runOnTerminal(args: string[], answers: readonly string[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const process = Object.assign(createFakeProcess({ terminal: true }), { stdin });
  const running = runApplication(args, process);
  for (const [index, answer] of answers.entries()) {
    await until(() => process.written.stderr.split('; try again').length === index + 1);
    await until(() => process.written.stderr.split('; try again')[index]?.includes('Passphrase of') === true);
    stdin.write(`${answer}\r`);
  }
  await running;
  return process;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(10);
}
