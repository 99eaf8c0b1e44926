// A gateway in memory: signed keys, and an answer to each sealed request.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readBinaryRequest } from '../../src/binary-http/reader.ts';
import { writeBinaryResponse } from '../../src/binary-http/writer.ts';
import { writeKeyConfigurations } from '../../src/ohttp/key-configuration.ts';
import { signConfiguration } from '../../src/ohttp/sign-configuration.ts';
import { openRequest } from '../../src/ohttp/whole.ts';
import { LIMITS } from './binary-messages.ts';
import { createGatewayKeys } from './oblivious.ts';

export const AUTHORITY = 'gw.example';
export const NOW = Date.parse('2026-11-30T12:00:00Z');

/** Enough of a certificate for a reader of its key (RFC 5280 §4.1). */
function certificateOf(spki: Uint8Array): Uint8Array {
  const element = (tag: number, content: Uint8Array) => {
    const { length } = content;
    const octets = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
    return Buffer.concat([Buffer.of(tag, ...octets), content]);
  };
  const empty = element(0x30, new Uint8Array(0));
  const fields = [
    element(0xa0, element(0x02, Buffer.of(2))),
    element(0x02, Buffer.of(1)),
    empty,
    empty,
    empty,
    empty,
  ];
  return element(0x30, element(0x30, Buffer.concat([...fields, spki])));
}

function createSigner() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    pin: `sha256/${createHash('sha256').update(spki).digest('base64')}`,
    chain: [certificateOf(spki)],
    sign: (data: Uint8Array) => sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}

export async function signedKeys({ signer = createSigner(), epoch = 1, expiresAt = NOW / 1000 + 3600 } = {}) {
  const { keys, configuration } = await createGatewayKeys();
  const octets = writeKeyConfigurations([configuration]);
  const facts = { authority: AUTHORITY, epoch, expiresAt };
  const list = await signConfiguration(octets, facts, { signer, createdAt: NOW / 1000 });
  const fields = new Headers();
  for (let index = 0; index < list.length; index += 2)
    fields.set(list[index] as string, list[index + 1] as string);
  return { octets, fields, keys, pin: signer.pin, signer };
}

export type SignedKeys = Awaited<ReturnType<typeof signedKeys>>;

/**
 * A `fetch` to a gateway with these keys. It answers with the request that it got. `current` may change the
 * keys.
 */
export function gatewayFetch(current: () => SignedKeys, clock = () => NOW) {
  const seen: string[] = [];
  const problem = (type: string) => ({
    status: 400,
    headers: { 'content-type': 'application/problem+json', date: new Date(clock()).toUTCString() },
    body: JSON.stringify({ type: `https://iana.org/assignments/http-problem-types#${type}` }),
  });
  const send: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { octets, fields, keys } = current();
    if (request.method === 'GET') return new Response(Uint8Array.from(octets), { headers: fields });
    try {
      const { request: inner, sealResponse } = await openRequest(keys, await request.bytes());
      let asked = '';
      let date = 0;
      const reader = readBinaryRequest(LIMITS, {
        head({ method, authority, path, fields: inside }) {
          date = Date.parse(inside[inside.indexOf('date') + 1] ?? '');
          asked = `${method} ${authority}${path}`;
        },
        content: (part) => {
          asked += ` ${new TextDecoder().decode(part)}`;
        },
        complete() {},
      });
      reader.read(inner);
      reader.end();
      seen.push(asked);
      const { status, headers, body } =
        Math.abs(date - clock()) > 30_000 ? problem('date') : { status: 200, headers: {}, body: asked };
      const response = writeBinaryResponse(
        { status, fields: Object.entries(headers).flat() },
        new TextEncoder().encode(body),
      );
      return new Response(Uint8Array.from(await sealResponse(response)), {
        headers: { 'content-type': 'message/ohttp-res' },
      });
    } catch {
      const { status, headers, body } = problem('ohttp-key');
      return new Response(body, { status, headers });
    }
  };
  return { send, seen };
}
