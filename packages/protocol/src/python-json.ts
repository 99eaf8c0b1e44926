// JSON text as Python's json.dumps writes it by default: ", " and ": " between items, everything outside ASCII escaped
// (RFC 8259 §7). Refuses numbers that are not safe integers, since the two languages spell those differently.

export type PythonJson =
  | string
  | number
  | boolean
  | null
  | readonly PythonJson[]
  | { readonly [name: string]: PythonJson };

/** The text that `json.dumps(value)` gives in Python. Throws TypeError for a number that is not a safe integer. */
export function formatPythonJson(value: PythonJson): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError('Only safe integers have one spelling in JavaScript and Python.');
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

// Array.isArray does not narrow a readonly array out of a union.
function isArray(value: object): value is readonly PythonJson[] {
  return Array.isArray(value);
}
