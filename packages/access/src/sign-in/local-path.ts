// The target after a sign-in: only a path of the same host, so that a link to the sign-in page cannot lead to
// another site (open redirect, RFC 9700 §4.11.2).

/** Long enough for a path of the gateway inside the URL of the sign-in page. */
const LOCAL_PATH_LENGTH = 8192;
const BASE = 'https://gatehouse.invalid';

/**
 * The path with its query, or `otherwise` if the text is not a path of this host.
 * @example
 * const location = localPath(query.get('next'), '/');
 */
export function localPath(text: string | undefined, otherwise: string): string {
  if (text === undefined || text.length > LOCAL_PATH_LENGTH) return otherwise;
  // Browsers read `//host` and `/\host` as another host, and ignore tabs and line ends in a URL.
  if (!/^\/(?![/\\])[!-~]*$/.test(text) || text.includes('\\')) return otherwise;
  const url = URL.parse(text, BASE);
  if (url?.origin !== BASE) return otherwise;
  const path = `${url.pathname}${url.search}`;
  return path.startsWith('//') ? otherwise : path;
}
