// Finds paths that some servers read as another path. Some merge empty segments, remove path parameters,
// decode twice, or read `\` and encoded slashes as separators. Windows drops dots and spaces at the end of a
// name, and the stream after `::$`. Frameworks that normalise Unicode (NFKC, UAX #15) convert other
// characters to `/`, `\` and `.`.

/** An ambiguity of a path. */
export interface Ambiguity {
  /** `a segment that ends in a dot or a space` */
  flaw: string;
  /** The path that such a server reads. */
  otherPath: string;
}

// The fast case for most paths: they have no ambiguous character.
const PLAIN_PATH = /^(?=\/)(?:\/[\w~-]+(?:\.[\w~-]+)*)*\/?$/;

export function isPlainPath(path: string): boolean {
  return PLAIN_PATH.test(path);
}

/** Takes a path from `parseRequestTarget`. */
export function ambiguityOf(path: string): Ambiguity | undefined {
  if (isPlainPath(path)) return undefined;
  const flaw = flawOf(path);
  return flaw === undefined ? undefined : { flaw, otherPath: foldedPath(path) };
}

function flawOf(path: string): string | undefined {
  if (path.includes('//')) return 'an empty segment (//)';
  for (const segment of path.split('/')) {
    const flaw = segmentFlaw(segment);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function segmentFlaw(segment: string): string | undefined {
  if (segment.includes(';') || segment.includes('%3B')) return 'a path parameter (;)';
  if (/%2F|%5C/.test(segment)) return 'an encoded slash or a backslash';
  // The digits after %25 may have been encoded themselves; they are decoded here.
  if (/%25[0-9A-Fa-f]{2}/.test(segment)) return 'double encoding';
  if (segment.includes('::$')) return 'the name of a file stream';
  const text = segment.includes('%') ? decodeURIComponent(segment) : segment;
  const character = characterForSeparator(text);
  if (character)
    return `the character ${character}, which some servers read as a slash, a backslash or a dot`;
  return /[^.]\.+$| $/.test(text.normalize('NFKC')) ? 'a segment that ends in a dot or a space' : undefined;
}

// FRACTION SLASH, DIVISION SLASH and SET MINUS: Windows converts them to separators; NFKC does not.
const SEPARATORS_IN_DISGUISE = /[\u2044\u2215\u2216]/g;

function characterForSeparator(text: string): string | undefined {
  for (const character of text) {
    if (character <= '\x7f') continue;
    if (/[/\\.]/.test(character.replace(SEPARATORS_IN_DISGUISE, '/').normalize('NFKC'))) return character;
  }
  return undefined;
}

/** Combines all these readings: the path that such servers could read. */
function foldedPath(path: string): string {
  const twice = decodedAgain(decodeURIComponent(path));
  const text = twice.replaceAll(SEPARATORS_IN_DISGUISE, '/').normalize('NFKC');
  const names: string[] = [];
  for (const part of text.split(/[/\\]/)) {
    const name = part.replace(/;.*$/s, '').trim();
    if (name === '..') names.pop();
    else if (name !== '.') names.push(name.replace(/::\$.*$/s, '').replace(/[.\s]+$/, ''));
  }
  return `/${names.filter(Boolean).map(encodeName).join('/')}`;
}

function decodedAgain(text: string): string {
  return text.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll(/%(?:24|26|2B|2C|3A|3D|40)/g, decodeURIComponent);
}
