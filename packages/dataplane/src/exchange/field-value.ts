// Finds a field in a list.
import type { FieldList } from '../http1/messages.ts';

/** The first value of the field; `name` is in lower case. */
export function fieldValue(fields: FieldList, name: string): string | undefined {
  for (let index = 0; index < fields.length; index += 2) {
    const field = fields[index] as string;
    if (field.length === name.length && field.toLowerCase() === name) return fields[index + 1];
  }
  return undefined;
}
