// Client certificates as X.509-SVIDs (SPIFFE): OpenSSL reads them, and the gateway accepts them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { after, describe, it } from 'node:test';
import type { TestCertificate } from '../support/certificates.ts';
import { issue } from '../support/certificates.ts';
import { ask } from '../support/https-client.ts';
import { without } from '../support/programs.ts';
import { startServer } from '../support/server-under-test.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin, set: ['ca.trustDomain=example.org'] });
after(() => Promise.all([server.stop(), upstream.close()]));

function opensslText({ certFile }: TestCertificate): string {
  const { stdout } = spawnSync('openssl', ['x509', '-in', certFile, '-noout', '-text'], { encoding: 'utf8' });
  return stdout;
}

async function get(certificate: TestCertificate) {
  const identity = { cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) };
  const agent = new Agent({ ca: server.ca, keepAlive: false, ...identity });
  return ask({ ...server, path: '/notes', agent });
}

describe('one of our client certificates', { skip: without('openssl', 'version') }, () => {
  it('has the SPIFFE ID of a service as its only URI, and the extensions of an SVID, as OpenSSL reads it', async () => {
    const robot = await issue(server.data, 'robot');
    const text = opensslText(robot);
    assert.match(text, /Subject Alternative Name: *\n\s+URI:spiffe:\/\/example\.org\/service\/robot\n/);
    assert.match(text, /X509v3 Key Usage: critical\n\s+Digital Signature\n/);
    assert.match(text, /X509v3 Extended Key Usage: *\n\s+TLS Web Client Authentication\n/);
    assert.doesNotMatch(text, /CA:TRUE/);
    assert.equal((await get(robot)).status, 200);
  });

  it('has the ID of a user under /user, with a segment for each part of an address', async () => {
    await server.admin('POST', '/admin/users', {
      name: 'alice@example.com',
      password: 'correct horse battery staple',
      roles: ['user'],
    });
    const alice = await issue(server.data, 'alice@example.com');
    assert.match(opensslText(alice), /URI:spiffe:\/\/example\.org\/user\/alice\/example\.com\n/);
    assert.equal((await get(alice)).status, 200);
    const [, payload = ''] = String(upstream.requests.at(-1)?.headers['gatehouse-assertion']).split('.');
    assert.equal(JSON.parse(Buffer.from(payload, 'base64url').toString()).sub, 'alice@example.com');
  });

  it('that is also for servers has DNS names besides the ID', async () => {
    const both = await issue(server.data, 'localhost', { profile: 'peer' });
    const text = opensslText(both);
    assert.match(text, /DNS:localhost/);
    assert.match(text, /URI:spiffe:\/\/example\.org\/service\/localhost/);
    assert.equal((await get(both)).status, 200);
  });
});

it('refuses a certificate for a name that no SPIFFE ID can have, and says why', async () => {
  await server.admin('POST', '/admin/services', { name: 'a@@b', roles: ['user'] });
  await assert.rejects(issue(server.data, 'a@@b'), /422: .*"a@@b\\" cannot be in a SPIFFE ID/);
});
