// Records for a log: one for each call, without queries and secrets.
import type { Hop } from './hops.ts';
import { atStage, type Middleware } from './middleware.ts';
import { isSecretField } from './secret-fields.ts';

/** One call. */
export interface TraceRecord {
  method: string;
  /** Without query and fragment, which may contain secrets. */
  url: string;
  /** Undefined if there was no answer. */
  status: number | undefined;
  error: unknown;
  durationMs: number;
  /** Each request on the network, the first one first. */
  hops: readonly Hop[];
}

/**
 * Calls `record` after the header of each answer, and after each failure.
 * @example
 * const traced = client().with(trace(({ method, url, status }) => console.error(method, url, status)));
 */
export function trace(
  record: (call: TraceRecord) => void,
  now: () => number = () => performance.now(),
): Middleware {
  return atStage('trace', async (request, next) => {
    const { method, url } = request;
    const from = now();
    const hops: Hop[] = [];
    const tell = (status: number | undefined, error?: unknown) =>
      record({ method, url: url.origin + url.pathname, status, error, durationMs: now() - from, hops });
    try {
      const response = await next({ ...request, hops });
      tell(response.status);
      return response;
    } catch (error) {
      tell(undefined, error);
      throw error;
    }
  });
}

/**
 * Header fields for a log: values of secret fields are replaced.
 * @example
 * log.info({ headers: redactHeaders(response.headers, ['x-session']) });
 */
export function redactHeaders(headers: HeadersInit, secret: readonly string[] = []): Record<string, string> {
  const marked = secret.map((name) => name.toLowerCase());
  return Object.fromEntries(
    [...new Headers(headers)].map(([name, value]) => [
      name,
      isSecretField(name, marked) ? '[redacted]' : value,
    ]),
  );
}
