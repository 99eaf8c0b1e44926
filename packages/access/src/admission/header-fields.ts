// The header fields that policies may read. Fields with the same name are joined (RFC 9110 §5.3).
import type { Fields } from '@gatehouse/cedar';

/**
 * The values of these fields, whose names are in lower case. `fields` has names and values in turn.
 * @example
 * headerFields(['X-Tenant', 'blue'], ['x-tenant']).get('x-tenant'); // 'blue'
 */
export function headerFields(fields: readonly string[], names: readonly string[]): Fields {
  const found = new Map<string, string>();
  if (names.length === 0) return found;
  for (let index = 0; index < fields.length; index += 2) {
    const name = (fields[index] as string).toLowerCase();
    if (!names.includes(name)) continue;
    const value = fields[index + 1] as string;
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return found;
}
