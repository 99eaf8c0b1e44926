// Failures of orders, in words for the log, `gatehouse status` and the ledger.

const NAMESPACE = 'urn:ietf:params:acme:error:';
const LONGEST_DETAIL = 400;

/** Why there is no certificate. The message has the answer of the directory, or why there was no answer. */
export class OrderFailure extends Error {
  /** The type of the problem without its namespace, such as `rateLimited` (RFC 8555 §6.7). */
  readonly type: string | undefined;
  /** Milliseconds since the epoch: the directory wants no request before this time. */
  readonly retryAt: number | undefined;

  constructor(
    detail: string,
    options: { type?: string | undefined; retryAt?: number | undefined; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'OrderFailure';
    this.type = options.type;
    this.retryAt = options.retryAt;
  }
}

/** A problem document of the directory (RFC 9457). Its members are checked. */
export interface Problem {
  /** Without the namespace of ACME. */
  type: string;
  detail: string;
}

/** Undefined if `value` is no problem document. */
export function problemFrom(value: unknown): Problem | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, detail, subproblems } = value as Record<string, unknown>;
  if (typeof type !== 'string') return undefined;
  const own = typeof detail === 'string' ? detail : 'no detail';
  // RFC 8555 §6.7.1: subproblems have no subproblems.
  const inner = Array.isArray(subproblems) ? subproblems.map((each) => Object(each).detail) : [];
  const details = [own, ...inner.filter((each) => typeof each === 'string')];
  return { type: oneLine(type.replace(NAMESPACE, '')), detail: oneLine(details.join('; ')) };
}

/** Text from outside for the log: on one line, and not too long. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[^\P{C}]+|\s+/gu, ' ').trim();
  return line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL)}…` : line;
}
