// Reads the JSON object in the body of a request (RFC 8259), up to a limit. Refuses bodies over the limit
// before they are in memory, incomplete bodies, text that is not UTF-8 or not JSON, and JSON that is not an
// object.
import { CollectedBytes } from './collected-bytes.ts';
import { ProtocolError } from './errors.ts';
import { decodeUtf8 } from './utf8.ts';

/** A JSON object. Its members are not checked. */
export type JsonObject = Record<string, unknown>;

/**
 * What is wrong with a body. Code and message do not quote it.
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
export async function readBody({ headers, body }: Request, maxBytes: number): Promise<Uint8Array> {
  const collected = collectBody(headers.get('content-length'), maxBytes);
  try {
    for await (const chunk of body ?? []) collected.add(chunk);
  } catch (cause) {
    throw cause instanceof JsonBodyError ? cause : incompleteBody(cause);
  }
  return collected.whole();
}

/**
 * Collects a body of at most `maxBytes`. Throws JsonBodyError `body_too_large`, at once if Content-Length is
 * larger.
 */
export function collectBody(announced: string | null | undefined, maxBytes: number) {
  /** The first part is not copied: most bodies have one. */
  let first: Uint8Array | undefined;
  const collected = new CollectedBytes();
  const require = (bytes: number) => {
    if (bytes <= maxBytes) return;
    throw new JsonBodyError('body_too_large', `The body must have at most ${maxBytes} bytes.`);
  };
  require(Number(announced ?? 0));
  return {
    add(chunk: Uint8Array): void {
      require((first?.length ?? 0) + collected.length + chunk.length);
      if (first === undefined && collected.length === 0) {
        first = chunk;
        return;
      }
      if (first) collected.add(first);
      first = undefined;
      collected.add(chunk);
    },
    whole: (): Uint8Array => first ?? collected.take(),
  };
}

/** An incomplete body. */
export function incompleteBody(cause: unknown): JsonBodyError {
  return new JsonBodyError('body_incomplete', 'The body ended too early.', { cause });
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
