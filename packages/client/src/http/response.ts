// Two functions for any Response: to read a field, and to discard an unread body. For our own responses both
// are fast, because they create no Headers and no stream. Loads nothing of Node.

interface Lean {
  field(name: string): string | undefined;
  discard(): Promise<void>;
}

/** The value of a field, without creating the other headers. */
export function fieldOf(response: Response, name: string): string | null {
  return isLean(response) ? (response.field(name) ?? null) : response.headers.get(name);
}

/** Frees the connection of an unread response. */
export async function discard(response: Response): Promise<void> {
  if (isLean(response)) await response.discard();
  else await response.body?.cancel();
}

function isLean(response: Response | (Response & Lean)): response is Response & Lean {
  return 'discard' in response;
}
