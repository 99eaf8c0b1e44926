// Decodes Content-Encoding (RFC 9110 §8.4), with limits for size and ratio. Does not decode unknown
// encodings.
import { pipeline, type Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { ClientError } from '../errors.ts';
import type { Limits } from './limits.ts';

/** The encodings that the client asks for. */
export const ACCEPT_ENCODING = 'gzip, deflate, br, zstd';

const MAX_ENCODINGS = 3;
const FREE_BYTES = 1024 ** 2;

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** The body without its encodings. An error of either stream reaches the result. */
export function decompress(body: Readable, field: string, limits: Required<Limits>): Readable {
  const encodings = field
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((name) => name !== '' && name !== 'identity');
  if (encodings.length === 0 || encodings.some((name) => decoders[name] === undefined)) return body;
  if (encodings.length > MAX_ENCODINGS) {
    body.destroy();
    throw new ClientError(
      'limit',
      `the answer is encoded ${encodings.length} times: ${MAX_ENCODINGS} are accepted`,
    );
  }
  let received = 0;
  let broken: unknown;
  body.on('error', (error) => {
    broken = error;
  });
  body.on('data', (chunk: Uint8Array) => {
    received += chunk.length;
  });
  const steps = encodings.toReversed().map((name) => (decoders[name] as () => Transform)());
  const explain = (error: Error) =>
    error instanceof ClientError || error === broken ? error : undecodable(encodings, error);
  const guard = createGuard(() => received, limits, explain);
  pipeline([body, ...steps, guard] as [Readable, Transform], (error) => {
    if (error) guard.destroy(error);
  });
  return guard;
}

function createGuard(
  received: () => number,
  { decodedBytes, ratio }: Required<Limits>,
  explain: (error: Error) => Error,
): Transform {
  let decoded = 0;
  return new Transform({
    destroy: (error, callback) => callback(error && explain(error)),
    transform(chunk: Uint8Array, _encoding, callback) {
      decoded += chunk.length;
      if (decoded > decodedBytes) return callback(tooLarge(`more than ${decodedBytes} octets`));
      if (decoded > FREE_BYTES && decoded > received() * ratio) {
        return callback(tooLarge(`more than ${ratio} times its compressed size`));
      }
      callback(null, chunk);
    },
  });
}

function undecodable(encodings: readonly string[], cause: Error): ClientError {
  return new ClientError(
    'protocol',
    `the content of the answer does not have the encoding that the server states (Content-Encoding: ${encodings.join(', ')}): try again, or ask its operator`,
    { cause },
  );
}

function tooLarge(size: string): ClientError {
  return new ClientError(
    'limit',
    `the decompressed answer has ${size}: raise the limit if you trust the server`,
  );
}
