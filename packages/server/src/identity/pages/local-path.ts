// Where a page goes afterwards: only to a path of ours, so that a link to our sign-in page cannot lead to
// another site (open redirect, RFC 9700 §4.11.2).

const LOCAL_PATH_LENGTH = 4096;
const BASE = 'https://gatehouse.invalid';

/** The path with its query, or `otherwise` if the text is anything but a path of ours. */
export function localPath(text: string | undefined, otherwise: string): string {
  if (text === undefined || text.length > LOCAL_PATH_LENGTH) return otherwise;
  // Browsers read `//host` and `/\host` as another host, and ignore tabs and line ends within.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it must find
  if (!/^\/(?![/\\])/.test(text) || /[\u0000-\u0020\u007f\\]/.test(text)) return otherwise;
  const url = URL.parse(text, BASE);
  if (url?.origin !== BASE) return otherwise;
  const path = `${url.pathname}${url.search}`;
  return path.startsWith('//') ? otherwise : path;
}
