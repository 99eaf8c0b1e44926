// Attributes of users and services: which are valid, and how a change applies to the existing ones.
import type { PrincipalAttributes } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';

const VALUE = 'must be a text of up to 1024 characters, a whole number, true, false, or a list of texts';
const MAX_ATTRIBUTES = 64;

/** Begins with a letter, so that no name has a meaning of its own in JavaScript. */
const attributeName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/i, 'must have up to 64 letters, digits and _, and begin with a letter');

const attributeText = z.string().max(1024);

const attributeValue = z.union([attributeText, z.int(), z.boolean(), z.array(attributeText).max(64)], {
  error: VALUE,
});

/** Attributes by name, as an answer has them. */
export const attributesSchema = z.record(z.string(), attributeValue);

/** Attributes by name, as a request gives them. */
export const newAttributes = z.record(attributeName, attributeValue);

/** The change of attributes that a request asks for. */
export const attributeChange = z.strictObject({
  set: newAttributes.default({}).describe('Attributes to add or replace'),
  remove: z.array(z.string()).max(MAX_ATTRIBUTES).default([]).describe('Names of attributes to remove'),
});

export type AttributeChange = z.output<typeof attributeChange>;

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
