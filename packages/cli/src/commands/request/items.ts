// Items after the URL, as in HTTPie: `name==value` for the query, `Name:value` for a header, `field=value`
// and `field:=JSON` for a body of JSON, `field@FILE` to upload a file. With `@FILE` after the sign, the value
// is read from a file. A backslash before a separator makes it an ordinary character.
import { readFile } from 'node:fs/promises';
import { cannotRead, usageError } from '../../exit-status.ts';
import { decodeText } from '../../input/decode-text.ts';

/** What the items add to a request. */
export interface Items {
  query: (readonly [name: string, value: string])[];
  /** An empty value removes a header that the command would send itself. */
  headers: (readonly [name: string, value: string])[];
  fields: ItemField[];
}

/** A field of the body: a value of JSON, or a file to upload. */
export type ItemField = { name: string; value: unknown } | { name: string; path: string };

/** Throws `CliError`; no message repeats a value, which may be a secret. */
export async function readItems(items: readonly string[]): Promise<Items> {
  const read: Items = { query: [], headers: [], fields: [] };
  // It would be a header with the name `https`.
  if (items.some((item) => /^(?:https?|ftps?):\/\//i.test(item))) throw usageError('give one URL');
  for (const { name, sign, rest } of items.map(split)) {
    const text = sign.length > 1 && sign.endsWith('@') ? await contentOf(rest) : rest;
    if (sign.startsWith('==')) read.query.push([name, text]);
    else if (sign.startsWith(':=')) read.fields.push({ name, value: parseJson(name, text) });
    else if (sign.startsWith('=')) read.fields.push({ name, value: text });
    else if (sign === '@') read.fields.push({ name, path: rest });
    else read.headers.push([name, sign === ';' ? EMPTY : text.trim()]);
  }
  return read;
}

/** Means a header that is sent with an empty value. An empty string means that it is not sent. */
export const EMPTY = ' ';

/** If several match at the same place, the longest counts. */
const SIGNS = ['==@', ':=@', ':@', '=@', '==', ':=', '=', ':', '@', ';'] as const;

function split(item: string): { name: string; sign: string; rest: string } {
  let name = '';
  for (let at = 0; at < item.length; at += 1) {
    if (item[at] === '\\' && at + 1 < item.length) {
      at += 1;
      name += item[at];
      continue;
    }
    const sign = SIGNS.find((each) => item.startsWith(each, at));
    const isHeaderEnd = sign === ';' && at !== item.length - 1;
    if (sign === undefined || isHeaderEnd) name += item[at];
    else if (name === '') break;
    else return { name, sign, rest: item.slice(at + sign.length) };
  }
  throw usageError(
    'after the URL, each argument should read name==value, Name:value, field=value, field:=JSON or field@FILE',
  );
}

async function contentOf(path: string): Promise<string> {
  const octets = await readFile(path).catch((error) => {
    throw cannotRead(path, error);
  });
  return decodeText(octets, path).replace(/\r?\n$/, '');
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usageError(`the item ${name}:= should be followed by JSON, such as true, 3 or '["a"]'`);
  }
}
