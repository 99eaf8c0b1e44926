// The complete examples of RFC 9458 (appendix A) and draft-ietf-ohai-chunked-ohttp-08 (appendix A), to the
// octet.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createNodeHpke, hmac, hpke } from '../../src/crypto/hpke-node.ts';
import { createDhKem, x25519Private } from '../../src/crypto/hpke-node-kems.ts';
import { KEM_X25519 } from '../../src/hpke/suite.ts';
import { beginChunkedRequest, openChunkedRequest } from '../../src/ohttp/chunked.ts';
import { readKeyConfiguration, writeKeyConfiguration } from '../../src/ohttp/key-configuration.ts';
import { openRequest, sealRequest } from '../../src/ohttp/whole.ts';
import { readHexDumps } from '../support/vectors.ts';

const whole = readHexDumps('ohttp-appendix.md', 'github.com/ietf-wg-ohai/oblivious-http');
const chunked = readHexDumps('chunked-appendix.md', 'github.com/ietf-wg-ohai/draft-ohai-chunked-ohttp');
const SUITE = { kem: KEM_X25519, kdf: 1, aead: 1 };

/**
 * The common beginning of both examples: the private key, the configuration, the request, the ephemeral key.
 */
async function peers([privateKey, configurationOctets, request, ephemeral]: Uint8Array[]) {
  assert(privateKey && configurationOctets && request && ephemeral);
  const configuration = readKeyConfiguration(configurationOctets);
  assert(configuration);
  const { publicKey, algorithms, id } = configuration;
  const key = await hpke.importKey(KEM_X25519, { publicKey, privateKey });
  const sender = createNodeHpke({ [KEM_X25519]: createDhKem(hmac, () => x25519Private(ephemeral)) });
  return { configuration, configurationOctets, request, keys: [{ id, key, algorithms }], sender };
}

suite('RFC 9458, appendix A', { skip: whole.skip }, () => {
  const dumps = whole.dumps ?? [];
  const [, , , , , , sealed, response] = dumps;
  const sealedResponse = dumps.at(-1);

  test('reads and writes the key configuration', async () => {
    const { configuration, configurationOctets } = await peers(dumps);
    assert.equal(writeKeyConfiguration(configuration).toHex(), configurationOctets.toHex());
  });

  test('seals the request, and opens the answer', async () => {
    const { configuration, request, sender } = await peers(dumps);
    const target = { configuration, suite: SUITE };
    const { message, openResponse } = await sealRequest(target, request, { hpke: sender });
    assert.equal(message.toHex(), sealed?.toHex());
    assert.deepEqual(await openResponse(sealedResponse as Uint8Array), response);
  });

  test('opens the request, and seals the answer', async () => {
    const { request, keys } = await peers(dumps);
    const randomBytes = (length: number) =>
      Uint8Array.from((sealedResponse as Uint8Array).subarray(0, length));
    const opened = await openRequest(keys, sealed as Uint8Array, { hpke, randomBytes });
    assert.deepEqual(opened.request, request);
    assert.equal((await opened.sealResponse(response as Uint8Array)).toHex(), sealedResponse?.toHex());
  });
});

suite('draft-ietf-ohai-chunked-ohttp-08, appendix A', { skip: chunked.skip }, () => {
  const dumps = chunked.dumps ?? [];
  const [, , , , , , sealed, response] = dumps;
  const sealedResponse = dumps.at(-2);
  const HEAD = 39;

  test('seals the request in three chunks, and opens the answer', async () => {
    const { configuration, request, sender } = await peers(dumps);
    const message = await beginChunkedRequest({ configuration, suite: SUITE }, { hpke: sender });
    const parts = [
      message.head,
      await message.chunk(request.subarray(0, 12)),
      await message.chunk(request.subarray(12)),
      await message.finish(new Uint8Array(0)),
    ];
    assert.equal(Buffer.concat(parts).toString('hex'), sealed?.toHex());
    const opened: Uint8Array[] = [];
    const reader = message.readResponse({ octets: (octets) => opened.push(octets) });
    for (const octet of sealedResponse as Uint8Array) await reader.read(Uint8Array.of(octet));
    await reader.end();
    assert.equal(Buffer.concat(opened).toString('hex'), response?.toHex());
  });

  test('opens the request, and seals the answer in three chunks', async () => {
    const { request, keys } = await peers(dumps);
    const octets = sealed as Uint8Array;
    const answer = sealedResponse as Uint8Array;
    const randomBytes = (length: number) => Uint8Array.from(answer.subarray(0, length));
    const opened = await openChunkedRequest(keys, octets.subarray(0, HEAD), { hpke, randomBytes });
    const chunks = [
      await opened.chunk(octets.subarray(HEAD + 1, HEAD + 29)),
      await opened.chunk(octets.subarray(HEAD + 30, HEAD + 59)),
      await opened.finish(octets.subarray(HEAD + 60)),
    ];
    assert.equal(Buffer.concat(chunks).toString('hex'), request.toHex());
    const sealer = await opened.respond();
    const [first, ...rest] = response as Uint8Array;
    const parts = [
      sealer.head,
      await sealer.chunk(Uint8Array.of(first as number)),
      await sealer.chunk(Uint8Array.from(rest)),
      await sealer.finish(new Uint8Array(0)),
    ];
    assert.equal(Buffer.concat(parts).toString('hex'), answer.toHex());
  });
});
