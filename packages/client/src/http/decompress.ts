// Decodes Content-Encoding (RFC 9110 §8.4), with limits for size and ratio. Does not decode unknown
// encodings.
import { Duplex, pipeline, type Readable, Transform } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { ClientError } from '../errors.ts';
import type { Limits } from './limits.ts';

/** The encodings that the client asks for. */
export const ACCEPT_ENCODING = 'gzip, deflate, br, zstd';

const MAX_ENCODINGS = 3;
const FREE_BYTES = 1024 ** 2;

const decoders: Readonly<Record<string, () => Duplex>> = {
  gzip: () => allowNothing(createGunzip()),
  'x-gzip': () => allowNothing(createGunzip()),
  deflate: createAnyInflate,
  br: () => allowNothing(createBrotliDecompress()),
  zstd: () => allowNothing(createZstdDecompress()),
};

/** How far to decompress, and what an error becomes. */
export interface DecompressRules {
  limits: Required<Limits>;
  typed(error: Error): unknown;
}

/** The body without its encodings. An error of either stream reaches the result. */
export function decompress(body: Readable, field: string, { limits, typed }: DecompressRules): Readable {
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
  const steps = encodings.toReversed().map((name) => (decoders[name] as () => Duplex)());
  const explain = (error: Error) => {
    const isKnown = error instanceof ClientError || error === broken;
    return typed(isKnown ? error : undecodable(encodings, error)) as Error;
  };
  const guard = createGuard(() => received, limits, explain);
  pipeline([body, ...steps, guard] as [Readable, Transform], (error) => {
    if (error) guard.destroy(error);
  });
  return guard;
}

/** Some servers name an encoding also for an answer without content, as browsers and curl accept. */
function allowNothing<Decoder extends Transform & { readonly bytesWritten: number }>(
  decoder: Decoder,
): Decoder {
  const flush = decoder._flush.bind(decoder);
  decoder._flush = (callback) => (decoder.bytesWritten === 0 ? callback() : flush(callback));
  return decoder;
}

/** Some servers send deflate without the format zlib around it (RFC 9110 §8.4.1.2). */
function createAnyInflate(): Duplex {
  return Duplex.from(async function* (body: AsyncIterable<Buffer>) {
    const rest = body[Symbol.asyncIterator]();
    let head = Buffer.alloc(0);
    for (let next = await rest.next(); !next.done; next = await rest.next()) {
      head = Buffer.concat([head, next.value]);
      if (head.length >= 2) break;
    }
    if (head.length === 0) return;
    const whole = async function* () {
      yield head;
      for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
    };
    yield* pipeline(whole, (isZlib(head) ? createInflate : createInflateRaw)(), () => {});
  });
}

/** RFC 1950 §2.2: deflate, and a check of the first two octets. */
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
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
