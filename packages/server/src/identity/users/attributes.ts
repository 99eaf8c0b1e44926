// Attributes of users and services: the rules for them, and changes of existing ones.
import type { PrincipalAttributes } from '@gatehouse/access';
import { BUILT_IN_ATTRIBUTES, GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import { attributeName, attributeValue } from '../../platform/settings/attribute-types.ts';

const MAX_ATTRIBUTES = 64;

/** Policies read the name of a user or service as this attribute. */
const ownAttributeName = attributeName.refine(
  (name) => !BUILT_IN_ATTRIBUTES.includes(name),
  'is reserved: in policies, it is the name of the user or service',
);

/** Attributes by name, in an answer. */
export const attributesSchema = z.record(z.string(), attributeValue);

/** Attributes by name, in a request. */
export const newAttributes = z.record(ownAttributeName, attributeValue);

/** The requested change of attributes. */
export const attributeChange = z.strictObject({
  set: newAttributes.default({}).describe('Attributes to add or replace'),
  remove: z.array(z.string()).max(MAX_ATTRIBUTES).default([]).describe('Names of attributes to remove'),
});

export type AttributeChange = z.output<typeof attributeChange>;

/** A sentence for each policy in force that does not fit the current attributes. */
export type AttributeWarnings = (attributes: PrincipalAttributes) => Promise<string[]>;

/** The attributes after the change. Throws `unprocessable` for too many. */
export function changedAttributes(
  before: PrincipalAttributes,
  { set, remove }: AttributeChange,
): PrincipalAttributes {
  const kept = Object.entries(before).filter(([name]) => !remove.includes(name));
  const after = Object.fromEntries([...kept, ...Object.entries(set)]);
  if (Object.keys(after).length <= MAX_ATTRIBUTES) return after;
  throw new GatehouseError('unprocessable', `There may be ${MAX_ATTRIBUTES} attributes at most.`);
}

/** Attributes in the form of events and answers, with mutable lists. */
export function plainAttributes(attributes: PrincipalAttributes) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
  );
}
