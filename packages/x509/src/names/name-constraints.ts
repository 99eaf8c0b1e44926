// Name constraints (RFC 5280 §4.2.1.10): the names that certificates below an authority may have. Refuses
// empty constraints. A name that cannot be compared, or is only partly in a subtree, counts as excluded and
// never as permitted.
import type { DerReader } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC } from '../der/tags.ts';
import { type Der, implicit, sequence } from '../der/write.ts';
import { DerError } from '../errors.ts';
import { ATTRIBUTE_OID } from '../oids.ts';
import { formatGeneralName, type ParsedGeneralName } from './general-name.ts';
import { encodeGeneralSubtree, type GeneralSubtree, readGeneralSubtree } from './general-subtree.ts';
import type { DistinguishedName } from './name.ts';
import { isWithin } from './within-subtree.ts';

/**
 * If no subtree of a type is permitted, all names of that type are. A name that is permitted and excluded is
 * excluded.
 */
export interface NameConstraints {
  readonly permitted?: readonly GeneralSubtree[];
  readonly excluded?: readonly GeneralSubtree[];
}

/**
 * Writes the value of a nameConstraints extension.
 * @throws X509Error `general_name_invalid`
 */
export function encodeNameConstraints({ permitted = [], excluded = [] }: NameConstraints): Der {
  return sequence(...encodeSubtrees(0, permitted), ...encodeSubtrees(1, excluded));
}

/**
 * Reads the value of a nameConstraints extension.
 * @throws DerError
 */
export function readNameConstraints(value: DerReader): NameConstraints {
  return value.sequence((fields) => {
    if (fields.atEnd) throw new DerError('name constraints are empty (RFC 5280 §4.2.1.10)', fields.offset);
    return { permitted: readSubtrees(fields, 0), excluded: readSubtrees(fields, 1) };
  });
}

/** All names that name constraints apply to: the subject, its e-mail addresses, and the alternative names. */
export function constrainedNames(
  subject: DistinguishedName,
  subjectAltNames: readonly ParsedGeneralName[],
): ParsedGeneralName[] {
  const directoryName = { type: 'directoryName', value: subject.text, name: subject } as const;
  return [...(subject.rdns.length === 0 ? [] : [directoryName]), ...mailboxes(subject), ...subjectAltNames];
}

/** Describes the first name that breaks the constraints. `undefined` if no name does. */
export function nameConstraintViolation(
  names: readonly ParsedGeneralName[],
  { permitted = [], excluded = [] }: NameConstraints,
): string | undefined {
  if (names.length * (permitted.length + excluded.length) > MAX_COMPARISONS) {
    return 'there are too many names and constraints to compare';
  }
  for (const name of names) {
    const sameForm = (subtree: GeneralSubtree) => formOf(subtree) === formOf(name);
    const excluding = excluded.filter(sameForm).find((subtree) => isWithin(name, subtree) !== false);
    if (excluding !== undefined)
      return `${formatGeneralName(name)} is excluded by ${formatGeneralName(excluding)}`;
    const permitting = permitted.filter(sameForm);
    if (permitting.length === 0 || permitting.some((subtree) => isWithin(name, subtree))) continue;
    return `${formatGeneralName(name)} is not within ${permitting.map(formatGeneralName).join(', ')}`;
  }
  return undefined;
}

/** The same limit as in Go. Real certificates need far fewer comparisons. */
const MAX_COMPARISONS = 250_000;

function encodeSubtrees(number: number, subtrees: readonly GeneralSubtree[]): Der[] {
  return subtrees.length === 0 ? [] : [implicit(number, sequence(...subtrees.map(encodeGeneralSubtree)))];
}

function readSubtrees(fields: DerReader, number: number): GeneralSubtree[] {
  if (fields.nextTag !== (CONTEXT_SPECIFIC | CONSTRUCTED | number)) return [];
  return fields.context(number, (list) => list.nonEmptyList(readGeneralSubtree));
}

/**
 * The e-mail addresses that old certificates have in the subject. A value that is not text becomes empty: it
 * cannot be compared.
 */
function mailboxes({ rdns }: DistinguishedName): ParsedGeneralName[] {
  return rdns
    .flat()
    .filter(({ type }) => type === ATTRIBUTE_OID.emailAddress)
    .map(({ text = '' }) => ({ type: 'rfc822Name', value: text }));
}

function formOf(name: GeneralSubtree): string {
  return name.type === 'uninterpreted' ? `[${name.tagNumber}]` : name.type;
}
