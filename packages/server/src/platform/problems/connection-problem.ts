// Says in words why another server cannot be reached, so that people need not know ECONNREFUSED.

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was interrupted',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up now',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'no network route leads to it',
  ENETUNREACH: 'no network route leads to it',
};

/**
 * If a certificate does not verify, Node's code says why.
 * @example
 * connectionProblem(Object.assign(new Error(), { code: 'ECONNREFUSED' })); // 'nothing listens there'
 */
export function connectionProblem(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? (code === '' ? message : `${message} (${code})`);
}
