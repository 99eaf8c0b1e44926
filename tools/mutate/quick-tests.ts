// Replaces `node:test` while mutants are tested: it collects tests, and runs them up to the first failure.

/** A test of a file. */
export type CollectedTest = () => unknown;

declare global {
  /** Filled by the imported test files. */
  var collectedTests: CollectedTest[];
}

export function test(_title: string, run: CollectedTest): void {
  globalThis.collectedTests.push(run);
}

export function describe(_title: string, group: () => void): void {
  group();
}
