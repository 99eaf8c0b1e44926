// Finds a member that a JSON text has twice. Parsers disagree on which one to use (RFC 8259 §4), so a checked
// body could have another meaning for the next program.

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g;

/** The name of the first repeated member; undefined if there is none. The text must be valid JSON. */
export function repeatedMember(text: string): string | undefined {
  /** The names of each open object; null for an array. */
  const open: (Set<string> | null)[] = [];
  let previous = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const name = JSON.parse(previous) as string;
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
    previous = token;
  }
  return undefined;
}
