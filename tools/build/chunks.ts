// Which modules share a file of the program. Without groups, there is a file for each set of commands that
// share a module, so a short command reads dozens of small files.
import { resolve } from 'node:path';
import type { CodeSplittingGroup, Plugin } from 'rolldown';

const MAIN = 'packages/cli/src/main.ts';

/** What each start loads, and what each command loads that connects to a server. The first match counts. */
const GROUPS = [
  { name: 'start', from: MAIN },
  { name: 'connection', from: 'packages/cli/src/connection/trust.ts' },
  { name: 'request', from: 'packages/cli/src/commands/request/request.ts' },
];

/** The groups, and the plugin that learns which modules import which. */
export function startChunks(): { plugin: Plugin; groups: CodeSplittingGroup[] } {
  const imported = new Map<string, readonly string[]>();
  const closures = new Map<string, Set<string>>();
  const closureOf = (from: string) => {
    const known = closures.get(from);
    if (known !== undefined) return known;
    const closure = reachable(resolve(from), imported);
    closures.set(from, closure);
    return closure;
  };
  return {
    plugin: {
      name: 'start-chunks',
      moduleParsed: ({ id, importedIds }) => void imported.set(id, importedIds),
    },
    groups: GROUPS.map(({ name, from }) => ({
      name,
      // Not the entry, which waits for the command. What the command loads must not wait for it.
      test: (id) => id !== resolve(MAIN) && closureOf(from).has(id),
    })),
  };
}

/** Names everything of a package, so that what is used of it is not known here. */
const INDEX = /\/packages\/[^/]+\/src\/index\.ts$/;

/** All modules that `from` imports, directly or not, except those that it loads later. */
function reachable(from: string, imported: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set([from]);
  for (const id of reached) {
    for (const next of imported.get(id) ?? []) if (!INDEX.test(next)) reached.add(next);
  }
  return reached;
}
