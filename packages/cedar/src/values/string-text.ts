// Strings and names in Cedar's syntax (https://docs.cedarpolicy.com/policies/syntax-grammar.html). Its
// escapes differ from those of JSON: `\u{7}` instead of `\u0007`.

/**
 * @example
 * stringText('a "b"'); // '"a \\"b\\""'
 */
export function stringText(text: string): string {
  return JSON.stringify(text).replaceAll(
    /\\(?:u(?<code>[0-9a-f]{4})|(?<letter>.))/g,
    (written, code, letter) => {
      const number = letter === 'b' ? 8 : letter === 'f' ? 12 : Number.parseInt(code, 16);
      return Number.isNaN(number) ? written : `\\u{${number.toString(16)}}`;
    },
  );
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const RESERVED = new Set(['true', 'false', 'if', 'then', 'else', 'in', 'is', 'like', 'has', '__cedar']);

/**
 * Whether a name needs no quotes.
 * @example
 * isName('department'); // true
 */
export function isName(text: string): boolean {
  return NAME.test(text) && !RESERVED.has(text);
}
