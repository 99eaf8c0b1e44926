// The process that tests mutants: it receives one after another, and answers for each whether a test fails.
// Every mutant has its own copies of all modules of our packages, but not of their dependencies.
import { registerHooks } from 'node:module';
import type { CollectedTest } from './quick-tests.ts';

/** The messages to this process. */
export interface MutantOrder {
  /** The module to replace, and its source; absent: none. */
  replaced?: { url: string; source: string };
  /** The test files. */
  tests: readonly string[];
}

let run = 0;
let replaced: MutantOrder['replaced'];

const STANDS_IN: Readonly<Record<string, string>> = {
  'node:test': new URL('./quick-tests.ts', import.meta.url).href,
  '@cedar-policy/cedar-wasm/nodejs': new URL('./quick-cedar.ts', import.meta.url).href,
};
const OWN = /^file:.*\/packages\/(?!.*\/node_modules\/)/;

registerHooks({
  resolve(specifier, context, next) {
    const standIn = OWN.test(context.parentURL ?? '') ? STANDS_IN[specifier] : undefined;
    if (standIn !== undefined) return { url: standIn, shortCircuit: true };
    const found = next(specifier, context);
    return OWN.test(found.url) ? { ...found, url: `${withoutQuery(found.url)}?${run}` } : found;
  },
  load(url, context, next) {
    if (!replaced || withoutQuery(url) !== replaced.url) return next(url, context);
    return { format: 'module-typescript', source: replaced.source, shortCircuit: true };
  },
});

process.on('message', async (order: MutantOrder) => {
  process.send?.({ fails: await fails(order) });
});

async function fails(order: MutantOrder): Promise<boolean> {
  run += 1;
  replaced = order.replaced;
  const tests: CollectedTest[] = [];
  globalThis.collectedTests = tests;
  try {
    for (const file of order.tests) await import(file);
    if (tests.length === 0) throw new TypeError('there is no test');
    for (const test of tests) await test();
    return false;
  } catch {
    return true;
  }
}

function withoutQuery(url: string): string {
  return url.replace(/\?.*$/, '');
}
