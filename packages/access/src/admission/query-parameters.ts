// The parameters of a query that policies may read. A policy and an upstream must never read different
// values. So repeated parameters are refused, and also parameters that some servers read as the same name:
// other spellings of the name, and `;` between parameters.
import type { Fields } from '@gatehouse/cedar';
import { GatehouseError } from '../errors/errors.ts';

/**
 * The decoded values of these parameters, for a query with its `?`. The result has only parameters that are
 * in the query. Throws `bad_request`.
 * @example
 * queryParameters('?tenant=blue&page=2', ['tenant']).get('tenant'); // 'blue'
 */
export function queryParameters(query: string, names: readonly string[]): Fields {
  const found = new Map<string, string>();
  if (names.length === 0 || query.length < 2) return found;
  for (const part of query.slice(1).split(/[&;]/)) {
    const [name, value] = nameAndValue(part);
    const meant = names.find((known) => fold(known) === fold(name));
    if (meant === undefined) continue;
    if (name !== meant) throw refused(meant, `also occurs as "${name}"`);
    if (found.has(meant)) throw refused(meant, 'occurs more than once');
    found.set(meant, value);
  }
  if (found.size > 0 && query.includes(';')) refuseSemicolons(query, found);
  return found;
}

/** Servers that read `;` as `&` end the value there. */
function refuseSemicolons(query: string, found: ReadonlyMap<string, string>): void {
  for (const part of query.slice(1).split('&')) {
    const names = part.split(';').map((piece) => nameAndValue(piece)[0]);
    const meant = part.includes(';') && names.find((name) => found.has(name));
    if (meant) throw refused(meant, 'has a ; beside it: send it as %3B');
  }
}

/** Decoded as in the URL Standard §5.1. */
function nameAndValue(part: string): [name: string, value: string] {
  const at = part.indexOf('=');
  return at < 0 ? [decoded(part), ''] : [decoded(part.slice(0, at)), decoded(part.slice(at + 1))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new GatehouseError(
      'bad_request',
      'The query has a percent sign without two hexadecimal digits, or is not valid UTF-8: encode it as UTF-8.',
    );
  }
}

/**
 * Equal for names that some servers treat as the same, because they ignore case, trim or replace characters,
 * or read `name[]` as a list.
 */
function fold(name: string): string {
  const plain = name.replace(/[[\0].*$/s, '').trim();
  return plain.replaceAll(/[ .]/g, '_').toLowerCase();
}

function refused(name: string, what: string): GatehouseError {
  return new GatehouseError('bad_request', `The query parameter "${name}" ${what}.`);
}
