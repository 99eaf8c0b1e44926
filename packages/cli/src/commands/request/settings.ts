// The defaults of a request: from the options, then the environment, then a file of the project, then a file
// of the user. Others may have written a project, so its file may only choose where to send and how long to
// wait, or add checks. It cannot add trust, name a file, or remove a check.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configFolder } from '../../connection/config-folder.ts';
import { CliError, cannotRead, exitStatus } from '../../exit-status.ts';
import { parseDuration } from '../../input/duration.ts';
import type { CliProcess } from '../../process.ts';
import type { RequestFlags } from './flags.ts';
import { MOST_RETRIES } from './retries.ts';

/** The settings of one source. */
interface Settings {
  baseUrl?: string;
  headers?: Readonly<Record<string, string>>;
  /** As `--timeout`. */
  timeout?: string;
  retry?: number;
  check?: boolean;
  pin?: readonly string[];
  revocation?: 'stapled' | 'ask' | 'require';
  ca?: string;
  identity?: string;
}

/** The options with the defaults of all sources. */
export interface ResolvedFlags extends RequestFlags {
  timeout: number;
  baseUrl: string | undefined;
  /** Whether a project chose where to send: then no credential is sent. */
  isProjectUrl: boolean;
  defaultHeaders: Readonly<Record<string, string>>;
}

const PROJECT_FILE = 'gatehouse.request.json';

/** `folder`: where the file of the project is. Throws `CliError`. */
export async function resolveFlags(
  flags: RequestFlags,
  { env }: Pick<CliProcess, 'env'>,
  folder = '.',
): Promise<ResolvedFlags> {
  const project = readSettings(join(folder, PROJECT_FILE), PROJECT_MEMBERS);
  const home = readSettings(homeFile(env), [...PROJECT_MEMBERS, ...OWN_MEMBERS]);
  const environment = fromEnvironment(env);
  const all: Settings = { ...home, ...project, ...environment };
  return {
    ...flags,
    ...secondTo(flags, all),
    ...pinsOf(flags, [environment, home, project]),
    revocation:
      flags.revocation ?? strictest([environment.revocation ?? home.revocation, project.revocation]),
    baseUrl: all.baseUrl,
    isProjectUrl: environment.baseUrl === undefined && project.baseUrl !== undefined,
    defaultHeaders: { ...home.headers, ...project.headers },
  } as ResolvedFlags;
}

const PROJECT_MEMBERS = ['baseUrl', 'headers', 'timeout', 'retry', 'check', 'pin', 'revocation'] as const;
const OWN_MEMBERS = ['ca', 'identity'] as const;

function secondTo(
  flags: RequestFlags,
  { timeout, retry, check, ca, identity }: Settings,
): Partial<RequestFlags> {
  const roots = flags.ca ?? flags.cacert ?? ca;
  const hasIdentity = (flags.cert ?? flags.keyFile ?? flags.tokenFile ?? flags.identity) !== undefined;
  return {
    timeout: flags.timeout ?? parseDuration(timeout ?? '30s'),
    ...(retry !== undefined && flags.retry === undefined ? { retry } : {}),
    ...(check === true ? { check } : {}),
    ...(roots === undefined ? {} : { ca: roots }),
    ...(identity === undefined || hasIdentity ? {} : { identity }),
  };
}

/** The pins of a project count only if the user has none, because they would replace the user's. */
function pinsOf(flags: RequestFlags, sources: readonly Settings[]): Pick<RequestFlags, 'pin'> {
  const pins = flags.pin ?? sources.find(({ pin }) => pin !== undefined)?.pin;
  return pins === undefined ? {} : { pin: pins };
}

const STRICTNESS = ['stapled', 'ask', 'require'] as const;

function strictest(modes: readonly Settings['revocation'][]): Settings['revocation'] {
  return STRICTNESS.findLast((mode) => modes.includes(mode));
}

function fromEnvironment(env: NodeJS.ProcessEnv): Settings {
  const text = (name: string) => env[`GATEHOUSE_REQUEST_${name}`] || undefined;
  const [baseUrl, timeout, retry, ca, identity, pin] = [
    'URL',
    'TIMEOUT',
    'RETRY',
    'CA',
    'IDENTITY',
    'PIN',
  ].map(text);
  return parseSettings(
    {
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(timeout === undefined ? {} : { timeout }),
      ...(retry === undefined ? {} : { retry: Number(retry) }),
      ...(ca === undefined ? {} : { ca }),
      ...(identity === undefined ? {} : { identity }),
      ...(pin === undefined ? {} : { pin: pin.split(',') }),
    },
    'the environment (GATEHOUSE_REQUEST_…)',
    [...PROJECT_MEMBERS, ...OWN_MEMBERS],
  );
}

function homeFile(env: NodeJS.ProcessEnv): string | undefined {
  const folder = configFolder(env);
  return folder && join(folder, 'request.json');
}

function readSettings(path: string | undefined, allowed: readonly string[]): Settings {
  const text = path && readText(path);
  if (!path || text === undefined) return {};
  try {
    return parseSettings(JSON.parse(text), path, allowed);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw refused(path, 'is not JSON');
  }
}

/** At once: `node:fs/promises` takes longer to load than these small files to read. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // A service may have no access to the home folder of its user.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw cannotRead(path, error);
  }
}

function parseSettings(value: unknown, source: string, allowed: readonly string[]): Settings {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused(source, 'is not a JSON object');
  for (const [name, member] of Object.entries(value)) {
    if (!allowed.includes(name)) {
      const isOwn = (OWN_MEMBERS as readonly string[]).includes(name);
      const why = isOwn
        ? 'a file in the working folder may not add trust or choose an identity'
        : `it has ${allowed.join(', ')}`;
      throw refused(source, `has the member "${name}": ${why}`);
    }
    if (!CHECKS[name as keyof Settings](member))
      throw refused(source, `has a member "${name}" of the wrong form`);
    if (name === 'headers' && !allowed.includes('ca')) requireHarmless(member as object, source);
  }
  return value as Settings;
}

/** These would change a request that has the user's credential, or send it to another host. */
const HARMFUL =
  /^(?:host|cookie|forwarded|via|range|if-.*|x-forwarded-.*|x-real-ip|x-original-.*|x-rewrite-.*|.*method.*)$/i;

function requireHarmless(headers: object, source: string): void {
  const name = Object.keys(headers).find((each) => HARMFUL.test(each.trim()));
  if (name !== undefined)
    throw refused(source, `sets the header "${name}", which a file in the working folder may not`);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const CHECKS: Readonly<Record<keyof Settings, (value: unknown) => boolean>> = {
  baseUrl: (value) => isText(value) && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
  headers: (value) => typeof value === 'object' && value !== null && Object.values(value).every(isText),
  timeout: (value) => isText(value) && /^[1-9]\d*[smhd]$/.test(value),
  retry: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST_RETRIES,
  check: (value) => value === true,
  pin: (value) => Array.isArray(value) && value.every(isText),
  revocation: (value) => STRICTNESS.some((mode) => mode === value),
  ca: isText,
  identity: isText,
};

function refused(source: string, what: string): CliError {
  return new CliError(exitStatus.usage, `${source} ${what}`);
}
