// Attributes of people, services and routes: the values that they can have.
import { z } from 'zod';

const VALUE = 'must be a text of up to 1024 characters, a whole number, true, false, or a list of texts';

/** Begins with a letter, so that no name has a special meaning in JavaScript. */
export const attributeName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/i, 'must have up to 64 letters, digits and _, and begin with a letter');

const attributeText = z.string().max(1024);

export const attributeValue = z.union([attributeText, z.int(), z.boolean(), z.array(attributeText).max(64)], {
  error: VALUE,
});
