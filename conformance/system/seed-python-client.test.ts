// The notebook of Python clients, with requests and cryptography, unchanged against the sample services, and
// through the gateway with a trusted root and an API key. Its cells print the same.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, up } from '../support/gatehouse-command.ts';
import { withoutPython } from '../support/programs.ts';

const CLIENT = join(import.meta.dirname, '../support/seed-client.py');
const skip = withoutPython(['requests', 'cryptography.fernet'], 'python3-requests python3-cryptography');

interface CellOutput {
  repr: string;
  status: number;
  text: string;
  'content is text': boolean;
  'raw type': string;
  'raw length': number;
  headers: Record<string, string>;
  encoding: string;
  url: string;
  json: Record<string, unknown>;
  refusals: [number, string][];
  exchange: [number, string];
  message: [number, string];
}

test('Python’s requests and cryptography, with and without the gateway', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-python-'));
  const server = await up();
  t.after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const keyFile = join(folder, 'robot.key');
  writeFileSync(keyFile, await server.key('user'), { mode: 0o600 });
  const { gateway, rootCertificate } = server.ready;
  const samples = `http://localhost:${new URL(server.ready.samples ?? '').port}`;

  for (const [name, url, ...identity] of [
    ['from the sample services', samples],
    ['through the gateway, with verify=root.pem and an API key', gateway, rootCertificate, keyFile],
  ] as const) {
    const output = await cells(url, ...identity);
    await t.test(`cells 2 to 11 print the time, ${name}`, () => printsTheTime(output, url));
    await t.test(`cells 12 to 28 are refused and served correctly, ${name}`, () => exchanges(output));
  }

  await t.test('role user may not write notes', async () => {
    const script = [
      'import requests, sys',
      'url, root, key = sys.argv[1:]',
      'r = requests.post(url + "/notes", json={"text": "?"}, verify=root, headers={"X-API-Key": open(key).read()})',
      'print(r.status_code, r.headers["content-type"], r.json()["code"])',
    ];
    const stdout = await python(script, gateway, rootCertificate, keyFile);
    assert.equal(stdout, '403 application/problem+json forbidden\n');
  });

  await t.test('refuses clients that do not trust the root, or have no key', async () => {
    const script = [
      'import requests, sys',
      'url, root = sys.argv[1:]',
      'try: requests.get(url)',
      'except requests.exceptions.SSLError as e: print("CERTIFICATE_VERIFY_FAILED" in str(e))',
      'r = requests.get(url, verify=root)',
      'print(r.status_code, r.json()["code"], r.headers["www-authenticate"])',
    ];
    const [distrusted, unknown] = (await python(script, gateway, rootCertificate)).split('\n');
    assert.equal(distrusted, 'True');
    assert.match(unknown ?? '', /^401 unauthenticated Bearer realm=/);
  });
});

function printsTheTime(output: CellOutput, url: string): void {
  assert.equal(output.repr, '<Response [200]>');
  assert.equal(output.status, 200);
  assert.match(
    output.text,
    /^\{"message": "The current time is (Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d \d{4}"\}$/,
  );
  assert.equal(output['content is text'], true);
  assert.equal(output['raw type'], 'urllib3.response.HTTPResponse');
  assert.equal(output['raw length'], 59);
  assert.equal(output.headers['content-length'], '59');
  assert.match(output.headers.etag ?? '', /^"[0-9a-f]{40}"$/);
  assert.ok(Date.parse(output.headers.date ?? '') > 0);
  assert.equal(output.encoding, 'UTF-8');
  assert.equal(output.url, `${url}/`);
  assert.deepEqual(Object.keys(output.json), ['message']);
}

function exchanges(output: CellOutput): void {
  assert.deepEqual(output.refusals, [
    [400, '{"error": "Missing or unknown client_id"}'],
    [400, '{"error": "Bad request. Expected cipher_text or pub_key"}'],
    [400, '{"error": "Bad request"}'],
  ]);
  assert.deepEqual(output.exchange, [200, '{"message": "Shared secret successfully calculated"}']);
  assert.deepEqual(output.message, [200, '{"message": "Successfully Decrypted Data"}']);
}

async function cells(...args: string[]): Promise<CellOutput> {
  const { status, stdout, stderr } = await run('python3', [CLIENT, ...args]);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as CellOutput;
}

async function python(script: readonly string[], ...args: string[]): Promise<string> {
  const outcome = await run('python3', ['-c', script.join('\n'), ...args]);
  assert.equal(outcome.status, 0, outcome.stderr);
  return outcome.stdout;
}
