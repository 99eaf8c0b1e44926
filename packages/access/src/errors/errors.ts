// The one class for expected errors. Its codes are in request-errors.ts and operation-errors.ts.
import type { StepUpRequirement } from '../principals/step-up-requirement.ts';
import type { CatalogueEntry } from './catalogue-entry.ts';
import { operationErrors } from './operation-errors.ts';
import { requestErrors } from './request-errors.ts';

const catalogue = { ...requestErrors, ...operationErrors };

/** The codes of docs/errors.md. They do not change between versions. */
export type ErrorCode = keyof typeof catalogue;

interface ErrorOptions {
  cause?: unknown;
  allow?: readonly string[];
  requirement?: StepUpRequirement;
  retryAfterSeconds?: number;
}

/**
 * An expected failure. `message` is safe to show to the client. The cause is for the log only.
 * @example
 * throw new GatehouseError('not_found', 'No route leads to this path.');
 */
export class GatehouseError extends Error {
  readonly code: ErrorCode;
  /** With `method_not_allowed`: the allowed methods (RFC 9110 §15.5.6). */
  readonly allow: readonly string[] | undefined;
  /** With `insufficient_user_authentication`: what is required, for the challenge (RFC 9470 §3). */
  readonly requirement: StepUpRequirement | undefined;
  /** With `too_many_requests`: when to try again, if that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, detail: string, options: ErrorOptions = {}) {
    super(detail, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'GatehouseError';
    this.code = code;
    this.allow = options.allow;
    this.requirement = options.requirement;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  get title(): string {
    return catalogue[this.code].title;
  }

  /** The type of its problem (RFC 9457 §3.1.1). */
  get type(): string {
    const { type }: CatalogueEntry = catalogue[this.code];
    return type ?? `urn:gatehouse:problem:${this.code}`;
  }
}

/**
 * Whether the error means that the disk is full.
 * @example
 * if (isDiskFull(error)) log.error('the disk is full');
 */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  // A user's quota counts like a full disk.
  return error.code === 'store_full' || error.code === 'ENOSPC' || error.code === 'EDQUOT';
}
