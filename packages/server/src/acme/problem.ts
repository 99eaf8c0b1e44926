// Errors of ACME (RFC 8555 §6.7, RFC 9773 §7.4) and their problem documents (RFC 9457). An unknown object and
// an object of another account get the same answer. An internal error never shows its cause.
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import { TRUNCATED_LENGTH } from './limits.ts';
import { problemTypes } from './problem-types.ts';

export type AcmeErrorType = keyof typeof problemTypes;

export interface AcmeProblem {
  type: string;
  detail: string;
  status: number;
  identifier?: { type: string; value: string } | undefined;
  subproblems?: AcmeProblem[] | undefined;
  /** The supported algorithms, with badSignatureAlgorithm (RFC 8555 §6.2). */
  algorithms?: readonly string[] | undefined;
}

export const identifierSchema = z.object({ type: z.string(), value: z.string() });

export const acmeProblemSchema: z.ZodType<AcmeProblem> = z
  .object({
    type: z.string().describe('`urn:ietf:params:acme:error:` and a type of RFC 8555 §6.7'),
    detail: z.string(),
    status: z.int(),
    identifier: identifierSchema.optional(),
    get subproblems() {
      return z.array(acmeProblemSchema).optional();
    },
    algorithms: z.array(z.string()).readonly().optional(),
  })
  .meta({ id: 'AcmeProblem' });

export interface AcmeErrorOptions {
  status?: number;
  /** The identifier that a subproblem is about (RFC 8555 §6.7.1). */
  identifier?: { type: string; value: string };
  subproblems?: AcmeProblem[];
  algorithms?: readonly string[];
  headers?: Record<string, string>;
  cause?: unknown;
}

/** A refusal. The client gets `message`; only the log gets the cause. */
export class AcmeError extends Error {
  readonly type: AcmeErrorType;
  readonly status: number;
  readonly options: AcmeErrorOptions;

  constructor(type: AcmeErrorType, detail: string, options: AcmeErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = 'AcmeError';
    this.type = type;
    this.status = options.status ?? problemTypes[type].status;
    this.options = options;
  }
}

export function problemOf(error: AcmeError): AcmeProblem {
  const { identifier, subproblems, algorithms } = error.options;
  return {
    type: `urn:ietf:params:acme:error:${error.type}`,
    detail: error.message,
    status: error.status,
    ...(identifier && { identifier }),
    ...(subproblems && { subproblems }),
    ...(algorithms && { algorithms }),
  };
}

/** Combines the refusals of several identifiers into one error (RFC 8555 §6.7.1). */
export function compoundError(errors: readonly AcmeError[]): AcmeError {
  const [first, ...others] = errors;
  if (first === undefined) throw new TypeError('there must be an error');
  const sameType = others.every(({ type }) => type === first.type);
  const detail =
    others.length === 0 ? first.message : `${errors.length} identifiers are refused: see the subproblems.`;
  return new AcmeError(sameType ? first.type : 'compound', detail, { subproblems: errors.map(problemOf) });
}

/** Truncates text from outside, because the store has the details of errors. */
export function truncated(text: string): string {
  return text.length > TRUNCATED_LENGTH ? `${text.slice(0, TRUNCATED_LENGTH)}…` : text;
}

/** The object does not exist, or belongs to another account. The answer does not say which of the two. */
export function unknownResource(what: string): AcmeError {
  return new AcmeError('malformed', `There is no such ${what} of this account.`, { status: 404 });
}

/** The error for the client. Anything unexpected becomes serverInternal without details. */
export function acmeErrorFrom(error: unknown): AcmeError {
  if (error instanceof AcmeError) return error;
  if (!(error instanceof GatehouseError)) return serverFailure(500, error);
  const { status, message, code } = error;
  if (code === 'too_many_requests') return new AcmeError('rateLimited', message, { cause: error });
  if (status >= 500) return serverFailure(status, error);
  return new AcmeError('malformed', message, { status, cause: error });
}

function serverFailure(status: number, cause: unknown): AcmeError {
  const detail = status === 503 ? 'The server cannot do this at the moment.' : 'The server failed.';
  return new AcmeError('serverInternal', detail, { status, cause });
}
