// Reads the JSON object in the body of a request (RFC 8259), up to a limit. Refuses bodies over the limit
// before they are in memory, incomplete bodies, text that is not UTF-8 or not JSON, and JSON that is not an
// object.
import { ProtocolError } from './errors.ts';
import { decodeUtf8 } from './utf8.ts';

/** A JSON object. Its members are not checked. */
export type JsonObject = Record<string, unknown>;

/**
 * What is wrong with a body. Neither code nor message quotes it.
 * @example
 * if (error instanceof JsonBodyError) answer(400, error.message);
 */
export class JsonBodyError extends ProtocolError<
  'body_too_large' | 'body_incomplete' | 'body_not_json' | 'body_not_object'
> {}

/**
 * Reads the body of a request, of at most `maxBytes`. A byte order mark is ignored.
 * @throws JsonBodyError `body_too_large`, `body_incomplete`, `body_not_json` or `body_not_object`
 * @example
 * const { text } = await readJsonObject(request, 8192);
 */
export async function readJsonObject(request: Request, maxBytes: number): Promise<JsonObject> {
  return parseJsonObject(await readBody(request, maxBytes));
}

/** The object in the bytes of a body. Throws JsonBodyError `body_not_json` or `body_not_object`. */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  const value = parse(bytes);
  if (isObject(value)) return value;
  throw new JsonBodyError('body_not_object', 'The body must be a JSON object.');
}

/** The bytes of the body. Throws JsonBodyError `body_too_large` or `body_incomplete`. */
export function readBody({ headers, body }: Request, maxBytes: number): Promise<Uint8Array> {
  return collectBody(body ?? [], { length: headers.get('content-length'), maxBytes });
}

/** A body in parts, and the `Content-Length` that announces it. */
export async function collectBody(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { length: announced, maxBytes }: { length: string | null | undefined; maxBytes: number },
): Promise<Uint8Array> {
  if (Number(announced ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const collected: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks(body)) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    collected.push(chunk);
  }
  return collected.length === 1 && collected[0] ? collected[0] : concat(collected, length);
}

async function* chunks(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw new JsonBodyError('body_incomplete', 'The body ended too early.', { cause });
  }
}

// The message of the parser quotes the text, which must not appear in a log. So only the code is passed on.
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes));
  } catch {
    throw new JsonBodyError('body_not_json', 'The body must be JSON in UTF-8.');
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tooLarge(maxBytes: number): JsonBodyError {
  return new JsonBodyError('body_too_large', `The body must have at most ${maxBytes} bytes.`);
}

function concat(parts: Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
