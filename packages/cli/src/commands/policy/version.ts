// Versions of the policies: whole numbers, 0 for the default.

/** Throws `TypeError`. */
export function parseVersion(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new TypeError('expected the number of a version, such as 3');
}
