// The parameters of a form (RFC 6749 §3.2): none may come twice, except those that the endpoint allows, and
// an empty one counts as absent (§3.1).

import { parseUrlEncoded } from '../../platform/http/url-encoded.ts';
import { decodeText } from '../../platform/text.ts';
import { OauthError } from './oauth-error.ts';

export interface Parameters {
  /** The value; undefined if it is absent. */
  one(name: string): string | undefined;
  /** All values of a parameter that may come more than once. */
  all(name: string): readonly string[];
  /** The form as text, with some values replaced or added. */
  text(replaced: Readonly<Record<string, string>>): string;
}

/** RFC 8707 §2 and RFC 8693 §2.1. */
const MAY_REPEAT: ReadonlySet<string> = new Set(['resource', 'audience']);
const VALUE_MAX_LENGTH = 32_768;

/** Throws `OauthError`, or `bad_request` for text that is not UTF-8. */
export function readParameters(octets: Uint8Array): Parameters {
  const values = new Map<string, string[]>();
  for (const [name, value] of parseUrlEncoded(decodeText(octets, 'The body', 'bad_request'), 'The body')) {
    if (value === '') continue;
    if (value.length > VALUE_MAX_LENGTH) throw invalid(`${shown(name)} is too long`);
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else if (MAY_REPEAT.has(name)) before.push(value);
    else throw invalid(`${shown(name)} comes more than once`);
  }
  return {
    one(name) {
      const [value, second] = values.get(name) ?? [];
      if (second !== undefined) throw invalid(`${name} comes more than once`);
      return value;
    },
    all: (name) => values.get(name) ?? [],
    text(replaced) {
      const form = new URLSearchParams();
      for (const [name, list] of values) {
        if (!Object.hasOwn(replaced, name)) for (const value of list) form.append(name, value);
      }
      for (const [name, value] of Object.entries(replaced)) form.append(name, value);
      return form.toString();
    },
  };
}

function invalid(what: string): OauthError {
  return new OauthError('invalid_request', `${what}.`);
}

function shown(name: string): string {
  return name.slice(0, 64);
}
