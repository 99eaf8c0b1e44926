import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { httpbis } from 'http-message-signatures';
import { verifyContentDigest } from '../../src/message-signatures/content-digest.ts';
import { importVerifyingKey } from '../../src/message-signatures/keys.ts';
import { readSignatures, verifySignature } from '../../src/message-signatures/verify.ts';
import { subjectPublicKey } from '../../src/ohttp/subject-public-key.ts';
import { AUTHORITY, NOW, signedKeys } from '../support/signed-keys.ts';

const PATH = '/.well-known/ohttp-gateway';

async function signed() {
  const { octets, fields, signer } = await signedKeys();
  const spki = Buffer.from(subjectPublicKey(signer.chain[0] as Uint8Array));
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return { octets, fields, publicKey };
}

test('signs in a form that any reader of RFC 9421 and RFC 9530 can verify', async () => {
  const { octets, fields, publicKey } = await signed();
  const lines = [...fields].flat();
  const [signature] = readSignatures(lines);
  assert(signature);
  const request = { method: 'GET', authority: AUTHORITY, target: PATH, fields: [] };
  const components = ['@status', 'content-digest', '@authority;req', '@path;req', 'gatehouse-key-epoch'];
  const policy = { components, now: NOW / 1000, maxAgeSeconds: 1, maxSkewSeconds: 1 };
  const key = await importVerifyingKey({ ...publicKey.export({ format: 'jwk' }) });
  await verifySignature(signature, { status: 200, fields: lines, request }, { key, policy });
  await verifyContentDigest(fields.get('content-digest') ?? undefined, octets);
});

test('http-message-signatures verifies it, too', async () => {
  const { fields, publicKey } = await signed();
  const isRight = await httpbis.verifyMessage(
    {
      keyLookup: async () => ({
        verify: async (data, signature) =>
          verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature),
      }),
      tolerance: Number.POSITIVE_INFINITY,
    },
    { status: 200, headers: Object.fromEntries(fields) },
    { method: 'GET', url: `https://${AUTHORITY}${PATH}`, headers: {} },
  );
  assert.equal(isRight, true);
});
