// A hierarchy that is signed with ML-DSA from the root to the leaf (FIPS 204, RFC 9881): the reactions of our
// own client, Node, and a program without ML-DSA to our listeners, and the certificates for others.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import type { DetailedPeerCertificate } from 'node:tls';
import { connect } from 'node:tls';
import { createClient } from '@gatehouse/client';
import { publicKeyType, readCertificate, readCertificates, verifyCertificate } from '@gatehouse/x509';
import { createAcmeClient, csrFor } from '../support/acme-client.ts';
import { startChallengeServer } from '../support/challenge-server.ts';
import { gatehouse, oneLine, run, up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { freePorts } from '../support/ports.ts';
import { without } from '../support/programs.ts';
import { revocationOf } from '../support/revocation.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const OK = 0;
const TLS_TRUST = 5;

const upstream = await startRecordingUpstream();
const [httpPort = 0] = await freePorts(1);
const [server, ordinary] = await Promise.all([
  up({
    upstream: upstream.origin,
    set: ['ca.keyType=ML-DSA-65', 'gateway.workers=1', `acme.httpPort=${httpPort}`],
  }),
  up({ upstream: upstream.origin, set: ['gateway.workers=1'] }),
]);
after(() => Promise.all([server.stop(), ordinary.stop(), upstream.close()]));
const apiKey = await server.key('user');
const url = `https://localhost:${server.port}/`;

describe('the certificates of our listeners', () => {
  it('are of ML-DSA-65 from the leaf to the root', async () => {
    for (const port of [server.port, server.controlPort]) {
      const presented = await presentedBy(port);
      const certificates = [...presented.map((der) => readCertificate(der)), readCertificate(server.ca)];
      assert.deepEqual(
        certificates.map(({ spki }) => publicKeyType(spki)),
        ['ML-DSA-65', 'ML-DSA-65', 'ML-DSA-65'],
      );
      const [certificate, ...intermediates] = presented;
      assert.ok(certificate);
      const expected = {
        roots: server.ca,
        at: new Date(),
        name: 'localhost',
        purpose: 'serverAuth',
      } as const;
      assert.equal(verifyCertificate({ certificate, intermediates, ...expected }).chain.length, 3);
    }
  });

  it('are verified by our client, which refuses another root', async (t) => {
    const client = createClient({ roots: server.ca });
    const distrustful = createClient({ roots: ordinary.ca });
    t.after(() => Promise.all([client.close(), distrustful.close()]));
    const { body } = await client.request(url, { headers: { 'x-api-key': apiKey } });
    assert.equal(await text(body), 'reached GET /');
    await assert.rejects(distrustful.request(url), { code: 'tls_trust' });
  });

  it('are verified by the command line, which says why it refuses another root', async () => {
    const keyFile = join(server.data, 'api-key');
    writeFileSync(keyFile, apiKey);
    const { status, stdout, stderr } = await server.command(['request', url, '--key-file', keyFile]);
    assert.deepEqual([status, stdout], [OK, 'reached GET /'], stderr);
    const root = ['--cacert', ordinary.ready.rootCertificate];
    const refused = await gatehouse(['request', url, ...root]);
    assert.equal(refused.status, TLS_TRUST);
    assert.match(oneLine(refused), /no trusted root signed it/);
  });

  it('are verified by Node itself with that root, and not with another', async () => {
    const headers = { 'x-api-key': apiKey };
    assert.equal((await ask({ ...server, path: '/', headers })).status, 200);
    await assert.rejects(ask({ ...server, ca: ordinary.ca, path: '/', headers }), {
      code: /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|SELF_SIGNED_CERT_IN_CHAIN/,
    });
  });

  it('end the handshake with a reason if the client does not support them, and the server continues to run', {
    skip: without('openssl', 'version'),
  }, async (t) => {
    if (await opensslKnowsMlDsa()) return t.skip('needs an openssl before 3.5, which does not know ML-DSA');
    const address = ['-connect', `127.0.0.1:${server.port}`, '-servername', 'localhost'];
    const { status, stderr } = await run('openssl', [
      's_client',
      ...address,
      '-CAfile',
      server.ready.rootCertificate,
    ]);
    assert.notEqual(status, OK);
    assert.match(stderr, /alert handshake failure/);
    const headers = { 'x-api-key': apiKey };
    assert.equal((await ask({ ...server, path: '/', headers })).status, 200);
  });
});

describe('certificates of the authority', () => {
  it('may also have an ML-DSA key, and the file tools verify it', async () => {
    const names = ['robot.example', '--key-type', 'ML-DSA-44', '--out', server.data];
    const { files } = await server.json<{ files: string[] }>('cert', 'issue', ...names);
    const [file = ''] = files;
    assert.equal(
      publicKeyType(readCertificates(readFileSync(file))[0]?.spki ?? new Uint8Array()),
      'ML-DSA-44',
    );
    const verify = ['pki', 'verify', file, '--roots', server.ready.rootCertificate];
    const { status, stderr } = await gatehouse([...verify, '--purpose', 'server', '--name', 'robot.example']);
    assert.equal(status, OK, stderr);
  });

  it('may have an ordinary key, also from ACME; lists and OCSP answers are signed with ML-DSA', async (t) => {
    const web = await startChallengeServer({ port: httpPort });
    const client = await createAcmeClient(server, web);
    t.after(() => {
      client.close();
      web.close();
    });
    await client.register();
    const chain = await client.obtain(csrFor('shop.localhost'), 'shop.localhost');
    const [leaf, intermediate] = readCertificates(chain);
    assert.deepEqual(
      [leaf, intermediate].map((each) => each && publicKeyType(each.spki)),
      ['P-256', 'ML-DSA-65'],
    );
    assert.deepEqual(await revocationOf(chain, server.ca), { list: 'good', ocsp: 'good', reason: undefined });
    const { revokeCert = '' } = client.directory;
    await client.must(revokeCert, { certificate: Buffer.from(leaf?.der ?? []).toString('base64url') });
    const { list, ocsp } = await revocationOf(chain, server.ca);
    assert.deepEqual([list, ocsp], ['certificate_revoked', 'revoked']);
  });
});

/** The DER certificates that a listener presents, the leaf first. */
function presentedBy(port: number): Promise<Buffer[]> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: server.ca });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const leaf: DetailedPeerCertificate = socket.getPeerCertificate(true);
      socket.destroy();
      resolve([leaf.raw, leaf.issuerCertificate.raw]);
    });
  });
}

async function opensslKnowsMlDsa(): Promise<boolean> {
  const { stdout } = await run('openssl', ['version']);
  const [, major = 0, minor = 0] = /^OpenSSL (\d+)\.(\d+)/.exec(stdout)?.map(Number) ?? [];
  return major > 3 || (major === 3 && minor >= 5);
}
