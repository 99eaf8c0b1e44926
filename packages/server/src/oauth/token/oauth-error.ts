// Errors in the form of OAuth (RFC 6749 §5.2): `error`, and a description for the developer of the client.
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import type { Answer } from '../../platform/http/answer.ts';
import { json } from '../../platform/http/answer.ts';
import type { ErrorForm } from '../../platform/http/route.ts';
import type { Log } from '../../platform/log/log.ts';

/** A refusal with a code of the standard. */
export class OauthError extends Error {
  readonly error: string;
  readonly status: number;

  constructor(error: string, description: string, status = 400) {
    super(description);
    this.error = error;
    this.status = status;
  }
}

/** The client could not be authenticated (RFC 6749 §5.2). The answer does not have the reason. */
export function invalidClient(): OauthError {
  return new OauthError('invalid_client', 'The client is unknown or disabled, or its secret is wrong.', 401);
}

const oauthErrorSchema = z
  .object({ error: z.string(), error_description: z.string() })
  .meta({ id: 'OauthError' });

/** RFC 6749 §4.1.2.1 allows these characters only. */
const NOT_ALLOWED = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

export function oauthErrors(log: Log): ErrorForm {
  return {
    mediaType: 'application/json',
    schema: oauthErrorSchema,
    answer(error, requestId) {
      const { error: code, message, status } = oauthErrorOf(error);
      if (status >= 500) log.event('control.request_failed', { requestId, error });
      const description = message.replace(NOT_ALLOWED, "'");
      return errorAnswer({ error: code, error_description: description }, status);
    },
  };
}

function errorAnswer(body: z.output<typeof oauthErrorSchema>, status: number): Answer {
  const challenge = status === 401 && {
    'www-authenticate': `Basic realm="gatehouse", error="${body.error}"`,
  };
  const later = status === 429 && { 'retry-after': '2' };
  return json(body, status, { pragma: 'no-cache', ...challenge, ...later });
}

function oauthErrorOf(error: unknown): OauthError {
  if (error instanceof OauthError) return error;
  if (!(error instanceof GatehouseError)) return serverError(500);
  const { status, message } = error;
  if (status >= 500) return serverError(status);
  return new OauthError('invalid_request', message, status);
}

function serverError(status: number): OauthError {
  const error = status === 503 ? 'temporarily_unavailable' : 'server_error';
  return new OauthError(error, 'The server failed. Its log has the cause under the request id.', status);
}
