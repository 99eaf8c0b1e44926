// The answers of the samples: JSON as Python writes it, entity tags, and conditional requests (RFC 9110
// §8.8.3, §13.1.2). Errors are a short JSON text without the cause.
import { formatPythonJson, type PythonJson } from '@gatehouse/protocol';

/** A JSON answer with its length. Other headers are added unchanged. */
export function jsonAnswer(
  status: number,
  value: PythonJson,
  headers: Record<string, string> = {},
): Response {
  const body = formatPythonJson(value);
  return new Response(body, {
    status,
    headers: {
      'Content-Type': 'application/json; charset=UTF-8',
      'Content-Length': String(body.length),
      ...headers,
    },
  });
}

/** `{"error": …}` with a status. */
export function errorAnswer(status: number, error: string, headers: Record<string, string> = {}): Response {
  return jsonAnswer(status, { error }, headers);
}

/**
 * Whether If-None-Match names `etag`, so that the client has this version. Tags are compared weakly (RFC 9110
 * §13.1.2).
 */
export function isUnchanged(request: Request, etag: string): boolean {
  const condition = request.headers.get('if-none-match');
  if (condition === null) return false;
  if (condition.trim() === '*') return true;
  return condition.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/** 304 with the entity tag (RFC 9110 §15.4.5). */
export function unchangedAnswer(etag: string): Response {
  return new Response(null, { status: 304, headers: { ETag: etag } });
}
