// The derived components (RFC 9421 §2.2). Paths and queries have the client's spelling: if an intermediary
// changes it, the signature is invalid.
import type { Parameters } from '../structured-fields/values.ts';
import { malformed } from './errors.ts';
import type { RequestMessage, SignedMessage } from './message.ts';

/** Undefined for a missing parameter of the query. Throws `signature_malformed`. */
export function derivedValue(name: string, params: Parameters, message: SignedMessage): string | undefined {
  if ('status' in message) {
    if (name === '@status') return String(message.status);
    throw malformed(`of a response covers ${printable(name)}, which only requests have`);
  }
  const derive = Object.hasOwn(OF_REQUESTS, name) ? OF_REQUESTS[name] : undefined;
  if (!derive) throw malformed(`covers ${printable(name)}, which is not a component of requests`);
  return derive(message, params);
}

type Derive = (request: RequestMessage, params: Parameters) => string | undefined;

const OF_REQUESTS: Readonly<Record<string, Derive>> = {
  '@method': ({ method }) => method,
  '@target-uri': (request) =>
    isAbsolute(request.target)
      ? request.target
      : `${schemeOf(request)}://${authorityOf(request)}${request.target === '*' ? '' : request.target}`,
  '@authority': authorityOf,
  '@scheme': schemeOf,
  '@request-target': ({ target }) => target,
  '@path': ({ target }) => pathAndQuery(target).path,
  '@query': ({ target }) => pathAndQuery(target).query ?? '?',
  '@query-param': ({ target }, params) => queryParameter(target, String(params.get('name')?.value)),
};

function schemeOf({ scheme = 'https' }: RequestMessage): string {
  return scheme;
}

/** §2.2.3: in lower case, without the default port of the scheme. */
function authorityOf(request: RequestMessage): string {
  const port = schemeOf(request) === 'https' ? ':443' : ':80';
  const authority = request.authority.toLowerCase();
  return authority.endsWith(port) ? authority.slice(0, -port.length) : authority;
}

function isAbsolute(target: string): boolean {
  return /^https?:\/\//i.test(target);
}

interface PathAndQuery {
  path: string;
  /** With its question mark. */
  query: string | undefined;
}

/** §2.2.6, §2.2.7: an empty path is a slash. */
function pathAndQuery(target: string): PathAndQuery {
  const rest = target.replace(/^https?:\/\/[^/?#]*/i, '');
  const at = rest.indexOf('?');
  const path = at < 0 ? rest : rest.slice(0, at);
  return { path: path === '' ? '/' : path, query: at < 0 ? undefined : rest.slice(at) };
}

/** §2.2.8. A signature cannot cover a parameter that comes more than once. */
function queryParameter(target: string, wanted: string): string | undefined {
  const found: string[] = [];
  for (const [name, value] of new URLSearchParams(pathAndQuery(target).query)) {
    if (encoded(name) === wanted) found.push(encoded(value));
  }
  if (found.length > 1) throw malformed('covers a parameter of the query that comes more than once');
  return found[0];
}

/** The percent-encode set of forms (URL Standard §1.3), with %20 for a space. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function printable(name: string): string {
  return name.slice(0, 40);
}
