// Node's own modules in the program, loaded when a member is first used. An `import` of one would load it and
// read every member of it, which took most of the time of a short command: `node:http` has a WebSocket
// client, `node:process` the stream of standard input.
import { builtinModules, createRequire } from 'node:module';
import type { Plugin } from 'rolldown';

const BUILT_IN = /^\0node:(.+)\.cjs$/;
const BY_MEMBER = '\0by-member.cjs';

/** A module that is a function or the process itself, so that its users must get the whole of it. */
const WHOLE = new Set(['events', 'module', 'process', 'stream']);

/** `module` is the name without `node:`, and `members` are the names in it. A read member becomes a value. */
const byMember = `module.exports = (module, members, all = {}) => {
  const define = (member, how) =>
    Object.defineProperty(all, member, { enumerable: true, configurable: true, ...how });
  const read = (member) => process.getBuiltinModule(module)[member];
  for (const member of members)
    define(member, { get: () => define(member, { value: read(member) })[member] });
  return all;
};`;

/** Replaces the modules of Node with such ones where the importing file is one of `users`. */
export const builtInsByMember = (users: RegExp, names: readonly string[] = builtinModules): Plugin => ({
  name: 'built-ins-by-member',
  resolveId(source, importer = '') {
    if (source === BY_MEMBER) return source;
    if (importer.startsWith('\0') || !users.test(importer)) return undefined; // \0: the bundler's own code
    const name = source.replace(/^node:/, '');
    return names.includes(name) ? `\0node:${name}.cjs` : undefined;
  },
  load(id) {
    if (id === BY_MEMBER) return byMember;
    const name = BUILT_IN.exec(id)?.[1];
    return name === undefined ? undefined : builtIn(name);
  },
});

/** `node:assert` is itself a function. Only what fails needs it. */
const ASSERT = "(value, ...more) => value || process.getBuiltinModule('assert')(value, ...more)";

function builtIn(name: string): string {
  if (WHOLE.has(name)) return `module.exports = process.getBuiltinModule('${name}');`;
  const members = JSON.stringify(Object.keys(process.getBuiltinModule(name) ?? {}));
  const all = name === 'assert' ? `, ${ASSERT}` : '';
  return `module.exports = require(${JSON.stringify(BY_MEMBER)})('${name}', ${members}${all});`;
}

const LATER = '\0client-h2.cjs';

// undici loads its part for HTTP/2 with its client, and that part loads `node:http2`, `node:tls` and
// `node:crypto`. In this form, a connection that uses HTTP/2 loads it.
export const http2WhenUsed: Plugin = {
  name: 'http2-when-used',
  resolveId(source, importer) {
    if (importer === LATER)
      return createRequire(import.meta.url).resolve('undici/lib/dispatcher/client-h2.js');
    return source === './client-h2.js' ? LATER : undefined;
  },
  load: (id) =>
    id === LATER ? "module.exports = (...args) => require('./client-h2.js')(...args);" : undefined,
};
