// Notes in memory. Refuses new notes when there are too many.
import { randomUUID } from 'node:crypto';

export interface Note {
  readonly id: string;
  readonly text: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
}

export interface NoteStore {
  /** In the order of creation. */
  list(): Note[];
  find(id: string): Note | undefined;
  /** The new note. `undefined` if the store is full. */
  add(text: string): Note | undefined;
  /** Whether there was such a note. */
  remove(id: string): boolean;
}

/** Creates an empty store. `clock` returns milliseconds since the epoch. */
export function createNoteStore(clock: () => number, maxNotes: number): NoteStore {
  const notes = new Map<string, Note>();
  return {
    list: () => [...notes.values()],
    find: (id) => notes.get(id),
    add(text) {
      if (notes.size >= maxNotes) return undefined;
      const note: Note = { id: randomUUID(), text, createdAt: new Date(clock()).toISOString() };
      notes.set(note.id, note);
      return note;
    },
    remove: (id) => notes.delete(id),
  };
}
