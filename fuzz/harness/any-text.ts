// Text of any characters, for properties. The unit `binary` of fast-check is the same, but first makes a
// table of all 1.1 million characters, which takes more time and memory than all tests of a package.
import fc from 'fast-check';

const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;
const LAST = 0x10ffff;

const characterOf = (index: number) =>
  String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES);

/** Throws if it is not one character. fast-check asks which of its words the unit can spell. */
function indexOf(text: unknown): number {
  const [character = '', ...more] = String(text);
  const code = character.codePointAt(0);
  if (code === undefined || more.length > 0) throw new TypeError('not one character');
  return code < FIRST_SURROGATE ? code : code - SURROGATES;
}

/** Valid Unicode, also with the words that are members of objects in JavaScript. */
export const anyText: fc.Arbitrary<string> = fc.string({
  unit: fc.nat(LAST - SURROGATES).map(characterOf, indexOf),
});
