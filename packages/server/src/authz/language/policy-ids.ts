// Ids of policies: they must be unique, because the ledger and explanations name policies by them.
import type { PolicyFinding } from './policy-file.ts';
import type { Place } from './source-text.ts';

/** The ids of policies that this product makes. An applied policy must not replace them. */
const RESERVED = ['route:', 'built-in:'];
const ID = /^[^\p{C}]{1,255}$/u;

export interface Identified {
  id: string;
  place: Place;
}

/** In the order of the files. */
export function checkIds(all: readonly Identified[]): PolicyFinding[] {
  const known = new Map<string, Place>();
  return all.flatMap(({ id, place }) => {
    const problem = invalidId(id) ?? duplicate(id, known.get(id));
    if (!known.has(id)) known.set(id, place);
    return problem ? [{ severity: 'error', ...place, policy: id, ...problem }] : [];
  });
}

function invalidId(id: string) {
  if (!ID.test(id))
    return {
      message: `${JSON.stringify(id)} cannot be an id: an id has 1 to 255 printable characters.`,
      help: 'Write `@id("…")`.',
    };
  const prefix = RESERVED.find((each) => id.startsWith(each));
  if (prefix === undefined) return undefined;
  return {
    message: `The id "${id}" begins with \`${prefix}\`, as the ids of Gatehouse’s own policies do.`,
    help: 'Choose another id.',
  };
}

function duplicate(id: string, first: Place | undefined) {
  if (!first) return undefined;
  return {
    message: `The id "${id}" is taken: ${first.file}:${first.line} has it, too.`,
    help: 'Give each policy its own `@id("…")`, or none.',
  };
}
