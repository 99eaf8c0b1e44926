// Which entries of the ledger a reader asks for. Actor and data are stored as JSON text: a member is found by
// its text in there, which no other content can imitate, because JSON escapes quotation marks (RFC 8259 §7).
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { EntryRow } from './entry-row.ts';

export interface EntryFilter {
  /** Its beginning is enough, as a list shows it. */
  requestId?: string | undefined;
  /** Who did it, or whom it is about. */
  principal?: string | undefined;
  /** The id of an API key or of a token. */
  credential?: string | undefined;
  /** `identity.sign_in`, or `identity` for all of that part. */
  type?: string | undefined;
  outcome?: string | undefined;
  /** Milliseconds since 1970, like `until`, which is not included. */
  since?: number | undefined;
  until?: number | undefined;
}

type Entries = ExpressionBuilder<{ audit_entries: EntryRow }, 'audit_entries'>;

/** A condition for the entries that match all that is given. */
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
    // All that begins with `type.`: the slash is the character after the dot.
    ...(type === undefined
      ? []
      : [or([eb('type', '=', type), and([eb('type', '>', `${type}.`), eb('type', '<', `${type}/`)])])]),
    ...(outcome === undefined ? [] : [eb('outcome', '=', outcome)]),
    ...(since === undefined ? [] : [eb('time', '>=', since)]),
    ...(until === undefined ? [] : [eb('time', '<', until)]),
  ]);
}
