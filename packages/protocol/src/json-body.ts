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
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge(maxBytes);
  const value = parse(await readLimited(request, maxBytes));
  if (isObject(value)) return value;
  throw new JsonBodyError('body_not_object', 'The body must be a JSON object.');
}

async function readLimited(request: Request, maxBytes: number): Promise<Uint8Array> {
  const collected: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks(request)) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    collected.push(chunk);
  }
  return concat(collected, length);
}

async function* chunks(request: Request): AsyncGenerator<Uint8Array> {
  try {
    if (request.body) yield* request.body;
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
