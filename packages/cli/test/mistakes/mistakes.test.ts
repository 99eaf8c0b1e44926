// Mistakes on the command line, and the message for each. All exit with 2, because finding them needs no
// server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeAdmin } from '../fake-admin.ts';
import { gatehouse } from '../fake-process.ts';

const HELP = "see 'gatehouse --help'";
const THEN = "See 'gatehouse --help'";
const UP = "'gatehouse up'";
const FOLDER = `${UP}, which makes the data folder when it first starts`;
const LISTEN = 'write --set gateway.listen=ADDRESS:PORT';
const CREDENTIALS = 'other users can read arguments; give a key with --key-file or a token with --token-file';
const CHECKED = 'certificates are always checked; name the roots to trust with --cacert';

const MISTAKES: [commandLine: string, sentence: string][] = [
  // Words of other programs.
  ['help', `there is no command 'help', did you mean 'gatehouse --help'? ${THEN}`],
  ['help user', `there is no command 'help', did you mean 'gatehouse user --help'? ${THEN}`],
  ['help up', `there is no command 'help', did you mean 'gatehouse up --help'? ${THEN}`],
  ['help user add', `there is no command 'help', did you mean 'gatehouse user add --help'? ${THEN}`],
  [
    'user help',
    "there is no command 'help' in 'gatehouse user', did you mean 'gatehouse user --help'? See 'gatehouse user --help'",
  ],
  ['version', `there is no command 'version', did you mean 'gatehouse --version'? ${THEN}`],
  ['-V', `there is no option -V, did you mean 'gatehouse --version'? ${THEN}`],
  ['--verison', `there is no option --verison, did you mean 'gatehouse --version'? ${THEN}`],
  ['start', `there is no command 'start', did you mean ${UP}? ${THEN}`],
  ['serve', `there is no command 'serve', did you mean ${UP}? ${THEN}`],
  ['run', `there is no command 'run', did you mean ${UP}? ${THEN}`],
  ['init', `there is no command 'init', did you mean ${FOLDER}? ${THEN}`],
  ['install', `there is no command 'install', did you mean ${FOLDER}? ${THEN}`],
  ['stop', `there is no command 'stop', did you mean Ctrl-C or SIGTERM in the process of ${UP}? ${THEN}`],
  ['down', `there is no command 'down', did you mean Ctrl-C or SIGTERM in the process of ${UP}? ${THEN}`],
  [
    'upgrade',
    `there is no command 'upgrade', did you mean an upgrade of the package, as docs/upgrade.md describes it? ${THEN}`,
  ],
  [
    'config validate',
    "there is no command 'validate' in 'gatehouse config', did you mean 'gatehouse config check'? See 'gatehouse config --help'",
  ],
  ['reload', `there is no command 'reload', did you mean 'gatehouse config reload'? ${THEN}`],
  ['token', `there is no command 'token', did you mean 'gatehouse login'? ${THEN}`],
  ['logs', `there is no command 'logs', did you mean 'gatehouse audit tail' or 'gatehouse tls log'? ${THEN}`],
  [
    'config check --config f.ts',
    "there is no option --config: write the file alone, as in 'gatehouse config check FILE'; see --help",
  ],
  ['curl', `there is no command 'curl', did you mean 'gatehouse request'? ${THEN}`],
  // Other words for the same act.
  [
    'user create bob',
    "there is no command 'create' in 'gatehouse user', did you mean 'gatehouse user add'? See 'gatehouse user --help'",
  ],
  [
    'user delete bob',
    "there is no command 'delete' in 'gatehouse user', did you mean 'gatehouse user remove'? See 'gatehouse user --help'",
  ],
  [
    'user passwd bob',
    "there is no command 'passwd' in 'gatehouse user', did you mean 'gatehouse user password'? See 'gatehouse user --help'",
  ],
  [
    'key new robot',
    "there is no command 'new' in 'gatehouse key', did you mean 'gatehouse key create'? See 'gatehouse key --help'",
  ],
  [
    'key rm k1',
    "there is no command 'rm' in 'gatehouse key', did you mean 'gatehouse key revoke'? See 'gatehouse key --help'",
  ],
  [
    'key ls',
    "there is no command 'ls' in 'gatehouse key', did you mean 'gatehouse key list'? See 'gatehouse key --help'",
  ],
  [
    'cert get x',
    "there is no command 'get' in 'gatehouse cert', did you mean 'gatehouse cert show'? See 'gatehouse cert --help'",
  ],
  [
    'cert new x',
    "there is no command 'new' in 'gatehouse cert', did you mean 'gatehouse cert issue'? See 'gatehouse cert --help'",
  ],
  [
    'audit log',
    "there is no command 'log' in 'gatehouse audit', did you mean 'gatehouse audit tail'? See 'gatehouse audit --help'",
  ],
  // Spelling.
  ['usr', `there is no command 'usr', did you mean 'user'? ${THEN}`],
  ['certs', `there is no command 'certs', did you mean 'cert'? ${THEN}`],
  [
    'user lst',
    "there is no command 'lst' in 'gatehouse user', did you mean 'list'? See 'gatehouse user --help'",
  ],
  ['user list --jsn', 'there is no option --jsn, did you mean --json? See --help'],
  ['user add bob --rol x', 'there is no option --rol, did you mean --role? See --help'],
  ['hlep', `there is no command 'hlep'; ${HELP}`],
  ['user list --jsno', 'there is no option --jsno, did you mean --json? See --help'],
  // Options of other programs, and of other commands.
  ['up --port 80', `there is no option --port: ${LISTEN}; see --help`],
  ['up --listen :80', `there is no option --listen: ${LISTEN}; see --help`],
  ['up --prot 80', 'there is no option --prot; see --help'],
  ['up --verbose', 'there is no option --verbose: write --set log.level=debug; see --help'],
  ['up --data-dir x', 'there is no option --data-dir, did you mean --data? See --help'],
  ['up --workers 2', 'there is no option --workers: write --set gateway.workers=NUMBER; see --help'],
  [
    'up --domain example.com',
    'there is no option --domain: write --set ca.names=NAME for the certificate of the listeners; see --help',
  ],
  [
    'up --tls-cert x',
    'there is no option --tls-cert: write your certificate and its key into gateway.certificates, in the configuration file; see --help',
  ],
  [
    'up --daemon',
    'there is no option --daemon: it runs in the foreground; docs/install.md has a service for systemd; see --help',
  ],
  [
    'up --password hunter2',
    'there is no option --password: the first start writes the password of admin to admin-password in the data folder; see --help',
  ],
  [
    'user add bob --password hunter2',
    'there is no option --password, did you mean --password-stdin? See --help',
  ],
  [
    'user add bob --password-file f',
    'there is no option --password-file, did you mean --password-stdin? See --help',
  ],
  // The order, and the number of arguments.
  [
    'user --name bob',
    "the command comes before its options, and 'gatehouse user' needs one; see 'gatehouse user --help'",
  ],
  ['--data x user list', `the command comes before its options, and 'gatehouse' needs one; ${HELP}`],
  ['user list extra', 'this command takes options and no other arguments; see --help'],
  ['login bob extra', 'too many arguments: this command takes 1; see --help'],
  [
    'up http://127.0.0.1:3000',
    'up takes no arguments; with npm write: npm start -- --upstream URL; see --help',
  ],
  ['login --out x', '--password-stdin, --code-file and --out need the NAME of a user'],
  [
    'login bob --device',
    '--client, --device and --gateway are for a sign-in with the browser: leave out NAME',
  ],
  ['user role', 'NAME and ROLE are missing; see --help'],
  ['xmlrpc call', 'URL and METHOD are missing; see --help'],
  ['xmlrpc call https://localhost/', 'METHOD is missing; see --help'],
  ['user role bob', 'ROLE is missing; see --help'],
  ['key revoke', 'ID is missing; see --help'],
  ['request', 'URL is missing; see --help'],
  ['pki verify x', '--roots is missing; see --help'],
  // Values.
  ['user add bob --role', '--role needs a value; see --help'],
  ['user list --data', '--data needs a value; see --help'],
  ['user list --data=', '--data needs a value; see --help'],
  ['user list --data a --data b', '--data is given more than once; see --help'],
  ['user list --json=maybe', '--json takes no value; see --help'],
  ['user list --color blue', '--color: expected one of auto, always, never; see --help'],
  [
    'key create k --expires-in 90',
    '--expires-in: expected a duration such as 30s, 15m, 12h or 90d; see --help',
  ],
  ['audit tail -n 0', '--lines: expected a number from 1 to 1000; see --help'],
  ['audit tail -n', '--lines needs a value; see --help'],
  ['audit tail -z', 'there is no option -z; see --help'],
  ['audit tail -q', 'there is no option -q: remarks go to standard error; write 2> /dev/null; see --help'],
  ['cert list --status gone', '--status: expected one of valid, expired, revoked; see --help'],
  [
    'cert issue a --lifetime 400d',
    '--lifetime: expected at most 366d, or what the profile allows; see --help',
  ],
  ['ca trust --store firefox', '--store: expected one of system, nss; see --help'],
  // Options that belong together.
  ['user list --server localhost:9443', '--server should be a URL such as https://localhost:9443'],
  [
    'user list --server https://localhost:9443',
    "--server needs --token-file, or a sign-in with 'gatehouse login --server https://localhost:9443'",
  ],
  ['user list --token-file x', '--token-file needs --server'],
  ['user list --cacert x', '--cacert needs --server'],
  [
    'user add bob',
    'no terminal to ask for the password: give --password-stdin and the password on standard input',
  ],
  // What users of curl type.
  ['request localhost', 'URL should begin with https://, http://, ftp:// or ftps://'],
  [
    'request http://user:pw@localhost/',
    'URL contains a secret, and other users can read arguments: use --key-file or --token-file',
  ],
  ['request http://localhost/ -u a:b', `there is no option -u: ${CREDENTIALS}; see --help`],
  ['request http://localhost/ -k', `there is no option -k: ${CHECKED}; see --help`],
  ['request http://localhost/ --insecure', `there is no option --insecure: ${CHECKED}; see --help`],
  [
    'request http://localhost/ -o x',
    'there is no option -o: the body goes to standard output; write > FILE; see --help',
  ],
  [
    'request http://localhost/ -L',
    'there is no option -L: redirects are not followed; request the URL of the Location field; see --help',
  ],
  ['request http://localhost/ --key x', '--key, --cert-key and --cert-passphrase-file need --cert'],
  ['request http://localhost/ -H X-A', "--header should read 'Name: value'"],
  ['request http://localhost/ -X G=T', '--method should be a method such as PUT'],
  ['request http://localhost/ -d a --data-file b', 'give --data or --data-file, not both'],
  [
    'request http://localhost/ --cert x',
    '--cert needs a URL that begins with https://: it is not sent over plain HTTP',
  ],
];

for (const [commandLine, sentence] of MISTAKES) {
  test(`gatehouse ${commandLine}`, async () => {
    const { status, stdout, stderr } = await gatehouse(commandLine.split(' '));
    assert.deepEqual([status, stdout, stderr], [2, '', `gatehouse: ${sentence}\n`]);
  });
}

test('with --json, every mistake is one document on standard error, and standard output is empty', async () => {
  for (const commandLine of [
    'usr --json',
    'pki sign --json',
    'user list extra --json',
    'cert issue --json',
  ]) {
    const { status, stdout, stderr } = await gatehouse(commandLine.split(' '));
    assert.deepEqual([status, stdout], [2, ''], commandLine);
    const { error } = JSON.parse(stderr);
    assert.deepEqual([error.code, error.exitStatus], ['usage', 2]);
    assert.doesNotMatch(error.message, /^gatehouse:/);
  }
});

test('with --json, a failure has the code of the exit status', async () => {
  const { status, stderr } = await gatehouse(['user', 'list', '--json'], {
    env: { GATEHOUSE_DATA: '/nowhere' },
  });
  assert.equal(status, 3);
  const { error } = JSON.parse(stderr);
  assert.deepEqual([error.code, error.exitStatus], ['connect', 3]);
  assert.match(error.message, /^there is no data folder \/nowhere: /);
});

test('with --json, a refusal of the server has its code', async (t) => {
  const body = { status: 409, code: 'conflict', detail: 'The name "bob" is taken.' };
  const admin = await startFakeAdmin(t, {
    'DELETE /admin/users/bob?keepAdministrator=true': { status: 409, body },
  });
  const { status, stderr } = await gatehouse(['user', 'remove', 'bob', '--json'], { env: admin.env });
  assert.equal(status, 1);
  const error = { code: 'conflict', message: 'The name "bob" is taken.', exitStatus: 1 };
  assert.deepEqual(JSON.parse(stderr), { error });
});

test('after --, --json is an argument like any other', async () => {
  const { stderr } = await gatehouse(['user', 'list', '--', '--json']);
  assert.match(stderr, /^gatehouse: /);
});
