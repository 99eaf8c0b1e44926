// gatehouse xmlrpc call: arguments, results, faults, and mutual TLS with files.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { XmlRpcFault, xmlrpcServer } from '../../../../client/src/xmlrpc/index.ts';
import { createAuthority, hasOpenssl, needsOpenssl } from '../../../../client/test/certificates.ts';
import { temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const server = xmlrpcServer({
  add: (a: number, b: number) => a + b,
  echo: (...values: unknown[]) => values,
  types: () => [new Date(0), Buffer.from('abc'), 2n ** 62n, null],
  refuse() {
    throw new XmlRpcFault(42, 'Not\ntoday.');
  },
});

test('arguments are JSON, or otherwise strings, and the result is JSON', async (t) => {
  const { url, close } = await server.listen({ port: 0 });
  t.after(close);
  const env = { GATEHOUSE_DATA: temporaryFolder(t) };
  const call = (...words: string[]) => gatehouse(['xmlrpc', 'call', url, ...words], { env });
  assert.deepEqual(await call('add', '1', '2'), { status: 0, stdout: '3\n', stderr: '' });
  const echoed = await call('echo', 'text', '"1"', '{"a":[true,null,1.5]}', '');
  assert.deepEqual(JSON.parse(echoed.stdout), ['text', '1', { a: [true, null, 1.5] }, '']);
  const types = await call('types');
  assert.deepEqual(JSON.parse(types.stdout), [
    '1970-01-01T00:00:00.000Z',
    'YWJj',
    '4611686018427387904',
    null,
  ]);
  const fault = await call('refuse');
  assert.deepEqual([fault.status, fault.stdout], [1, '']);
  assert.equal(fault.stderr, 'gatehouse: refuse answered with fault 42: Not\\u000atoday.\n');
});

test('a missing method and a bad URL are mistakes of the command line', async () => {
  assert.equal((await gatehouse(['xmlrpc', 'call', 'https://localhost/'])).status, 2);
  assert.equal((await gatehouse(['xmlrpc', 'call', 'ftp://localhost/', 'add'])).status, 2);
  assert.equal((await gatehouse(['xmlrpc', 'call', 'https://me:secret@localhost/', 'add'])).status, 2);
});

test('calls over mutual TLS with --ca, --cert and --key', {
  skip: hasOpenssl() ? false : needsOpenssl,
}, async (t) => {
  const authority = createAuthority();
  t.after(() => authority.remove());
  const { cert: certificate, key } = authority.issue('x', { alternativeNames: 'DNS:localhost' });
  const robot = authority.issue('robot');
  const { port, close } = await server.listen({
    port: 0,
    ca: authority.root,
    certificate,
    key,
    clientCertificate: 'require',
  });
  t.after(close);
  const folder = temporaryFolder(t);
  const [certFile, keyFile] = [join(folder, 'robot.pem'), join(folder, 'private')];
  writeFileSync(certFile, robot.cert);
  writeFileSync(keyFile, robot.key, { mode: 0o600 });
  const call = (...options: string[]) =>
    gatehouse(['xmlrpc', 'call', `https://localhost:${port}/RPC2`, 'add', '1', '2', ...options]);
  const trusted = ['--ca', authority.rootFile];
  assert.equal((await call(...trusted, '--cert', certFile, '--key', keyFile)).stdout, '3\n');
  const without = await call(...trusted);
  assert.equal(without.status, 7);
  assert.match(without.stderr, /requires a client certificate/);
  assert.equal((await call('--data-folder', folder, '--cert', certFile, '--key', keyFile)).status, 5);
});
