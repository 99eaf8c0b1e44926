// Validity and revocation for relying parties: openssl, GnuTLS, NSS, nginx and curl read our certificates,
// revocation lists (RFC 5280) and OCSP answers (RFC 6960), and agree with our own verifiers, which fail
// closed if something is out of date.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createOcspRequest,
  encodePem,
  readCertificates,
  readOcspResponse,
  readRevocationList,
  verifyOcspResponse,
} from '@gatehouse/x509';
import type { TestCertificate } from '../support/certificates.ts';
import { forge, issue, operate } from '../support/certificates.ts';
import { run } from '../support/gatehouse-command.ts';
import { startNginx } from '../support/nginx.ts';
import { freePorts } from '../support/ports.ts';
import { without } from '../support/programs.ts';
import { fetchRevocationList, statusByList } from '../support/revocation.ts';
import { startServer } from '../support/server-under-test.ts';

const openssl = { skip: without('openssl', 'version') };
const certtool = { skip: without('certtool', '--version', 'gnutls-bin') };
const ocsptool = { skip: without('ocsptool', '--version', 'gnutls-bin') };
const curl = { skip: without('curl') };
const nginx = { skip: without('nginx', '-v') || without('curl') };
// crlutil comes in the same package, and has no option that succeeds by itself.
const nss = { skip: without('certutil', '--build-flags', 'libnss3-tools') };

const DAY_SECONDS = 86_400;
const SHORT_SECONDS = 2;

const server = await startServer({ upstream: 'http://127.0.0.1:9', set: ['gateway.workers=1'] });
after(() => server.stop());
const { data, ca: roots } = server;
const asServer = { profile: 'server' };
// They are valid longer than a revocation list, so that a list can be out of date while they are valid.
const good = await issue(data, 'localhost', { ...asServer, lifetimeSeconds: 3 * DAY_SECONDS });
const revoked = await issue(data, 'localhost', { ...asServer, lifetimeSeconds: 3 * DAY_SECONDS });
const shortLived = await issue(data, 'expired.example', { ...asServer, lifetimeSeconds: SHORT_SECONDS });
const unknown = forge(data, 'robot');
const [leaf, intermediate] = readCertificates(good.cert);
assert.ok(leaf && intermediate);
const beforeRevocation = await askOcsp(revoked);
await operate(data, `POST /admin/certificates/${revoked.serial}/revoke`, { reason: 'keyCompromise' });

const intermediateFile = write('intermediate.pem', encodePem('CERTIFICATE', intermediate.der));
const rootFile = write('trusted-root.pem', roots);
const authoritiesFile = write('authorities.pem', roots + readFileSync(intermediateFile, 'utf8'));
const list = await fetchRevocationList(leaf);
const listFile = write('intermediate.crl', encodePem('X509 CRL', list.der));
const rootList = await fetchRevocationList(intermediate);
const listsFile = write(
  'lists.crl',
  readFileSync(listFile, 'utf8') + encodePem('X509 CRL', Buffer.from(rootList.der)),
);
// The last second is included (RFC 5280 §4.1.2.5).
await delay((SHORT_SECONDS + 1) * 1000);

type Verdict = 'good' | 'revoked' | 'expired' | 'unknown';

const cases: [Verdict, TestCertificate][] = [
  ['good', good],
  ['revoked', revoked],
  ['expired', shortLived],
  ['unknown', unknown],
];

describe('a chain, with current revocation lists', () => {
  const codes = {
    good: 'good',
    certificate_revoked: 'revoked',
    certificate_expired: 'expired',
    issuer_unknown: 'unknown',
    signature_invalid: 'unknown',
  } as Record<string, Verdict>;
  for (const [verdict, certificate] of cases) {
    it(`is ${verdict}, says our verifier`, () => {
      assert.equal(codes[statusByList(certificate.cert, roots, [list, rootList])], verdict);
    });

    it(
      `is ${verdict}, says openssl -crl_check, strictly and for every certificate of the chain`,
      openssl,
      async () => {
        const words = {
          good: /: OK$/m,
          revoked: /error 23 at 0/,
          expired: /error 10 at 0/,
          unknown: /error \d+/,
        };
        for (const [check, lists] of [
          ['-crl_check', listFile],
          ['-crl_check_all', listsFile],
        ] as const) {
          const { status, stdout, stderr } = await verify(certificate, check, '-CRLfile', lists);
          assert.equal(status === 0, verdict === 'good', stderr);
          assert.match(stdout + stderr, words[verdict]);
        }
      },
    );

    it(`is ${verdict}, says GnuTLS`, certtool, async () => {
      const words = { good: /is trusted/, revoked: /revoked/, expired: /expired/, unknown: /NOT trusted/ };
      const trust = ['--load-ca-certificate', rootFile, '--load-crl', listsFile];
      const args = ['--verify', ...trust, '--infile', certificate.certFile];
      const { status, stdout } = await run('certtool', args);
      assert.equal(status === 0, verdict === 'good', stdout);
      assert.match(stdout, words[verdict]);
    });
  }
});

describe('the OCSP responder', () => {
  // It does not check whether a certificate has expired (RFC 6960 §2.2).
  const answers: [TestCertificate, 'good' | 'revoked' | 'unknown'][] = [
    [good, 'good'],
    [revoked, 'revoked'],
    [shortLived, 'good'],
    [unknown, 'unknown'],
  ];

  it('gives openssl, with a nonce, the same answer as our verifier', openssl, async () => {
    const [url = ''] = leaf.authorityInfoAccess?.ocsp ?? [];
    for (const [certificate, status] of answers) {
      const about = ['-issuer', intermediateFile, '-serial', `0x${certificate.serial}`];
      const asked = await run('openssl', ['ocsp', ...about, '-url', url, '-CAfile', authoritiesFile]);
      assert.match(asked.stderr, /Response verify OK/);
      assert.doesNotMatch(asked.stderr, /nonce/i);
      assert.match(asked.stdout, new RegExp(`: ${status}$`, 'm'));
      assert.equal((await askOcsp(certificate)).status, status);
    }
    assert.match((await ocspText(revoked)).stdout, /Reason: keyCompromise/);
  });

  it('gives the same answer to GnuTLS', ocsptool, async () => {
    const [url = ''] = leaf.authorityInfoAccess?.ocsp ?? [];
    for (const [certificate, status] of answers) {
      const about = ['--load-cert', certificate.certFile, '--load-issuer', intermediateFile, '--nonce'];
      const trust = ['--load-trust', authoritiesFile];
      const { stdout, stderr } = await run('ocsptool', [`--ask=${url}`, ...about, ...trust]);
      assert.match(stdout, new RegExp(`Certificate Status: ${status}$`, 'm'), stderr);
      assert.match(stdout + stderr, /Verifying OCSP Response: Success/);
    }
  });

  it('answers GET, with headers for caches (RFC 6960 §A.1, RFC 5019 §5)', curl, async () => {
    const [url = ''] = leaf.authorityInfoAccess?.ocsp ?? [];
    const about = { certificate: leaf.der, issuer: intermediate.der };
    const target = `${url}/${encodeURIComponent(createOcspRequest(about).toString('base64'))}`;
    const out = join(data, 'answer.der');
    const { stdout } = await run('curl', ['--silent', '--output', out, '--dump-header', '-', target]);
    assert.match(stdout, /^HTTP\/1\.1 200 /);
    assert.match(stdout, /^content-type: application\/ocsp-response\r$/im);
    assert.match(stdout, /^cache-control: max-age=\d+, public, no-transform, must-revalidate\r$/im);
    const answer = readOcspResponse(readFileSync(out));
    assert.equal(verifyOcspResponse(answer, { ...about, at: new Date() }).status, 'good');
  });

  it(
    'has a delegate that may only sign answers, and need not be checked itself (RFC 6960 §4.2.2.2.1)',
    openssl,
    async () => {
      const { stdout } = await ocspText(good, '-resp_text');
      assert.match(stdout, /OCSP Signing/);
      assert.match(stdout, /OCSP No Check/);
    },
  );

  it('refuses octets that are no request with an answer that needs no signature (RFC 6960 §2.3)', async () => {
    const [url = ''] = leaf.authorityInfoAccess?.ocsp ?? [];
    const headers = { 'content-type': 'application/ocsp-request' };
    const response = await fetch(url, { method: 'POST', headers, body: 'no request' });
    const answer = readOcspResponse(await response.bytes());
    assert.equal(answer.responseStatus, 'malformedRequest');
  });
});

describe('lists and answers that are out of date, or not for this certificate', () => {
  const soon = new Date(Date.now() + 30 * 60_000);
  const tomorrow = new Date(Date.now() + 1.5 * DAY_SECONDS * 1000);

  it('a stale revocation list fails closed, in our verifier and in openssl', openssl, async () => {
    assert.equal(statusByList(good.cert, roots, [list], soon), 'good');
    assert.equal(statusByList(good.cert, roots, [list], tomorrow), 'revocation_stale');
    const at = ['-attime', String(Math.floor(tomorrow.getTime() / 1000))];
    const { status, stderr } = await verify(good, '-crl_check', '-CRLfile', listFile, ...at);
    assert.notEqual(status, 0);
    assert.match(stderr, /CRL has expired/);
  });

  it('a list that is missing, of another authority, or altered fails closed', () => {
    const tampered = Buffer.from(list.der);
    tampered.writeUInt8(tampered.readUInt8(tampered.length - 1) ^ 1, tampered.length - 1);
    for (const lists of [[], [rootList], [readRevocationList(tampered)]]) {
      assert.equal(statusByList(good.cert, roots, lists), 'revocation_stale');
    }
  });

  it('a stale list still names the revoked certificates', () => {
    assert.equal(statusByList(revoked.cert, roots, [list], tomorrow), 'certificate_revoked');
  });

  it('a stale OCSP answer fails closed', async () => {
    const { answer, question } = await askOcsp(good);
    assert.equal(verifyOcspResponse(answer, { ...question, at: soon }).status, 'good');
    assert.throws(() => verifyOcspResponse(answer, { ...question, at: tomorrow }), { code: 'ocsp_stale' });
  });

  it('an answer from before the revocation is not accepted as a new one (RFC 9654)', () => {
    const { answer, question, status } = beforeRevocation;
    assert.equal(status, 'good');
    const again = { ...question, nonce: randomBytes(32), at: new Date() };
    assert.throws(() => verifyOcspResponse(answer, again), { code: 'ocsp_invalid' });
    const another = { ...question, certificate: leaf.der, at: new Date() };
    assert.throws(() => verifyOcspResponse(answer, another), { code: 'ocsp_invalid' });
  });
});

describe('curl --crlfile', curl, () => {
  for (const [certificate, status] of [
    [good, 0],
    [revoked, 60],
  ] as const) {
    it(`${status === 0 ? 'accepts' : 'refuses'} a server whose certificate is ${status === 0 ? 'good' : 'revoked'}`, async (t) => {
      const { cert, key } = certificate;
      const https = createServer({ cert, key }, (_, response) => response.end('served'));
      await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
      t.after(() => https.close());
      const { port } = https.address() as AddressInfo;
      const trust = ['--silent', '--show-error', '--cacert', rootFile, '--crlfile', listsFile];
      const outcome = await run('curl', [...trust, `https://localhost:${port}/`]);
      assert.equal(outcome.status, status, outcome.stderr);
      if (status !== 0) assert.match(outcome.stderr, /certificate revoked/);
    });
  }
});

describe('nginx ssl_crl', nginx, () => {
  it('accepts a client whose certificate is good and refuses one whose certificate is revoked', async (t) => {
    const holder = await issue(data, 'robot');
    const former = await issue(data, 'robot');
    await operate(data, `POST /admin/certificates/${former.serial}/revoke`, {});
    const [mine] = readCertificates(former.cert);
    assert.ok(mine);
    const lists = [await fetchRevocationList(mine), rootList].map(({ der }) => encodePem('X509 CRL', der));
    const [port = 0] = await freePorts(1);
    const running = await startNginx({
      folder: mkdtempSync(join(data, 'nginx-')),
      port,
      certificate: good.certFile,
      key: good.keyFile,
      clients: { roots: rootFile, lists: write('client-lists.crl', lists.join('')) },
    });
    t.after(() => running.stop());
    for (const [client, said] of [
      [holder, /^served by nginx$/],
      [former, /400 The SSL certificate error/],
    ] as const) {
      const identity = ['--cert', client.certFile, '--key', client.keyFile];
      const args = ['--silent', '--cacert', rootFile, ...identity, `https://localhost:${port}/`];
      const { stdout, stderr } = await run('curl', args);
      assert.match(stdout, said, stderr);
    }
  });
});

describe('NSS, as Firefox and Chromium use it', nss, () => {
  it('imports our lists and says which certificate is revoked', async () => {
    const database = `sql:${mkdtempSync(join(data, 'nss-'))}`;
    const must = async (program: string, ...args: string[]) => {
      const { status, stdout, stderr } = await run(program, [...args, '-d', database]);
      assert.equal(status, 0, `${program} ${args.join(' ')}: ${stdout}${stderr}`);
    };
    await must('certutil', '-N', '--empty-password');
    await must('certutil', '-A', '-n', 'root', '-t', 'CT,,', '-i', rootFile);
    await must('certutil', '-A', '-n', 'intermediate', '-t', ',,', '-i', intermediateFile);
    for (const [name, { cert }] of [
      ['good', good],
      ['revoked', revoked],
    ] as const) {
      await must('certutil', '-A', '-n', name, '-t', ',,', '-i', write(`${name}.pem`, firstOf(cert)));
    }
    for (const [name, { der }] of [
      ['root', rootList],
      ['intermediate', list],
    ] as const) {
      const path = join(data, `${name}.crl.der`);
      writeFileSync(path, der);
      await must('crlutil', '-I', '-i', path);
    }
    const verdict = (name: string) => run('certutil', ['-V', '-u', 'V', '-e', '-n', name, '-d', database]);
    assert.match((await verdict('good')).stdout, /certificate is valid/);
    assert.match((await verdict('revoked')).stdout, /has been revoked/);
  });
});

function firstOf(chain: string): string {
  const [first] = readCertificates(chain);
  assert.ok(first);
  return encodePem('CERTIFICATE', first.der);
}

function verify({ certFile }: TestCertificate, ...options: string[]) {
  const trust = ['-x509_strict', '-CAfile', rootFile, '-untrusted', intermediateFile];
  return run('openssl', ['verify', ...trust, ...options, certFile]);
}

/** The status that openssl reads in the answer about a certificate. */
async function ocspText({ certFile }: TestCertificate, ...options: string[]) {
  const [url = ''] = leaf?.authorityInfoAccess?.ocsp ?? [];
  const about = ['-issuer', intermediateFile, '-cert', certFile, '-url', url];
  return run('openssl', ['ocsp', ...about, '-CAfile', authoritiesFile, ...options]);
}

/** The answer of the responder to our verifier, about a certificate of our intermediate. */
async function askOcsp({ cert }: TestCertificate) {
  const [certificate] = readCertificates(cert);
  assert.ok(certificate && intermediate && leaf);
  const question = { certificate: certificate.der, issuer: intermediate.der, nonce: randomBytes(32) };
  const [url = ''] = leaf.authorityInfoAccess?.ocsp ?? [];
  const headers = { 'content-type': 'application/ocsp-request' };
  const body = new Uint8Array(createOcspRequest(question));
  const answer = readOcspResponse(await (await fetch(url, { method: 'POST', headers, body })).bytes());
  return { answer, question, ...verifyOcspResponse(answer, { ...question, at: new Date() }) };
}

function write(name: string, content: string): string {
  const path = join(data, name);
  writeFileSync(path, content);
  return path;
}
