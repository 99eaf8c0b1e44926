// Errors of usage: what is wrong with the options and arguments of a command. No message repeats a value,
// which may be a secret in the wrong place.
import { ArgumentScannerError, formatMessageForArgumentScannerError } from '@stricli/core';
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
    FlagNotFoundError: ({ input, corrections }) => {
      const advice = command === 'request' ? curlOptions.get(`--${input}`) : undefined;
      if (advice !== undefined) return `there is no option --${input}: ${advice}`;
      const instead = elsewhere.get(`${command} --${input}`);
      if (instead !== undefined) return `there is no option --${input}: ${instead}`;
      const meant = meantBy.get(`${command} --${input}`) ?? meantBy.get(`--${input}`);
      const names = meant === undefined ? alike(input, corrections.map(kebab)) : [kebab(meant)];
      return `there is no option --${visible(input)}${didYouMean(names.map((name) => `--${name}`))}`;
    },
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
    AliasNotFoundError: ({ input }) => {
      const advice = command === 'request' ? curlOptions.get(`-${input}`) : undefined;
      return `there is no option -${visible(input)}${advice === undefined ? '' : `: ${advice}`}`;
    },
  });
}

/**
 * Options of curl whose most similar name here has another meaning: `--key-file` would send the private key
 * as an API key.
 */
const meantBy: ReadonlyMap<string, string> = new Map([
  ['request --key', 'certKey'],
  ['--password', 'passwordStdin'],
  ['--password-file', 'passwordStdin'],
]);

/** Options of `up` in other programs, each with its setting here. */
const ofUp: readonly (readonly [options: readonly string[], advice: string])[] = [
  [['port', 'listen', 'bind', 'host'], 'write --set gateway.listen=ADDRESS:PORT'],
  [['data-dir', 'data-folder', 'datadir'], 'write --data DIR'],
  [['workers', 'threads'], 'write --set gateway.workers=NUMBER'],
  [['verbose', 'debug', 'log-level'], 'write --set log.level=debug'],
  [['domain', 'name', 'hostname'], 'write --set ca.names=NAME for the certificate of the listeners'],
  [
    ['tls-cert', 'tls-key', 'cert', 'certificate', 'key'],
    'write your certificate and its key into gateway.certificates, in the configuration file',
  ],
  [
    ['daemon', 'detach', 'background'],
    'it runs in the foreground; docs/install.md has a service for systemd',
  ],
];

/** Options of other programs, or of other commands. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  // `config show` and `config reload` always use the server's own file.
  ['config --config', "write the file alone, as in 'gatehouse config check FILE'"],
  ...ofUp.flatMap(([options, advice]) => options.map((option) => [`up --${option}`, advice] as const)),
  ['up --password', 'the first start writes the password of admin to admin-password in the data folder'],
]);

const credentials = 'other users can read arguments; give a key with --key-file or a token with --token-file';
const roots = 'certificates are always checked; name the roots to trust with --cacert';
const toFile = 'the body goes to standard output; write > FILE';
const statusLine = 'only the body goes to standard output; write 2> /dev/null';
const redirects = 'redirects are not followed; request the URL of the Location field';
const headers = '--include prints the headers';

/** Options of curl that have no counterpart with a similar name. */
const curlOptions: ReadonlyMap<string, string> = new Map([
  ...['-u', '--user', '--oauth2-bearer'].map((option) => [option, credentials] as const),
  ...['-k', '--insecure'].map((option) => [option, roots] as const),
  ...['-o', '--output', '-O', '--remote-name'].map((option) => [option, toFile] as const),
  ...['-s', '--silent', '-S', '--show-error'].map((option) => [option, statusLine] as const),
  ...['-L', '--location'].map((option) => [option, redirects] as const),
  ...['-v', '--verbose'].map((option) => [option, headers] as const),
  ...['-f', '--fail'].map((option) => [option, '--check sets the exit status'] as const),
]);

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

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
