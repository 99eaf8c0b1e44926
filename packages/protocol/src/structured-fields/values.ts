// The values of structured fields (RFC 9651 §3), each with its type, so that a value can be written back
// without a change.
import type { Bytes } from '../crypto/primitives.ts';
import { ProtocolError } from '../errors.ts';

/** A value without parameters (RFC 9651 §3.3). */
export type BareItem =
  | { readonly type: 'integer'; readonly value: number }
  | { readonly type: 'decimal'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'token'; readonly value: string }
  | { readonly type: 'bytes'; readonly value: Bytes }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'date'; readonly value: number }
  | { readonly type: 'display'; readonly value: string };

/** The parameters of a value, in their order (§3.1.2). */
export type Parameters = ReadonlyMap<string, BareItem>;

/** A value with its parameters (§3.3). */
export interface Item {
  readonly value: BareItem;
  readonly params: Parameters;
}

/** A list within parentheses (§3.1.1). */
export interface InnerList {
  readonly items: readonly Item[];
  readonly params: Parameters;
}

/** A member of a list or of a dictionary. */
export type Member = Item | InnerList;

/** A dictionary (§3.2), in its order. */
export type Dictionary = ReadonlyMap<string, Member>;

/**
 * A field without the required structure. The message does not quote the field.
 * @example
 * if (error instanceof StructuredFieldError) refuse();
 */
export class StructuredFieldError extends ProtocolError<'structured_field_invalid'> {}

/**
 * Whether a member is a list within parentheses.
 * @example
 * if (!isInnerList(member)) throw new TypeError('expected a list');
 */
export function isInnerList(member: Member): member is InnerList {
  return 'items' in member;
}
