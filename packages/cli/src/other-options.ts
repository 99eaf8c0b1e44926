// Options of step-ca, Caddy, Kong, Keycloak, curl, HTTPie and others, and what does the same here.
import type { CommandPlace } from './command-place.ts';

/** Options of other programs that answer every question. */
const ANSWERS = ['-y', '--yes', '--assume-yes', '--no-input', '-f', '--force'];

/** Options that mean one of ours. The first that the command has counts. */
const SAME: readonly (readonly [options: readonly string[], ours: readonly string[]])[] = [
  [
    ['--password', '--password-file'],
    ['--password-stdin', '--passphrase-file'],
  ],
  [['--pass', '--passin', '--passout'], ['--passphrase-file']],
  [
    ['-o', '--output', '--output-file', '--outfile'],
    ['--out', '--download'],
  ],
  [['--url', '--host', '--address', '--addr', '--ca-url', '--endpoint', '--remote'], ['--server']],
  [['--token', '--access-token', '--bearer'], ['--token-file']],
  [['--api-key', '--apikey'], ['--key-file']],
  [
    ['--capath', '--ca-file', '--cafile', '--ca-cert', '--root', '--roots', '--ca'],
    ['--cacert', '--roots'],
  ],
  [
    ['--days', '--validity', '--ttl', '--not-after', '--duration', '--expiry'],
    ['--lifetime', '--expires'],
  ],
  [
    ['--key-size', '--kty', '--bits', '--algorithm', '--curve'],
    ['--key-type', '--type'],
  ],
  [['--tail', '--limit', '--count', '--last', '--max'], ['--lines']],
  [['--after', '--start', '--from'], ['--since']],
  [['--before', '--end', '--to'], ['--until']],
  [['--user', '--actor', '--who'], ['--principal']],
  [['--key', '--key-id'], ['--credential']],
  [['--result', '--status', '--failed'], ['--outcome']],
  [
    ['--ip', '--cidr', '--network'],
    ['--allow-address', '--name'],
  ],
  [['-c', '--conf', '--config-file', '-f'], ['--config']],
  [
    ['--data-dir', '--data-folder', '--datadir', '--dir', '--prefix', '--storage'],
    ['--data-folder', '--data'],
  ],
  [['--backend', '--to', '--proxy-pass', '--forward', '--target'], ['--upstream']],
  [['--overwrite', '--replace'], ['--force']],
  [['--san', '--dns', '--domain', '--subject-alt-name'], ['--name']],
  [['--cn', '--subject', '--subj'], ['--common-name']],
];

const credentials = 'other users can read arguments; give a key with --key-file or a token with --token-file';
const roots = 'certificates are always checked; name the roots to trust with --cacert';
const toFile = 'the body goes to standard output; write > FILE';
const redirects = 'redirects are not followed; request the URL of the Location field';
const headers = '--include prints the headers';
const names = 'write the names as arguments, as in gatehouse cert issue NAME NAME';
const certificate = 'write your certificate and its key into gateway.certificates, in the configuration file';
const foreground = 'it runs in the foreground; docs/install.md has a service for systemd';

type Advice = readonly [options: readonly string[], advice: string];

/** For one command. */
const OF_COMMAND: Readonly<Record<string, readonly Advice[]>> = {
  up: [
    [
      ['--port', '--listen', '--bind', '--host', '--from', '-p', '--https-port'],
      'write --set gateway.listen=ADDRESS:PORT',
    ],
    [['--workers', '--threads'], 'write --set gateway.workers=NUMBER'],
    [['--verbose', '--debug', '--log-level', '-v'], 'write --set log.level=debug'],
    [['--domain', '--name', '--hostname'], 'write --set ca.names=NAME for the certificate of the listeners'],
    [['--tls-cert', '--tls-key', '--cert', '--certificate', '--key'], certificate],
    [['--daemon', '--detach', '--background', '-d'], foreground],
    [
      ['--password', '--password-file', '--admin-password'],
      'the first start writes the password of admin to admin-password in the data folder',
    ],
    [['--watch'], 'write --set config.watch=true'],
    [['--http', '--http-port', '--no-tls', '--insecure'], 'the gateway serves over TLS only'],
    [['--tls', '--https', '--ssl'], 'the gateway always serves over TLS'],
    [['--acme', '--email'], 'write gateway.acme into the configuration file'],
    [['--db', '--database'], 'the database is a file in the data folder'],
  ],
  'config check': [[['--config'], "write the file alone, as in 'gatehouse config check FILE'"]],
  'config show': [[['--config'], 'the running server has one configuration file, so leave the option out']],
  'config reload': [
    [['--config'], 'the server reads the file with which it was started; for another one, restart it'],
  ],
  backup: [[['-o', '--out', '--output', '--file'], "write the file alone, as in 'gatehouse backup FILE'"]],
  restore: [[['-o', '--out', '--to', '--target'], 'write --data DIR for the new data folder']],
  'cert issue': [
    [['--san', '--dns', '--domain', '--ip', '--name', '--host', '--cn', '--common-name', '--subject'], names],
  ],
  'user role': [
    [['--role', '--roles'], "write the roles as arguments, as in 'gatehouse user role NAME ROLE'"],
  ],
  login: [[['--user', '--username', '-u'], "write the name alone, as in 'gatehouse login NAME'"]],
  'user add': [
    [['--group'], "'gatehouse group set GROUP --add-member NAME' does that"],
    [['--email', '--mail'], 'write --attribute email=ADDRESS'],
  ],
  'audit tail': [
    [['--grep', '--search', '--filter'], 'filter with --principal, --type and --outcome, or with grep'],
  ],
  inspect: [[['--port', '-p'], 'write the port after the host, as in localhost:8443']],
  request: [
    [['-u', '--user', '--oauth2-bearer', '-a', '--auth', '--token', '--api-key'], credentials],
    [['-k', '--insecure', '--verify'], roots],
    [['-o', '--output', '-O', '--remote-name'], toFile],
    [
      ['-s', '--silent', '-S', '--show-error', '-q', '--quiet'],
      'only the body goes to standard output; write 2> /dev/null',
    ],
    [['-L', '--location', '--follow'], redirects],
    [['-v', '--verbose', '--headers', '--print'], headers],
    [['-f', '--fail', '--check-status'], '--check sets the exit status'],
    [['-I', '--head'], 'write --method HEAD --include'],
    [['-G', '--get'], 'write name==value after the URL, for each parameter of the query'],
    [['-F', '--form-string', '--multipart'], 'write --form NAME=VALUE, or --form NAME@FILE'],
    [['-T', '--upload-file'], 'write --method PUT --data-file FILE'],
    [
      ['--data-raw', '--data-binary', '--data-ascii', '--data-urlencode'],
      'write --data DATA or --data-file FILE',
    ],
    [['--json', '-j'], 'write field=value after the URL, for each field of the JSON'],
    [['-A', '--user-agent'], "write --header 'User-Agent: NAME'"],
    [['-e', '--referer'], "write --header 'Referer: URL'"],
    [['-m', '--max-time', '--connect-timeout'], 'write --timeout DURATION, such as 10s'],
    [['-w', '--write-out'], '--trace shows how long each step took'],
    [
      ['-b', '--cookie', '--cookie-jar', '--session'],
      "'gatehouse login --gateway' signs in, and --signed-in sends the token",
    ],
    [['-E'], 'write --cert FILE and --key FILE'],
    [['--compressed'], 'compressed answers are always accepted'],
  ],
};

/** For every command. */
const OF_ALL: readonly Advice[] = [
  [['-q', '--quiet', '--silent'], 'remarks go to standard error; write 2> /dev/null'],
];

/** When a command asks, by its option that confirms. */
const QUESTIONS: readonly (readonly [option: string, advice: string])[] = [
  ['--last-administrator', 'it asks only if no administrator remains; --last-administrator confirms that'],
  ['--destroy-root-key', 'it asks only before it destroys a key; --destroy-root-key confirms that'],
];
const asksNothing = 'this command asks for no confirmation';

/** For commands that reach a server. */
const NEEDS_ROOTS: Advice = [['-k', '--insecure', '--skip-verify', '--no-check-certificate'], roots];

/** For commands that print JSON, and write no file. */
const NEEDS_JSON: Advice = [['--format', '--output-format', '--output', '-o'], 'write --json for JSON'];

/**
 * What to write instead of an option that the command does not have, as a sentence without its end. `path` is
 * the command with its group, as in `cert issue`.
 */
export function adviceFor(option: string, path: string, command: CommandPlace): string | undefined {
  const known = adviceIn(OF_COMMAND[path] ?? [], option);
  const argument = command.arguments.find((name) => option === `--${name.toLowerCase()}`);
  if (known === undefined && argument !== undefined) return `write ${argument} alone, without an option`;
  return known ?? adviceIn(rowsOf(command), option);
}

function adviceIn(rows: readonly Advice[], option: string): string | undefined {
  return rows.find(([mistaken]) => mistaken.includes(option))?.[1];
}

function rowsOf({ options }: CommandPlace): Advice[] {
  return [
    ...OF_ALL,
    [ANSWERS, QUESTIONS.find(([option]) => options.has(option))?.[1] ?? asksNothing],
    ...(options.has('--cacert') ? [NEEDS_ROOTS] : []),
    ...(options.has('--json') && !options.has('--out') ? [NEEDS_JSON] : []),
  ];
}

/** The option of the command that means the same as another program's. */
export function sameOption(option: string, { options }: CommandPlace): string | undefined {
  const candidates = SAME.filter(([mistaken]) => mistaken.includes(option)).flatMap(([, ours]) => ours);
  return candidates.find((name) => options.has(name));
}
