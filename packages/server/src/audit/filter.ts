// Filters the entries of the ledger. Actor and data are stored as JSON text. A member is found by its text in
// this JSON. No other content can look the same, because JSON escapes quotation marks (RFC 8259 §7).
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { EntryRow } from './entry-row.ts';

export interface EntryFilter {
  /** Its beginning is enough, as a list shows it. */
  requestId?: string | undefined;
  /** The actor or the subject of the act. */
  principal?: string | undefined;
  /** The id of an API key or of a token. */
  credential?: string | undefined;
  /** `identity.sign_in`, or `identity` for all types of that part. */
  type?: string | undefined;
  outcome?: string | undefined;
  /** Milliseconds since 1970, like `until`. Entries at `until` are not included. */
  since?: number | undefined;
  until?: number | undefined;
}

type Entries = ExpressionBuilder<{ audit_entries: EntryRow }, 'audit_entries'>;

/** A condition for the entries that match all given members. */
export function matching(builder: Entries, filter: EntryFilter): Expression<SqlBool> {
  const { requestId, principal, credential, type, outcome, since, until } = filter;
  const { eb, and, or } = builder;
  const contains = (column: 'actor' | 'data', text: string) =>
    eb(eb.fn('instr', [column, eb.val(text)]), '>', 0);
  const has = (column: 'actor' | 'data', member: string, value: string) =>
    contains(column, `${JSON.stringify(member)}:${JSON.stringify(value)}`);
  return and([
    ...(requestId === undefined
      ? []
      : [contains('data', `"requestId":${JSON.stringify(requestId).slice(0, -1)}`)]),
    ...(principal === undefined
      ? []
      : [or([has('actor', 'name', principal), eb('subject', '=', principal)])]),
    ...(credential === undefined
      ? []
      : [or(['id', 'keyId', 'tokenId', 'jti'].map((member) => has('data', member, credential)))]),
    // All types that begin with `type.`: the slash is the character after the dot.
    ...(type === undefined
      ? []
      : [or([eb('type', '=', type), and([eb('type', '>', `${type}.`), eb('type', '<', `${type}/`)])])]),
    ...(outcome === undefined ? [] : [eb('outcome', '=', outcome)]),
    ...(since === undefined ? [] : [eb('time', '>=', since)]),
    ...(until === undefined ? [] : [eb('time', '<', until)]),
  ]);
}
