// Writes JSON as Python's json.dumps does by default: with ", " and ": " between items, and with escapes for
// all characters outside of ASCII (RFC 8259 §7). Refuses numbers that are not safe integers, because the two
// languages write them differently.

/** A value that both languages write in the same way. */
export type PythonJson =
  | string
  | number
  | boolean
  | null
  | readonly PythonJson[]
  | { readonly [name: string]: PythonJson };

/**
 * The text that `json.dumps(value)` returns in Python.
 * @throws TypeError for a number that is not a safe integer
 * @example
 * formatPythonJson({ a: [1, 'é'] }); // '{"a": [1, "\\u00e9"]}'
 */
export function formatPythonJson(value: PythonJson): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError('JavaScript and Python write only safe integers in the same way.');
  }
  if (value === null || typeof value !== 'object') return String(value);
  if (isArray(value)) return `[${value.map(formatPythonJson).join(', ')}]`;
  const members = Object.entries(value).map(
    ([name, member]) => `${quote(name)}: ${formatPythonJson(member)}`,
  );
  return `{${members.join(', ')}}`;
}

function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

// Array.isArray does not narrow a union to a readonly array.
function isArray(value: object): value is readonly PythonJson[] {
  return Array.isArray(value);
}
