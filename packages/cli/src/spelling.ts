// The names that a person may have meant by a misspelled one. The command line's parser measures only the
// distance of two words, so it would offer `--upstream` for `--port`.

const COMMON_SHARE = 0.6;

/**
 * The names that begin like the word, and have most of its letters.
 * @example
 * alike('jsno', ['json', 'data']); // ['json']
 */
export function alike(word: string, names: readonly string[]): string[] {
  return names.filter((name) => name[0] === word[0] && commonShare(word, name) >= COMMON_SHARE);
}

/** How much of the shorter word the two have in common, in any order: 0 to 1. */
function commonShare(word: string, name: string): number {
  const left = [...name];
  let common = 0;
  for (const letter of word) {
    const at = left.indexOf(letter);
    if (at < 0) continue;
    left.splice(at, 1);
    common += 1;
  }
  return common / Math.min(word.length, name.length);
}

/** The question of a message; empty without names. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? '' : `, did you mean ${names.join(' or ')}?`;
}

/** A message with the command that explains more. After a question it is a separate sentence. */
export function withHelp(message: string, command = '--help'): string {
  return message.endsWith('?') ? `${message} See ${command}` : `${message}; see ${command}`;
}
