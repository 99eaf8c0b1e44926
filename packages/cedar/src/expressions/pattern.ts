// The patterns of `like`: text with wildcards, which match any text, also an empty one.

/** A part of a pattern in JSON. */
export type PatternPart = 'Wildcard' | { readonly Literal: string };

/**
 * @example
 * compilePattern([{ Literal: '/notes/' }, 'Wildcard'])('/notes/1'); // true
 */
export function compilePattern(parts: readonly PatternPart[]): (text: string) => boolean {
  const pieces: [string, ...string[]] = [''];
  for (const part of parts) {
    if (part === 'Wildcard') pieces.push('');
    else pieces[pieces.length - 1] += part.Literal;
  }
  const [first, ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const piece of rest) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return at <= end;
  };
}
