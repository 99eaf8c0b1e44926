// Two dozen bad certificates, each tested with each of our clients: the sockets, the HTTP client, `gatehouse
// request` and `gatehouse inspect`. None is accepted, and each has its own reason and how to fix it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ClientError, client, connectTls, trust } from '@gatehouse/client';
import { gatehouse } from '../../packages/cli/test/fake-process.ts';
import { BAD_CERTIFICATES } from '../support/bad-certificates.ts';
import { createPki, type Pki, servePresented } from '../support/lenient-pki.ts';

describe('a server whose certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bad-certificates-'));
  const rootFile = join(folder, 'root.pem');
  let pki: Pki;

  before(async () => {
    pki = await createPki();
    writeFileSync(rootFile, pki.root.pem);
  });
  after(() => {
    pki.close();
    rmSync(folder, { recursive: true });
  });

  for (const { title, reason, fix, says = fix, status = [5, 5], make } of BAD_CERTIFICATES) {
    it(`${title}: refused as ${reason}`, async (t) => {
      const presented = await make(pki);
      const { port, close } = await servePresented(presented);
      t.after(close);
      const { crl, revocation, pins } = presented.trust ?? {};
      const options = { ca: pki.root.pem, ...presented.trust };

      const socketError = await refusal(connectTls({ host: 'localhost', port, ...options }));
      assert.equal(socketError.tls?.reason, reason, socketError.message);
      assert.match(socketError.tls?.fix ?? '', fix);
      assert.match(socketError.message, says);

      const http = client().with(trust(options));
      t.after(() => http.close());
      const httpError = await refusal(http.get(`https://localhost:${port}/`).text());
      assert.equal(httpError.tls?.reason, reason, httpError.message);
      assert.match(httpError.message, fix);

      const listFile = join(folder, 'list.pem');
      if (crl !== undefined) writeFileSync(listFile, crl);
      const pinning = (pins ?? []).flatMap((pin) => ['--pin', pin]);
      const flags = [
        ...pinning,
        ...(crl === undefined ? [] : ['--crl', listFile]),
        ...(revocation === undefined ? [] : ['--revocation', revocation]),
      ];
      const requested = await gatehouse([
        'request',
        `https://localhost:${port}/`,
        '--ca',
        rootFile,
        ...flags,
      ]);
      assert.equal(requested.status, status[0], requested.stderr);
      assert.match(requested.stderr, fix);
      assert.match(requested.stderr, says);
      assert.equal(requested.stdout, '');

      const inspected = await gatehouse([
        'inspect',
        `localhost:${port}`,
        '--ca',
        rootFile,
        '--data',
        folder,
        '--json',
        ...pinning,
      ]);
      assert.equal(inspected.status, status[1], inspected.stdout + inspected.stderr);
      const { trusted, problems } = JSON.parse(inspected.stdout) as {
        trusted: boolean;
        problems: { code: string; severity: string; fix: string }[];
      };
      assert.equal(trusted, false);
      const found = problems.find(({ code, severity }) => code === reason && severity === 'error');
      assert.ok(found, JSON.stringify(problems));
      assert.match(found.fix, fix);
    });
  }

  it('cannot be checked is accepted, unless the client requires an answer', async (t) => {
    const silent = await createPki();
    const good = await silent.issue(silent.intermediate);
    silent.close(); // its responder and its list do not exist
    const { port, close } = await servePresented({ chain: [good, silent.intermediate] });
    t.after(close);
    const connect = (more: object) => connectTls({ host: 'localhost', port, ca: silent.root.pem, ...more });
    (await connect({ revocation: 'ask' })).destroy();
    const error = await refusal(connect({ revocation: 'require' }));
    assert.equal(error.tls?.reason, 'revocation_unknown');
    const byOthers = await refusal(connect({ crl: pki.list() }));
    assert.equal(byOthers.tls?.reason, 'revocation_unknown');
    assert.match(byOthers.message, /no revocation list of its issuer covers/);
    await assert.rejects(connect({ crl: 'none' }), TypeError);
  });

  it('has none of these faults is accepted by all clients', async (t) => {
    const good = await pki.issue(pki.intermediate);
    const chain = [good, pki.intermediate];
    const { port, close } = await servePresented({ chain, staple: pki.staple(good) });
    t.after(close);
    const options = { ca: pki.root.pem, crl: pki.list(), revocation: 'require' } as const;
    (await connectTls({ host: 'localhost', port, ...options })).destroy();
    const http = client().with(trust(options));
    t.after(() => http.close());
    assert.equal(await http.get(`https://localhost:${port}/`).text(), '');
    const url = `https://localhost:${port}/`;
    assert.equal((await gatehouse(['request', url, '--ca', rootFile, '--revocation', 'require'])).status, 0);
    const { status, stdout } = await gatehouse([
      'inspect',
      url,
      '--ca',
      rootFile,
      '--json',
      '--fail-on',
      'warning',
    ]);
    assert.equal(status, 0, stdout);
    assert.deepEqual(JSON.parse(stdout).revocation.verdict, 'good');
  });
});

async function refusal(connecting: Promise<unknown>): Promise<ClientError> {
  return connecting.then(
    () => assert.fail('was accepted'),
    (error: ClientError) => error,
  );
}
