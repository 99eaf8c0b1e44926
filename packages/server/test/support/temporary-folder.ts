// A temporary folder for a test, removed afterwards.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where cleanup is registered: the context of a test, or `{ after }` of node:test for a whole file. */
export interface Scope {
  after(undo: () => void | Promise<void>): void;
}

export function temporaryFolder(scope: Scope): string {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  scope.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}
