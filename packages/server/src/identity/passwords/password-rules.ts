// The rules for new passwords (NIST SP 800-63B-4 §3.1.1.2): long enough, in code points after normalisation,
// and not common. No rule requires certain characters.
import { GatehouseError } from '@gatehouse/access';

export interface PasswordRules {
  /**
   * Throws `unprocessable`, with the rule in a sentence. `name`: the name of the user; `isAlone`: there is no
   * second factor.
   */
  require(password: string, user: { name: string; isAlone: boolean }): Promise<void>;
}

export interface PasswordRulesDeps {
  minLength: number;
  /** The minimum length of a password that is the only factor. */
  minLengthAlone: number;
  /** Whether this text, in lower case, is among the passwords that attackers try first. */
  isCommon(folded: string): Promise<boolean>;
}

/** In code units, so that normalising and hashing a text never takes long. */
export const PASSWORD_MAX_LENGTH = 1024;

// Names of the service (NIST SP 800-63B-4 §3.1.1.2: context-specific words).
const CONTEXT = ['gatehouse'];

export function createPasswordRules({
  minLength,
  minLengthAlone,
  isCommon,
}: PasswordRulesDeps): PasswordRules {
  return {
    async require(password, { name, isAlone }) {
      requireCharacters(password);
      requireLength(password, isAlone ? Math.max(minLength, minLengthAlone) : minLength);
      const folded = normalized(password).toLowerCase();
      if (isDerivedFrom(folded, [...CONTEXT, name.toLowerCase()])) {
        throw refused('is almost the name of the user or of this service, and attackers try that first');
      }
      if (isRepetition(folded)) throw refused('repeats one character, and attackers try that first');
      if (await isCommon(folded)) throw refused('is a common password, and attackers try those first');
    },
  };
}

/** NFKC, so that the same characters typed on another keyboard give the same octets (§3.1.1.2). */
export function normalized(password: string): string {
  return password.normalize('NFKC');
}

/**
 * Throws `unprocessable` for half of a surrogate pair, which JSON can contain (`\\ud800`). It has no form in
 * UTF-8: every half would become the same replacement character.
 */
export function requireCharacters(password: string): void {
  if (password.isWellFormed()) return;
  throw new GatehouseError(
    'unprocessable',
    'The password has half of a surrogate pair, which is not a character: send whole characters.',
  );
}

function requireLength(password: string, minimum: number): void {
  const isTooLong = password.length > PASSWORD_MAX_LENGTH;
  const length = [...(isTooLong ? password : normalized(password))].length;
  if (length >= minimum && !isTooLong) return;
  throw new GatehouseError(
    'unprocessable',
    `A password has ${minimum} to ${PASSWORD_MAX_LENGTH} characters; this one has ${length}.`,
  );
}

/**
 * Compares the whole password, not its parts (§3.1.1.2): a word, forwards or backwards, with digits or marks.
 */
function isDerivedFrom(folded: string, words: readonly string[]): boolean {
  const bare = folded.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return words.some((word) => {
    const core = word.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
    return (
      folded === word || (core !== '' && [core, core + core, [...core].toReversed().join('')].includes(bare))
    );
  });
}

function isRepetition(folded: string): boolean {
  return new Set(folded).size === 1;
}

function refused(why: string): GatehouseError {
  return new GatehouseError('unprocessable', `This password ${why}: choose another.`);
}
