// The problem document of an answer (RFC 9457).

/** Undefined if the answer has none. */
export function problemOf(response: Response, body: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^application\/problem\+json\b/i.test(response.headers.get('content-type') ?? '')) return undefined;
  try {
    const problem: unknown = JSON.parse(body);
    return typeof problem === 'object' && problem !== null ? { ...problem } : undefined;
  } catch {
    return undefined;
  }
}
