// The tokens of Cedar (https://docs.cedarpolicy.com/policies/syntax-grammar.html), only as exact as needed to
// find the end of a policy, a name or a number. Cedar's own parser decides what is valid.

export interface Token {
  kind: 'string' | 'name' | 'number' | 'slot' | 'symbol';
  text: string;
  /** The index into the text. */
  start: number;
}

// A comment ends with its line: with a line feed, a carriage return, or both.
const TOKEN =
  /\s+|\/\/[^\n\r]*|(?<string>"[^"\\]*(?:\\.[^"\\]*)*"?)|(?<name>[A-Za-z_]\w*)|(?<number>\d+)|(?<slot>\?\w+)|(?<symbol>.)/gsuy;

/** Without white space and comments. */
export function* tokensOf(text: string): Generator<Token> {
  for (const { groups, index } of text.matchAll(TOKEN)) {
    for (const [kind, found] of Object.entries(groups ?? {})) {
      if (found !== undefined) yield { kind: kind as Token['kind'], text: found, start: index };
    }
  }
}
