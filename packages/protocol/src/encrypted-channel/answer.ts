// The answers of an encrypted endpoint: JSON in Python's form. No cache may store them.
import { formatPythonJson, type PythonJson } from '../python-json.ts';
import type { Refusal } from './refusal.ts';

/** A complete answer. */
export interface EncryptedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** ASCII only. */
  readonly body: string;
}

/** An answer with this value. */
export function jsonAnswer(
  status: number,
  value: PythonJson,
  headers?: Record<string, string>,
): EncryptedAnswer {
  return textAnswer(status, formatPythonJson(value), headers);
}

/** An answer with serialized JSON. */
export function textAnswer(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): EncryptedAnswer {
  return {
    status,
    headers: {
      'Content-Type': 'application/json; charset=UTF-8',
      'Content-Length': String(body.length),
      'Cache-Control': 'no-store',
      ...headers,
    },
    body,
  };
}

/** `{"error": …}`, with the fields that its status requires (RFC 9110 §15.5.6, RFC 6585 §4). */
export function refusalAnswer({ answer }: Refusal): EncryptedAnswer {
  const { status, error, retryAfterSeconds } = answer;
  return jsonAnswer(
    status,
    { error },
    {
      ...(status === 405 && { Allow: 'GET, POST' }),
      ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    },
  );
}
