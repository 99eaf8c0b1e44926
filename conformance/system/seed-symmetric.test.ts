// The message in plain text and under a shared secret, against `gatehouse up`: the examples in TypeScript and
// in Python, the view of an eavesdropper, and the secret, which is in no output or file.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gatehouse, oneLine, run, type Up, up } from '../support/gatehouse-command.ts';
import { withoutPython } from '../support/programs.ts';

const EXAMPLES = join(import.meta.dirname, '../..', 'examples', 'symmetric');
const KEY = '8jtTR9QcD-k3RO9Pcd5ePgmTu_itJQt9WKQPzqjrcoM=';
const NEXT_KEY = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
const OTHER_KEY = 'EBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8=';
const GREETING = 'The codeword is: fluffy tail\n{"message": "Successfully Decrypted Data"}\n';
const skip = withoutPython(['requests', 'cryptography.fernet'], 'python3-requests python3-cryptography');

describe('a secret that server and clients share (H1, H2)', () => {
  let server: Up;
  let url = '';
  const clientOf = (program: string, key: string) => {
    const words = program === 'python3' ? [join(EXAMPLES, 'client.py')] : [join(EXAMPLES, 'client.ts')];
    return run(program, [...words, `${url}/symmetric/`], { environment: { SECRET_KEY: key } });
  };

  before(async () => {
    server = await up({ environment: { SECRET_KEY: `${NEXT_KEY},${KEY}` } });
    url = `http://localhost:${new URL(server.ready.samples ?? '').port}`;
  });
  after(() => server.stop());

  it('the example in TypeScript reads the message with the first key, and answers with it', async () => {
    const { status, stdout, stderr } = await clientOf(process.execPath, NEXT_KEY);
    assert.deepEqual([status, stdout], [0, GREETING], stderr);
  });

  it('the example in Python does the same', { skip }, async () => {
    assert.equal((await clientOf('python3', NEXT_KEY)).stdout, GREETING);
  });

  it('a client with another secret says so', { skip }, async () => {
    const words = 'The server has another SECRET_KEY, or its clock is wrong.\n';
    assert.equal((await clientOf(process.execPath, OTHER_KEY)).stdout, words);
    const python = await clientOf('python3', OTHER_KEY);
    assert.deepEqual([python.status, python.stderr], [1, words]);
  });

  it('the server accepts tokens under the old key, and refuses others with 400', async () => {
    const post = async (key: string) => {
      const options = { input: 'hello', environment: { SECRET_KEY: key } };
      const { stdout } = await gatehouse(['fernet', 'encrypt'], options);
      return fetch(`${url}/symmetric/`, { method: 'POST', body: stdout });
    };
    assert.equal((await post(KEY)).status, 200);
    const refusal = await post(OTHER_KEY);
    assert.equal(refusal.status, 400);
    assert.match(
      await refusal.text(),
      /^\{"error": "The token was made with another secret, or is older than 60 s"\}$/,
    );
  });

  it('an eavesdropper can read the plain message, but neither the content of the token nor of TLS', async () => {
    const recorded = async (address: string, ...more: string[]) => {
      const { status, stdout, stderr } = await gatehouse(['lab', 'wire', address, '--json', ...more]);
      assert.equal(status, 0, stderr);
      const { sent, received } = JSON.parse(stdout) as { sent: string; received: string };
      return [Buffer.from(sent, 'base64'), Buffer.from(received, 'base64')] as const;
    };
    const [plainSent, plain] = await recorded(`${url}/secret-message`);
    assert.ok(plainSent.includes('GET /secret-message HTTP/1.1') && plain.includes('fluffy tail'));
    const [, token] = await recorded(`${url}/symmetric/`);
    assert.ok(token.includes('gAAAA') && !token.includes('fluffy'));
    const { gateway, rootCertificate } = server.ready;
    const [secureSent, secure] = await recorded(`${gateway}/secret-message`, '--ca', rootCertificate);
    assert.ok(secureSent.includes('localhost') && !secureSent.includes('secret-message'));
    assert.ok(!secure.includes('HTTP/1.1'));
  });

  it('the message goes through the gateway to a caller with a role', async () => {
    const key = await server.key('user');
    const { gateway, rootCertificate } = server.ready;
    const script =
      'process.stdout.write(await (await fetch(process.argv[1], { headers: { "x-api-key": process.argv[2] } })).text())';
    const environment = { NODE_EXTRA_CA_CERTS: rootCertificate };
    const args = ['--input-type=module', '-e', script, `${gateway}/secret-message`, key];
    assert.equal((await run(process.execPath, args, { environment })).stdout, 'fluffy tail');
  });

  it('the secret is in no output, no configuration and no file', async () => {
    const shown = await server.command(['config', 'show']);
    assert.equal(shown.status, 0, shown.stderr);
    const status = await server.command(['status', '--json']);
    const files = readdirSync(server.data, { recursive: true, encoding: 'utf8' })
      .map((name) => join(server.data, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path, 'latin1'));
    assert.ok(files.length > 3);
    const places = [shown.stdout, status.stdout, server.stderr(), JSON.stringify(server.ready), ...files];
    for (const key of [KEY, NEXT_KEY]) assert.ok(places.every((text) => !text.includes(key)));
  });
});

it('a server without a secret says so, and one with a bad secret does not start (H2)', async (t) => {
  const server = await up();
  t.after(() => server.stop());
  const response = await fetch(`http://localhost:${new URL(server.ready.samples ?? '').port}/symmetric/`);
  assert.equal(response.status, 503);
  assert.match(await response.text(), /has no shared secret: .* SECRET_KEY/);
  const environment = { SECRET_KEY: 'secret' };
  const refused = await gatehouse(['up', '--data', join(server.data, 'other')], { environment });
  assert.notEqual(refused.status, 0);
  const line = oneLine(refused);
  assert.match(line, /SECRET_KEY, for the sample services, is not valid\. The key is not base64url/);
});
