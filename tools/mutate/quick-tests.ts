// Stands in for `node:test` while mutants are tested: tests are collected, and run to the first failure.

/** A test of a file. */
export type CollectedTest = () => unknown;

declare global {
  /** Filled by the test files that are imported. */
  var collectedTests: CollectedTest[];
}

export function test(_title: string, run: CollectedTest): void {
  globalThis.collectedTests.push(run);
}

export function describe(_title: string, group: () => void): void {
  group();
}
