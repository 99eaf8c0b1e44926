// The key under which an artifact is stored: a hash, because the ids of most kinds are secrets.
import { hash } from 'node:crypto';

/** The key of the row of an artifact. */
export function keyOf(kind: string, id: string): string {
  return hash('sha256', `${kind}\n${id}`, 'base64url');
}
