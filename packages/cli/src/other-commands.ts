// Commands of step-ca, Caddy, Kong, Keycloak, mkcert, HTTPie and others, and what does the same here.

const UP = "'gatehouse up'";
const FIRST_UP = `${UP}, which makes the data folder when it first starts`;
const AUTHORITY = `${UP}, which makes the authority when it first starts`;
const END = `Ctrl-C or SIGTERM in the process of ${UP}`;
const UPGRADE = 'an upgrade of the package, as docs/upgrade.md describes it';
const LOGS = "'gatehouse audit tail' or 'gatehouse tls log'";
const CALLERS = "'gatehouse user add' or 'gatehouse service add'";
const CONFIGURATION = "the configuration file, which 'gatehouse config show' prints";

type Row = readonly [words: readonly string[], meant: string];

const ROWS: readonly Row[] = [
  [['help'], "'gatehouse --help'"],
  [['version'], "'gatehouse --version'"],
  [['start', 'serve', 'server', 'run', 'start-dev', 'listen', 'daemon', 'gateway'], UP],
  [['reverse-proxy', 'proxy', 'forward'], "'gatehouse up --upstream URL'"],
  [['init', 'install', 'setup', 'bootstrap'], FIRST_UP],
  [['migrations', 'migrate'], `${UP}, which changes the database of an older version itself`],
  [['stop', 'down', 'quit', 'shutdown'], END],
  [['restart'], "'gatehouse config reload', or the restart of its service"],
  [['upgrade', 'update'], UPGRADE],
  [['reload'], "'gatehouse config reload'"],
  [['check', 'validate', 'configtest'], "'gatehouse config check'"],
  [
    ['route', 'routes', 'upstream', 'upstreams', 'plugin', 'plugins', 'settings', 'env', 'environ'],
    CONFIGURATION,
  ],
  [['curl', 'http', 'https', 'wget', 'fetch', 'get', 'GET', 'POST', 'PUT', 'DELETE'], "'gatehouse request'"],
  [['s_client', 'probe', 'scan', 'ping'], "'gatehouse inspect'"],
  [['token', 'signin', 'sign-in', 'auth'], "'gatehouse login'"],
  [['signout', 'sign-out'], "'gatehouse logout'"],
  [['ledger', 'events'], "'gatehouse audit'"],
  [['log', 'logs'], LOGS],
  [['rotate'], "'gatehouse keyring rotate' or 'gatehouse key rotate'"],
  [['renew'], "'gatehouse cert renew'"],
  [['health', 'info', 'ps'], "'gatehouse status'"],
  [['metrics'], "'gatehouse request https://localhost:9443/metrics'"],
  [['trust', '-install', '--install'], "'gatehouse ca trust'"],
  [['untrust', '-uninstall', '--uninstall'], "'gatehouse ca trust --undo'"],
  [['-CAROOT', '--ca-root'], 'root.pem in the data folder'],
  [['certificate', 'certificates'], "'gatehouse cert', or 'gatehouse pki' for files without a server"],
  [['openssl', 'x509', 'crypto', 'keygen', 'genkey', 'csr', 'crl', 'pkcs12', 'p12'], "'gatehouse pki'"],
  [['api-key', 'api-keys', 'apikey', 'apikeys'], "'gatehouse key'"],
  [['consumer', 'consumers', 'account', 'accounts', 'principal'], CALLERS],
  [['role', 'roles'], "'gatehouse user role', or --role when you add a service"],
  [['passwd', 'password', 'hash-password'], "'gatehouse user password'"],
  [['bootstrap-admin'], "'gatehouse user reset-password admin'"],
  [['export', 'dump', 'snapshot'], "'gatehouse backup' or 'gatehouse audit export'"],
  [['import', 'recover'], "'gatehouse restore'"],
  [['encrypt', 'decrypt'], "'gatehouse fernet'"],
  [['sha256sum', 'checksum', 'digest'], "'gatehouse hash'"],

  [['ca init', 'ca create'], AUTHORITY],
  [['ca bootstrap', 'ca root', 'ca roots', 'ca export'], "'gatehouse ca fetch'"],
  [['ca certificate', 'ca cert', 'ca issue'], "'gatehouse cert issue'"],
  [['ca sign'], "'gatehouse cert sign'"],
  [['ca renew'], "'gatehouse cert renew'"],
  [['ca revoke'], "'gatehouse cert revoke'"],
  [['ca health', 'ca status'], "'gatehouse status'"],
  [['ca token'], "'gatehouse login'"],
  [['ca provisioner'], "'gatehouse acme eab create'"],
  [['ca install'], "'gatehouse ca trust'"],
  [['ca untrust', 'ca uninstall'], "'gatehouse ca trust --undo'"],
  [['cert verify', 'cert check', 'cert lint'], "'gatehouse pki verify'"],
  [['cert fingerprint'], "'gatehouse pki show'"],
  [['cert install', 'cert trust'], "'gatehouse ca trust'"],
  [['cert p12', 'cert export', 'cert pkcs12'], "'gatehouse pki p12 export'"],
  [['cert csr', 'cert request'], "'gatehouse pki csr'"],
  [['user login'], "'gatehouse login'"],
  [['user grant', 'user roles', 'user set-role'], "'gatehouse user role'"],
  [['user mfa', 'user 2fa', 'user otp'], "'gatehouse user totp'"],
  [['user key', 'user api-key', 'service key', 'service token'], "'gatehouse key create'"],
  [['group members', 'group add-user', 'group join'], "'gatehouse group set'"],
  [['config set', 'config edit'], "a change of the configuration file, then 'gatehouse config reload'"],
  [['config apply', 'config load'], "'gatehouse config reload'"],
  [['config init', 'config new'], 'a gatehouse.config.ts, as in docs/put-your-api-behind-it.md'],
  [['config credentials'], "'gatehouse login'"],
  [['policy add', 'policy create', 'policy set', 'policy deploy', 'policy put'], "'gatehouse policy apply'"],
  [['policy why', 'policy eval', 'policy simulate'], "'gatehouse policy explain'"],
  [['policy fmt'], "'gatehouse policy format'"],
  [['audit search', 'audit query', 'audit grep'], "'gatehouse audit tail'"],
  [['pki keygen', 'pki genkey', 'pki genpkey', 'pki keypair'], "'gatehouse pki key'"],
  [['pki root', 'pki init', 'pki self-sign'], "'gatehouse pki ca'"],
  [['pki req', 'pki request'], "'gatehouse pki csr'"],
  [['fernet generate', 'fernet generate-key', 'fernet keygen'], "'gatehouse fernet key'"],
  [['lab capture', 'lab sniff', 'lab dump'], "'gatehouse lab wire'"],
];

const MEANT: ReadonlyMap<string, string> = new Map(
  ROWS.flatMap(([words, meant]) => words.map((word) => [word, meant] as const)),
);

/** What to run instead of `word`, which is no command below `group`; undefined if it is not known. */
export function meantElsewhere(word: string, group: readonly string[]): string | undefined {
  return MEANT.get([...group, word].join(' ')) ?? (group.length === 0 ? byForm(word) : undefined);
}

/** Arguments without a command. */
function byForm(word: string): string | undefined {
  if (isUrl(word)) return "'gatehouse request URL'";
  if (/\.(?:[cm]?[jt]s|jsonc?|ya?ml|toml)$/i.test(word)) return "'gatehouse up --config FILE'";
  if (/\.(?:pem|crt|cer|key|csr|p12|pfx)$/i.test(word)) return "'gatehouse pki show FILE'";
  if (/^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?$|^localhost(?::\d+)?$/i.test(word))
    return "'gatehouse cert issue NAME' or 'gatehouse inspect ADDRESS'";
  return undefined;
}

/** It may contain a password. */
export function isUrl(word: string): boolean {
  return /^[a-z]+:\/\//i.test(word);
}

/** Groups of words with one meaning. A group of commands has one of them. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['create', 'add', 'new', 'make', 'generate', 'register', 'issue'],
  ['remove', 'revoke', 'delete', 'del', 'rm', 'destroy'],
  ['list', 'ls', 'all', 'accounts'],
  ['show', 'get', 'describe', 'info', 'inspect', 'view', 'print', 'cat', 'dump'],
  ['tail', 'log', 'logs', 'list', 'ls', 'show'],
  ['set', 'update', 'edit', 'modify', 'change'],
  ['password', 'passwd', 'reset-password', 'set-password'],
  ['rotate', 'roll', 'renew', 'replace', 'regenerate', 'rotate-secret'],
  ['check', 'validate', 'verify', 'lint', 'test'],
  ['disable', 'lock', 'block', 'suspend', 'deactivate'],
  ['enable', 'unlock', 'unblock', 'activate'],
];

/** The name that means the same; undefined if there is none. */
export function synonymOf(word: string, names: readonly string[]): string | undefined {
  return SYNONYMS.filter((words) => words.includes(word))
    .flatMap((words) => names.filter((name) => words.includes(name)))
    .at(0);
}
