// What steps need of any Response: a field, and the end of a body that is not read. Our own responses do
// both without making what they do not need. Loads nothing of Node.

interface Lean {
  field(name: string): string | undefined;
  discard(): Promise<void>;
}

/** The value of a field, without making the other headers. */
export function fieldOf(response: Response, name: string): string | null {
  return isLean(response) ? (response.field(name) ?? null) : response.headers.get(name);
}

/** Gives the connection of an unread response back. */
export async function discard(response: Response): Promise<void> {
  if (isLean(response)) await response.discard();
  else await response.body?.cancel();
}

function isLean(response: Response | (Response & Lean)): response is Response & Lean {
  return 'discard' in response;
}
