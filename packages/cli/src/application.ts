// The command line as one application: the text of its errors, and the exit status of each. No message
// repeats an argument's value, which may be a secret in the wrong place.
import { type ApplicationText, buildApplication, run, text_en, version } from '@stricli/core';
import manifest from '../package.json' with { type: 'json' };
import { commands } from './commands.ts';
import { CliError, errorCodeOf, exitStatus, exitStatusOf, fileProblem, usageError } from './exit-status.ts';
import { helpOption } from './help.ts';
import { isText } from './input/decode-text.ts';
import { jsonText, remark, visible } from './output/print.ts';
import { COLOR_CHOICES, createScreen, type Screen, takeColor } from './output/screen.ts';
import { cannotPrint, isClosedPipe, watchOutput } from './output/standard-output.ts';
import type { CliProcess } from './process.ts';
import { withHelp } from './spelling.ts';
import { noSuchCommand } from './suggestions.ts';
import { describeUsage } from './usage-error.ts';

/** Runs one command line, and sets `process.exitCode`. */
export async function runApplication(args: readonly string[], process: CliProcess): Promise<void> {
  const output = watchOutput(process);
  const { choice, rest } = takeColor(args);
  const report: Report = { args: rest, screen: createScreen(process.stderr, process.env, choice) };
  const fail = (error: CliError) => {
    remark(process, failureText(error, report));
    process.exitCode = error.status;
  };
  const flaw = flawOf(args, choice);
  if (flaw !== undefined) return fail(usageError(flaw));
  const screen = createScreen(process.stdout, process.env, choice);
  try {
    await run(applicationFor(report), rest, { process, output, screen });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return fail(error);
  }
  process.exitCode = exitCodeFrom(Number(process.exitCode));
  const failure = await output.failure();
  if (failure !== undefined && !isClosedPipe(failure)) fail(cannotPrint(failure));
}

function flawOf(args: readonly string[], color: unknown): string | undefined {
  const notText = args.findIndex((arg) => !isText(arg));
  if (notText !== -1) return `argument ${notText + 1} is not text in UTF-8: set the terminal to UTF-8`;
  const empty = args.find((arg) => /^--[a-z-]+=$/.test(arg));
  if (empty !== undefined) return `${empty.slice(0, -1)} needs a value; see --help`;
  return color === undefined ? `--color: expected one of ${COLOR_CHOICES.join(', ')}; see --help` : undefined;
}

/** Stricli's own failures are negative: −4 and −5 mean that the command line was wrong. */
function exitCodeFrom(code: number): number {
  if (code >= 0) return code;
  return code === -4 || code === -5 ? exitStatus.usage : exitStatus.failed;
}

/** How failures are reported. */
interface Report {
  args: readonly string[];
  /** What standard error can show. */
  screen: Screen;
}

const text = (report: Report): ApplicationText => ({
  ...text_en,
  headers: {
    usage: 'Usage',
    aliases: 'Aliases',
    commands: 'Commands',
    flags: 'Options',
    arguments: 'Arguments',
  },
  noCommandRegisteredForInput: ({ input, corrections }) =>
    failureText(usageError(noSuchCommand({ input, args: report.args, alike: corrections })), report),
  exceptionWhileParsingArguments(error) {
    const failure =
      error instanceof CliError ? error : usageError(withHelp(describeUsage(error, report.args)));
    // If there are several errors, Stricli prints a line for each. In JSON there is one document, for the
    // first error.
    if (wantsJson(report.args)) throw failure;
    return failureText(failure, report);
  },
  exceptionWhileLoadingCommandFunction: (error) => failureText(error, report),
  exceptionWhileRunningCommand: (error) => failureText(error, report),
});

/** One line for people; with --json one document, so that programs need not read sentences. */
function failureText(error: unknown, { args, screen }: Report): string {
  const message = describe(error);
  if (wantsJson(args))
    return jsonText({ error: { code: errorCodeOf(error), message, exitStatus: exitStatusOf(error) } });
  return screen.paint('red', `gatehouse: ${message}`);
}

function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes('--json');
}

/**
 * An error with a code or a status is expected: its message is enough. Anything else is a fault of ours:
 * print where.
 */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = 'code' in error || 'status' in error;
  return expected
    ? visible(fileProblem(error) ?? error.message)
    : `internal error: ${error.stack?.split('\n').map(visible).join('\n')}`;
}

const formatting = {
  caseStyle: 'convert-camel-to-kebab',
  useAliasInUsageLine: false,
  onlyRequiredInUsageLine: true,
  // Only output/screen.ts decides about colour.
  disableAnsiColor: true,
} as const;

const applicationFor = (report: Report) =>
  buildApplication(
    commands,
    {
      name: 'gatehouse',
      // After `--`, a name may begin with a dash (POSIX, Utility Syntax Guideline 10).
      scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
      documentation: formatting,
      localization: { text: text(report) },
      determineExitCode: exitStatusOf,
    },
    {
      help: helpOption(),
      version: version({ brief: 'Print the version', info: { currentVersion: manifest.version } }),
    },
  );
