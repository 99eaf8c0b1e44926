// The form of the signature base (RFC 9421 §2.5). It is a separate file, because pages that seal requests
// load it without the rest.

/** A component in the base: its identifier in quotes with its parameters, and its value. */
export type BaseLine = readonly [identifier: string, value: string];

/** The text that is signed. `parameters` is the member of Signature-Input. */
export function baseText(lines: readonly BaseLine[], parameters: string): string {
  const all: readonly BaseLine[] = [...lines, ['"@signature-params"', parameters]];
  return all.map(([identifier, value]) => `${identifier}: ${value}`).join('\n');
}
