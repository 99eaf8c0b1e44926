// Configuration files in JSON with comments and trailing commas (.json, .jsonc). Refuses a key that is given
// twice, because the first one would be lost silently. Every error names the line and the column.
import type { Node, ParseError } from 'jsonc-parser';
import { parseTree, printParseErrorCode } from 'jsonc-parser';

/** Throws an `Error` with the place and the reason. */
export function parseJson(text: string): unknown {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  const isEmpty = !root && (!error || printParseErrorCode(error.error) === 'ValueExpected');
  if (isEmpty) throw new Error('it is empty: write at least {}');
  if (error) throw new Error(`${placeOf(text, error.offset)}: ${reasonOf(text, error)}`);
  return root && contentOf(root, text);
}

/** Does not use `getNodeValue`, because then `__proto__` could change the object itself. */
function contentOf(node: Node, text: string): unknown {
  const { type, children = [] } = node;
  if (type === 'array') return children.map((child) => contentOf(child, text));
  if (type !== 'object') return node.value as unknown;
  const object = {};
  for (const { children: [key, value] = [] } of children) {
    if (!key || !value) continue;
    const name = String(key.value);
    if (Object.hasOwn(object, name)) throw repeated(text, key, name);
    Object.defineProperty(object, name, {
      value: contentOf(value, text),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return object;
}

function repeated(text: string, { offset }: Node, name: string): Error {
  return new Error(`${placeOf(text, offset)}: ${name} is given twice: remove one of the two`);
}

function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `line ${line}, column ${offset - before.lastIndexOf('\n')}`;
}

const REASONS: Readonly<Record<string, (what: string) => string>> = {
  InvalidSymbol: (what) => `${what} is not JSON: write keys and texts in "double quotes"`,
  InvalidNumberFormat: (what) => `${what} is not a number`,
  PropertyNameExpected: (what) => `${what} is where a key in "double quotes" must be`,
  ValueExpected: (what) => `a value is missing before ${what}`,
  ColonExpected: (what) => `a colon is missing before ${what}`,
  CommaExpected: (what) => `a ${missingBefore(what)} is missing before ${what}`,
  CloseBraceExpected: (what) => `a } is missing before ${what}`,
  CloseBracketExpected: (what) => `a ] is missing before ${what}`,
  EndOfFileExpected: (what) => `${what} is after the end of the configuration: remove it`,
  UnexpectedEndOfComment: () => 'a comment has no end: close it with */',
  UnexpectedEndOfString: () => 'a text has no closing quote on its line',
  InvalidUnicode: () => 'a text has a \\u escape that is not a character',
  InvalidEscapeCharacter: () => 'a text has an escape that JSON does not know: write a backslash as \\\\',
  InvalidCharacter: () => 'a text has a character that must be escaped, such as a tab as \\t',
};

/** The right bracket for the list or object that a wrong bracket ends. */
function missingBefore(what: string): string {
  if (what === '}') return ']';
  return what === ']' ? '}' : 'comma';
}

const LONGEST = 20;

function reasonOf(text: string, { offset, length, error }: ParseError): string {
  const code = printParseErrorCode(error);
  const found = text.slice(offset, offset + length).split('\n')[0] ?? '';
  if (found === '') return `the file ends too early: ${ENDINGS[code] ?? 'a value is missing'}`;
  // A text may be a secret.
  const isShown = found.length <= LONGEST && !/^["']/.test(found);
  const what = isShown ? found : found.startsWith("'") ? 'a text in single quotes' : 'a text';
  return REASONS[code]?.(what) ?? `${what} is not valid JSON`;
}

const ENDINGS: Readonly<Record<string, string>> = {
  CloseBraceExpected: 'a } is missing',
  CloseBracketExpected: 'a ] is missing',
  ColonExpected: 'a colon and a value are missing',
  CommaExpected: 'a } or ] is missing',
  UnexpectedEndOfString: 'a closing quote is missing',
  UnexpectedEndOfComment: 'a comment must end with */',
  PropertyNameExpected: 'a } is missing',
};
