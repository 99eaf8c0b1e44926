// The note beside a part of a file: which version of the file on the server it is a part of.
import { access, readFile, rm, writeFile } from 'node:fs/promises';

/** What a part belongs to. */
export interface Partial {
  /** A strong ETag, or the date of the last change; undefined if a part cannot be continued. */
  validator: string | undefined;
}

/** Undefined if there is no part that can be continued. */
export async function readNote(part: string): Promise<Partial | undefined> {
  const [text] = await Promise.all([readFile(noteOf(part), 'utf8'), access(part)]).catch(() => ['']);
  return text === '' ? undefined : { validator: String(text) };
}

export async function writeNote(part: string, { validator }: Partial): Promise<void> {
  if (validator === undefined) await removeNote(part);
  else await writeFile(noteOf(part), validator);
}

export async function removeNote(part: string): Promise<void> {
  await rm(noteOf(part), { force: true });
}

function noteOf(part: string): string {
  return `${part}.version`;
}
