// Errors of usage: what is wrong with the options and arguments of a command. No message repeats a value,
// which may be a secret in the wrong place.
import { ArgumentScannerError, formatMessageForArgumentScannerError } from '@stricli/core';
import { kebab, placeOf } from './command-place.ts';
import { adviceFor, sameOption } from './other-options.ts';
import { visible } from './output/print.ts';
import { alike, didYouMean } from './spelling.ts';

/** What is wrong with the arguments of a command, in a sentence. It never quotes a value. */
export function describeUsage(error: unknown, args: readonly string[]): string {
  const [command] = args;
  if (!(error instanceof ArgumentScannerError)) return String(error);
  return formatMessageForArgumentScannerError(error, {
    ArgumentParseError: ({ externalFlagNameOrPlaceholder, exception }) => {
      const name = optionOrArgument(externalFlagNameOrPlaceholder);
      // Stricli's own parser of switches throws this, and quotes the value.
      if (exception instanceof SyntaxError) return `${name} takes no value`;
      return `${name}: ${exception instanceof Error ? exception.message : String(exception)}`;
    },
    EnumValidationError: ({ externalFlagName, values }) =>
      `${optionOrArgument(externalFlagName)}: expected one of ${values.join(', ')}`,
    FlagNotFoundError: ({ input, corrections }) => noSuchOption(`--${input}`, { args, corrections }),
    UnexpectedFlagError: ({ externalFlagName }) =>
      `${optionOrArgument(externalFlagName)} is given more than once`,
    UnexpectedPositionalError: ({ expectedCount }) => {
      if (command === 'up') return noArguments;
      if (expectedCount === 0) return 'this command takes options and no other arguments';
      return `too many arguments: this command takes ${expectedCount}`;
    },
    UnsatisfiedFlagError: ({ externalFlagName }) => {
      const option = optionOrArgument(externalFlagName);
      // Options with a short form, as in `audit tail -n`, are never required.
      const given = args.some((arg) => [option, `--${externalFlagName}`].includes(arg) || /^-\w$/.test(arg));
      return `${option} ${given ? 'needs a value' : 'is missing'}`;
    },
    UnsatisfiedPositionalError: ({ placeholder, limit: [, given] = [0, 0] }) =>
      missingArguments(placeholder, given),
    AliasNotFoundError: ({ input }) => noSuchOption(`-${input}`, { args, corrections: [] }),
  });
}

/** Says what to write instead, if that is known. */
function noSuchOption(
  option: string,
  { args, corrections }: { args: readonly string[]; corrections: readonly string[] },
): string {
  const { words, command } = placeOf(args);
  if (command !== undefined) {
    const advice = adviceFor(option, [...words, command.name].join(' '), command);
    if (advice !== undefined) return `there is no option ${option}: ${advice}`;
  }
  const same = command && sameOption(option, command);
  const alikes = alike(option.slice(2), corrections.map(kebab)).map((name) => `--${name}`);
  return `there is no option ${visible(option)}${didYouMean(same === undefined ? alikes : [same])}`;
}

/** npm takes the option from `npm start --upstream URL` for itself, and passes only the URL. */
const noArguments = 'up takes no arguments; with npm write: npm start -- --upstream URL';

/** The names of several kinds of arguments are in one string. Those in brackets are optional. */
function missingArguments(placeholder: string, given: number): string {
  const names = placeholder.split(' ').filter((name) => !name.startsWith('['));
  const missing = names.slice(given);
  if (missing.length < 2) return `${missing[0] ?? placeholder} is missing`;
  return `${missing.slice(0, -1).join(', ')} and ${missing.at(-1)} are missing`;
}

/** Arguments have names in capital letters. */
function optionOrArgument(name: string): string {
  return /^[A-Z]/.test(name) ? name : `--${kebab(name)}`;
}
