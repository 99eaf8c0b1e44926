// Attributes of users and services: which are valid, and how a change applies to the existing ones.
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

/** Attributes by name, as an answer has them. */
export const attributesSchema = z.record(z.string(), attributeValue);

/** Attributes by name, as a request gives them. */
export const newAttributes = z.record(ownAttributeName, attributeValue);

/** The change of attributes that a request asks for. */
export const attributeChange = z.strictObject({
  set: newAttributes.default({}).describe('Attributes to add or replace'),
  remove: z.array(z.string()).max(MAX_ATTRIBUTES).default([]).describe('Names of attributes to remove'),
});

export type AttributeChange = z.output<typeof attributeChange>;

/** A sentence for each policy in force that attributes which someone has now do not fit. */
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

/** Attributes as events and answers have them, whose lists can change. */
export function plainAttributes(attributes: PrincipalAttributes) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
  );
}
