// Places in lists as they stand in URLs: the time of creation, in milliseconds, and the id.
import type { Cursor } from './store.ts';

export function formatCursor([createdAt, id]: Cursor): string {
  return `${createdAt}.${id}`;
}

/** Text that is no cursor is none: the list begins at its beginning. */
export function parseCursor(text: string | null | undefined): Cursor | undefined {
  const [, createdAt, id] = /^(\d{1,15})\.([\w-]{1,64})$/.exec(text ?? '') ?? [];
  return createdAt !== undefined && id !== undefined ? [Number(createdAt), id] : undefined;
}
