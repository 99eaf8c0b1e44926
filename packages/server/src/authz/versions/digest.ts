// The digest of a set of policy files: equal sets have equal digests.
import { createHash } from 'node:crypto';
import type { PolicyFile } from '../language/index.ts';

/** `sha256:` and hex, of the names and texts in the order of the names. */
export function digestOf(files: readonly PolicyFile[]): string {
  const inOrder = files.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const text = JSON.stringify(inOrder.map(({ name, text }) => [name, text]));
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
