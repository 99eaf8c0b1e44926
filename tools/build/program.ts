// The program as plain JavaScript: the needed parts of the sources and their dependencies, in few files.
// Before, loading several hundred modules took most of the time of a start.
import { cpSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { asciiOnly } from './ascii-only.ts';
import { builtInsByMember, http2WhenUsed } from './built-ins.ts';
import { startChunks } from './chunks.ts';

/** The sources, and the names of the built files. The files of one entry share their code. */
type Entry = Readonly<Record<string, string>>;

// The data plane is bundled separately, because its process must contain no code of the server
// (ARCHITECTURE.md).
const MAIN: Entry = { main: 'packages/cli/src/main.ts' };
const OTHERS: readonly Entry[] = [
  { dataplane: 'packages/dataplane/src/main.ts' },
  { 'define-config': 'packages/server/src/settings/define-config.ts' },
  { 'hash-thread': 'packages/server/src/identity/passwords/hash-thread.ts' },
  { 'cedar-worker': 'packages/server/src/authz/language/cedar-worker.ts' },
];

/** The files of a request. A server runs long, so there the use of a member should take no extra time. */
const OF_SHORT_COMMANDS = /\/(packages\/(cli|client)|node_modules\/undici)\//;

/** Cedar's library reads it from its own folder, which is now the program's folder. */
const WASM = 'node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm_bg.wasm';

/**
 * Writes the program and its source maps into `folder`, with other entries that share its code. Returns the
 * files of dependencies that are in it.
 */
export async function bundleProgram(folder: string, more: Entry = {}): Promise<Set<string>> {
  const foreign = new Set<string>();
  for (const entry of [{ ...MAIN, ...more }, ...OTHERS]) {
    for (const file of await bundle(entry, folder)) {
      if (file.includes('node_modules')) foreign.add(file);
    }
  }
  cpSync(WASM, join(folder, basename(WASM)));
  return foreign;
}

async function bundle(entry: Entry, folder: string): Promise<string[]> {
  const [name] = Object.keys(entry);
  const chunks = startChunks();
  const builtIns = 'main' in entry && builtInsByMember(OF_SHORT_COMMANDS);
  const build = await rolldown({
    input: entry,
    platform: 'node',
    external: ['bun:ffi'],
    plugins: [builtInsByMember(/./, ['http']), builtIns, http2WhenUsed, chunks.plugin, asciiOnly],
    resolve: {
      alias: {
        // Its main file loads others with a `require` that bundlers cannot find.
        'jsonc-parser': 'jsonc-parser/lib/esm/main.js',
        // Its main file creates functions with `eval`, to warn about deprecated ones. This replacement does
        // nothing.
        depd: 'depd/lib/browser/index.js',
      },
    },
    // A warning is an error, because people do not read the output of a build.
    onwarn(warning) {
      throw new Error(warning.message);
    },
  });
  const { output } = await build.write({
    dir: folder,
    format: 'esm',
    sourcemap: true,
    comments: false,
    codeSplitting: { groups: chunks.groups },
    // The same in every build folder. The map contains the sources.
    sourcemapPathTransform: (path, map) => relative('.', resolve(dirname(map), path)),
    chunkFileNames: `${name}/[name].js`,
  });
  await build.close();
  return output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
}
