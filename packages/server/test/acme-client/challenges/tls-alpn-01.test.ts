// The certificate that answers tls-alpn-01 (RFC 8737 §3).
import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { ChallengeIdentity } from '@gatehouse/access';
import { readAcmeIdentifier, readCertificate } from '@gatehouse/x509';
import { createTlsAnswerer } from '../../../src/acme-client/challenges/tls-alpn-01.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
// Longer than a common name may be (RFC 5280 §A.1).
const NAME = `${'a'.repeat(60)}.${'b'.repeat(60)}.example`;

test('has only the name and the digest (critical), and is presented until it is removed', async () => {
  const presented: (ChallengeIdentity | undefined)[] = [];
  const answer = createTlsAnswerer({
    now: () => NOW,
    randomBytes,
    async present(name, identity) {
      assert.equal(name, NAME);
      presented.push(identity);
    },
  });
  const challenge = { name: NAME, token: 't', keyAuthorization: 't.thumbprint' };
  const remove = await answer(challenge, new AbortController().signal);
  const [identity] = presented;
  assert.ok(identity);
  assert.deepEqual([identity.names, identity.protocol], [[NAME], 'acme-tls/1']);
  const { der, subjectAltNames, subject, issuer } = readCertificate(identity.certificateChain);
  assert.deepEqual(subjectAltNames, [{ type: 'dNSName', value: NAME }]);
  assert.deepEqual(issuer.der, subject.der);
  assert.deepEqual(readAcmeIdentifier(der), {
    isCritical: true,
    digest: hash('sha256', challenge.keyAuthorization, 'buffer'),
  });
  await remove();
  assert.deepEqual(presented.slice(1), [undefined]);
});
