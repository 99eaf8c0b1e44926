// Configuration files in TypeScript or JavaScript: their default export. A file may be in any folder. Our
// names resolve to this program, and TypeScript with import and export is read as a module, even if the
// nearest package.json says otherwise. The file, and the files that it imports by path, are read again each
// time.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const OWN_NAMES = new Set(['@gatehouse/gatehouse', '@gatehouse/server', 'gatehouse']);

/** Node caches every module under its URL, so each reading uses new URLs. */
const READING = 'gatehouse-reading';
let readings = 0;

/** A copy of the default export of the file. Throws the errors of the file. */
export async function importConfiguration(path: string): Promise<unknown> {
  readings += 1;
  const file = pathToFileURL(path).href;
  const url = `${file}?${READING}=${readings}`;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (OWN_NAMES.has(specifier)) {
        return { url: import.meta.resolve('#define-config'), shortCircuit: true };
      }
      const found = next(specifier, context);
      return isReadAgain(found.url, context.parentURL) ? { ...found, url: marked(found.url) } : found;
    },
    load: (loaded, context, next) =>
      next(loaded, loaded.includes('.ts?') ? { ...context, format: 'module-typescript' } : context),
  });
  try {
    const module = (await import(url)) as { default?: unknown };
    // A copy, because settings from other sources are added to it. A value that cannot be copied, such as a
    // function, is not a setting.
    return structuredClone(module.default);
  } finally {
    hooks.deregister();
  }
}

/** One line. Only the stack of a syntax error names the line in the file. */
export function moduleProblem(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'DataCloneError')
    return 'it has a function, a promise, or another value that is not a setting: export the object itself';
  const [first = ''] = error.message.replaceAll(new RegExp(`\\?${READING}=\\d+`, 'g'), '').split('\n');
  const message = plainly(first);
  const file = pathToFileURL(path).href;
  const [place = ''] = (error.stack ?? '').split('\n');
  if (!place.startsWith(file)) return message;
  const line = /^(?:\?[^:]*)?:(\d+)/.exec(place.slice(file.length))?.[1];
  return line === undefined ? message : `line ${line}: ${message}`;
}

/** Explains Node's messages about the usual mistakes, for people who do not know its terms. */
function plainly(message: string): string {
  if (/^(?:module|exports) is not defined in ES module scope/.test(message))
    return `it is a CommonJS module: write "export default { … }" instead of "module.exports = { … }"`;
  if (/^require is not defined/.test(message)) return 'it uses require: write import instead';
  const [, missing] = /^Cannot find (?:package|module) '([^']+)'/.exec(message) ?? [];
  if (missing !== undefined)
    return `it imports ${missing}, which is not there: defineConfig comes from '@gatehouse/gatehouse', other files by their path`;
  const [, syntax] = /^TypeScript (.+) (?:is|are) not supported in strip-only mode/.exec(message) ?? [];
  if (syntax !== undefined)
    return `it uses ${syntax}, which has to be compiled: write it in plain JavaScript`;
  return message.replace("'<eof>'", 'the end of the file');
}

/** Files beside the configuration, not packages. */
function isReadAgain(url: string, parent: string | undefined): boolean {
  const isOurs = parent?.includes(`?${READING}=`) === true;
  return isOurs && url.startsWith('file:') && !url.includes('/node_modules/') && !url.includes('?');
}

function marked(url: string): string {
  return `${url}?${READING}=${readings}`;
}
