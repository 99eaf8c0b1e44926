// The command line as one application: the text of its errors, and the exit status of each. No message
// repeats an argument's value, which may be a secret in the wrong place.
import {
  type ApplicationText,
  ArgumentScannerError,
  buildApplication,
  formatMessageForArgumentScannerError,
  run,
  text_en,
  version,
} from '@stricli/core';
import manifest from '../package.json' with { type: 'json' };
import { commands } from './commands.ts';
import { type CliError, exitStatus, exitStatusOf, usageError } from './exit-status.ts';
import { helpOption } from './help.ts';
import { isText } from './input/decode-text.ts';
import { remark, visible } from './output/print.ts';
import { cannotPrint, isClosedPipe, watchOutput } from './output/standard-output.ts';
import type { CliProcess } from './process.ts';

/** Runs one command line; `process.exitCode` then holds the exit status. */
export async function runApplication(args: readonly string[], process: CliProcess): Promise<void> {
  const output = watchOutput(process);
  const notText = args.findIndex((arg) => !isText(arg));
  if (notText !== -1)
    return fail(
      process,
      usageError(`argument ${notText + 1} is not text in UTF-8: set the terminal to UTF-8`),
    );
  await run(applicationFor(args), args, { process, output });
  process.exitCode = statusOf(Number(process.exitCode));
  const failure = await output.failure();
  if (failure !== undefined && !isClosedPipe(failure)) fail(process, cannotPrint(failure));
}

function fail(process: CliProcess, error: CliError): void {
  remark(process, describe(error));
  process.exitCode = error.status;
}

/** Stricli's own failures are negative: −4 and −5 mean that the command line was wrong. */
function statusOf(code: number): number {
  if (code >= 0) return code;
  return code === -4 || code === -5 ? exitStatus.usage : exitStatus.failed;
}

const text = (args: readonly string[]): ApplicationText => ({
  ...text_en,
  headers: {
    usage: 'Usage',
    aliases: 'Aliases',
    commands: 'Commands',
    flags: 'Options',
    arguments: 'Arguments',
  },
  noCommandRegisteredForInput: ({ input, corrections }) =>
    `gatehouse: there is no command '${visible(input)}'${suggestion(corrections)}; see 'gatehouse --help'`,
  exceptionWhileParsingArguments: (error) => `gatehouse: ${describeUsage(error, args)}; see --help`,
  exceptionWhileLoadingCommandFunction: describe,
  exceptionWhileRunningCommand: describe,
});

function suggestion(corrections: readonly string[]): string {
  if (corrections.length === 0) return '';
  return `, did you mean ${corrections.map((name) => name.replaceAll('`', "'")).join(' or ')}?`;
}

function describeUsage(error: unknown, args: readonly string[]): string {
  const [command] = args;
  if (!(error instanceof ArgumentScannerError)) return String(error);
  return formatMessageForArgumentScannerError(error, {
    ArgumentParseError: ({ externalFlagNameOrPlaceholder, exception }) =>
      `${optionOrArgument(externalFlagNameOrPlaceholder)}: ${exception instanceof Error ? exception.message : String(exception)}`,
    EnumValidationError: ({ externalFlagName, values }) =>
      `${optionOrArgument(externalFlagName)}: expected one of ${values.join(', ')}`,
    FlagNotFoundError: ({ input, corrections }) => {
      const meant = meantBy.get(`${command} --${input}`);
      const names = meant === undefined ? corrections : [meant];
      return `there is no option --${visible(input)}${suggestion(names.map((name) => `--${kebab(name)}`))}`;
    },
    UnexpectedFlagError: ({ externalFlagName }) =>
      `${optionOrArgument(externalFlagName)} is given more than once`,
    UnexpectedPositionalError: ({ expectedCount }) =>
      command === 'up' ? noArguments : `too many arguments, at most ${expectedCount} expected`,
    UnsatisfiedFlagError: ({ externalFlagName }) => {
      const option = optionOrArgument(externalFlagName);
      // Options with a short form, as in `audit tail -n`, are never required.
      const given = args.some((arg) => [option, `--${externalFlagName}`].includes(arg) || /^-\w$/.test(arg));
      return `${option} ${given ? 'needs a value' : 'is missing'}`;
    },
    UnsatisfiedPositionalError: ({ placeholder }) => `${placeholder} is missing`,
    AliasNotFoundError: ({ input }) => `there is no option -${visible(input)}`,
  });
}

/**
 * Options of curl whose nearest name here means something else: `--key-file` would send the private key as an
 * API key.
 */
const meantBy: ReadonlyMap<string, string> = new Map([['request --key', 'certKey']]);

/** npm takes the option from `npm start --upstream URL` for itself, and passes only the URL. */
const noArguments = 'up takes no arguments; with npm write: npm start -- --upstream URL';

/** Arguments have names in capital letters. */
function optionOrArgument(name: string): string {
  return /^[A-Z]/.test(name) ? name : `--${kebab(name)}`;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * An error with a code or a status is expected: its message is enough. Anything else is a fault of ours:
 * print where.
 */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `gatehouse: ${String(error)}`;
  const expected = 'code' in error || 'status' in error;
  return expected ? `gatehouse: ${visible(error.message)}` : `gatehouse: internal error: ${error.stack}`;
}

const formatting = {
  caseStyle: 'convert-camel-to-kebab',
  useAliasInUsageLine: false,
  onlyRequiredInUsageLine: true,
} as const;

const applicationFor = (args: readonly string[]) =>
  buildApplication(
    commands,
    {
      name: 'gatehouse',
      scanner: { caseStyle: 'allow-kebab-for-camel' },
      documentation: formatting,
      localization: { text: text(args) },
      determineExitCode: exitStatusOf,
    },
    {
      help: helpOption(),
      version: version({ brief: 'Print the version', info: { currentVersion: manifest.version } }),
    },
  );
