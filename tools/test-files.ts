// Which test files run together in one process, and which process starts first. Starting a process and
// loading the packages takes half a second of processor time, more than most unit tests.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Test files that share a process. */
export interface TestGroup {
  /** The file, the folder of the files, or the common beginning of their paths. */
  name: string;
  files: readonly string[];
}

/**
 * Files with this common beginning of their paths share a process: `packages/x509/test`, unless they are in a
 * nearer area of LONGEST. Tests from outside are many and take longer, so they share by the first digit of
 * the standard, `conformance/rfc7`, or by the first letter.
 */
const SHARED = /^(?:packages\/[^/]+|tools)\/test(?=\/)|^conformance\/(?:system\/)?(?:rfc\d|.)/;
/** The tests in it wait for other processes, so they are faster in parallel. */
const WAITING = /^packages\/dataplane\/test\/transport\//;
/**
 * Signs that a test needs a separate process: it replaces something for the whole process, which late
 * callbacks of other files would get; it measures its process, which other tests would disturb; or it has
 * hooks that would run for the tests of all files.
 */
const NEEDS_PROCESS =
  /\bmock\.|counted-argon2|process\.(?:chdir|memoryUsage|env\.\w+ =)|^(?:before|after)Each\(/m;

/**
 * The longest start first, so that none of them still runs when all others have ended. Processes that wait
 * for other programs alternate with those that compute.
 */
export const LONGEST = [
  'conformance/system/documentation.test.ts',
  'conformance/system/packages',
  'conformance/system/data-plane-processes.test.ts',
  'conformance/system/start-and-failures.test.ts',
  'conformance/system/configuration.test.ts',
  'conformance/system/webauthn.test.ts',
  'conformance/system/openid-connect-client.test.ts',
  'conformance/system/encrypted-endpoint.test.ts',
  'conformance/system/backup.test.ts',
  'conformance/system/rfc8555-clients.test.ts',
  'conformance/system/kill-and-projections.test.ts',
  'conformance/system/changes-under-load.test.ts',
  'conformance/system/acme-listener.test.ts',
  'conformance/system/witness-address.test.ts',
  'conformance/system/slow-clients.test.ts',
  'conformance/system/c',
  'conformance/system/control-listener-limits.test.ts',
  'conformance/system/k',
  'conformance/system/older-copy.test.ts',
  'conformance/system/s',
  'packages/cli/test/commands',
  'packages/server/test',
  'conformance/c',
  'packages/server/test/server.test.ts',
  'packages/client/test',
  'tools/test',
  'packages/protocol/test',
  'packages/x509/test/keys',
  'conformance/rfc8',
  'conformance/w',
  'packages/server/test/acme',
  'packages/server/test/ca',
  'conformance/rfc6',
  'conformance/h',
  'conformance/a',
  'conformance/rfc9',
  'packages/server/test/gateway/processes/process-handle.test.ts',
  'packages/dataplane/test/transport/transport.test.ts',
  'packages/dataplane/test/transport/handshake.test.ts',
  'conformance/l',
  'conformance/rfc7',
  'packages/server/test/authz',
];

/** The processes in the order of their start. `read` returns the text of a file. */
export function groupTests(files: readonly string[], read: (file: string) => string): TestGroup[] {
  const byName = Map.groupBy(files, (file) => (isAlone(file, read) ? file : areaOf(file)));
  const groups = [...byName].map(([name, members]) => ({ name, files: members.toSorted() }));
  return groups.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

function isAlone(file: string, read: (file: string) => string): boolean {
  return LONGEST.includes(file) || WAITING.test(file) || NEEDS_PROCESS.test(read(file));
}

function areaOf(file: string): string {
  const areas = LONGEST.filter((name) => file.startsWith(`${name}/`));
  const [nearest] = areas.toSorted((a, b) => b.length - a.length);
  return nearest ?? SHARED.exec(file)?.[0] ?? file;
}

function rank({ name }: TestGroup): number {
  const at = LONGEST.indexOf(name);
  return at < 0 ? LONGEST.length : at;
}

// A process loads all its files before it runs their tests. So the time limits are in the files, not here.
const UNLIMITED_MS = 1_800_000;

/**
 * A program in `folder` that runs the tests of a group. An empty suite names each file. The hooks of a file
 * run before and after all files.
 */
export function writeProgram({ name, files }: TestGroup, folder: string): string {
  const suites = files.map((file) => {
    const load = `import(${JSON.stringify(pathToFileURL(resolve(file)).href)})`;
    return `describe(${JSON.stringify(file)}, { timeout: ${UNLIMITED_MS} }, async () => void (await ${load}));\n`;
  });
  const path = join(folder, `${name}.mjs`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `import { describe } from 'node:test';\n${suites.join('')}`);
  return path;
}
