// A message in the form for signatures, without the octets of its body.

/** Names and values of fields in turn, in the order of the message. */
export type FieldLines = readonly string[];

/** A request. */
export interface RequestMessage {
  method: string;
  /** Default: https. */
  scheme?: 'https' | 'http';
  /** The host, with its port: the field Host. */
  authority: string;
  /** In the form of the request line. */
  target: string;
  fields: FieldLines;
  trailers?: FieldLines;
}

/** A response. */
export interface ResponseMessage {
  status: number;
  fields: FieldLines;
  trailers?: FieldLines;
  /** The request that it answers, with the fields as sent: for components with `req`. */
  request?: RequestMessage;
}

/** A message to sign or to verify. */
export type SignedMessage = RequestMessage | ResponseMessage;

/**
 * All values of a field, trimmed (RFC 9110 §5.5), without line folds. `name` is in lower case.
 * @example
 * fieldValues(['Accept', 'text/html', 'accept', '*'], 'accept'); // ['text/html', '*']
 */
export function fieldValues(fields: FieldLines, name: string): string[] {
  const found: string[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const field = fields[index] as string;
    if (field.length !== name.length || field.toLowerCase() !== name) continue;
    found.push(trimmed(fields[index + 1] as string));
  }
  return found;
}

/**
 * The value of a field as a list (RFC 9110 §5.3); undefined without the field. `name` is in lower case.
 * @example
 * fieldText(['Accept', 'text/html', 'accept', '*'], 'accept'); // 'text/html, *'
 */
export function fieldText(fields: FieldLines, name: string): string | undefined {
  const values = fieldValues(fields, name);
  return values.length === 0 ? undefined : values.join(', ');
}

/** RFC 9421 §2.1: obsolete line folding becomes a space. */
function trimmed(value: string): string {
  return value.replaceAll(/[ \t]*\r?\n[ \t]+/g, ' ').replaceAll(/^[ \t]+|[ \t]+$/g, '');
}
