// `gatehouse login` without a name: signs in with the browser, or with a code to type into a browser on
// another machine. The tokens are stored for this user, and management commands with `--server` use them.
import { spawn } from 'node:child_process';
import {
  type DeviceCode,
  type Fetch,
  signInThrough,
  type Tokens,
  type UserGrant,
} from '@gatehouse/client/oauth';
import { controlUrl, ownDataFolder } from '../../connection/data-folder.ts';
import { type Login, loginOf, readLogins, writeLogin } from '../../connection/logins.ts';
import { explained } from '../../connection/oauth.ts';
import { openFetch } from '../../connection/oauth-fetch.ts';
import { CliError, exitStatus, usageError } from '../../exit-status.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';

export interface SignInFlags {
  client?: string;
  device?: boolean;
  gateway?: boolean;
  browser?: boolean;
  json?: boolean;
  data?: string;
  server?: string;
  cacert?: string;
}

const PATIENCE_SECONDS = 600;
const NO_PAGE = 'the server has no page of https to sign in at: check --server, and see its log';

export async function signIn(context: CliContext, flags: SignInFlags): Promise<void> {
  const { process } = context;
  const folder = () => ownDataFolder(flags.data, process.env);
  const issuer = new URL(flags.server ?? (await controlUrl(await folder()))).origin;
  if (!issuer.startsWith('https:')) throw usageError('--server should begin with https://');
  const clientId = flags.client ?? (await knownClient(process, issuer, flags));
  const { fetch, close } = await openFetch(flags, process.env);
  try {
    const wish = flags.gateway
      ? { scope: 'openid offline_access' }
      : { scope: 'openid offline_access gatehouse:admin', resource: issuer };
    const grant = {
      issuer,
      clientId,
      ...wish,
      ...(flags.device ? onDevice(process) : inBrowser(process, flags)),
    };
    const tokens = await signedIn(process, fetch, grant);
    const origin = audienceOf(tokens) ?? issuer;
    await writeLogin(process, origin, loginOf(tokens, wish.resource));
    const { expiresAt } = tokens;
    const expires = expiresAt === undefined ? null : new Date(expiresAt).toISOString();
    const facts = { for: origin, issuer, clientId, expiresAt: expires };
    if (flags.json) return printJson(process, facts);
    const use = flags.gateway
      ? `gatehouse request ${origin}/ --signed-in`
      : `gatehouse status --server ${origin}`;
    print(process, visible(`Signed in for ${origin}. Try: ${use}`));
  } finally {
    await close();
  }
}

/** The client of the last sign-in at this server, preferably for the same use. */
async function knownClient(
  process: CliProcess,
  issuer: string,
  { gateway = false }: SignInFlags,
): Promise<string> {
  const known = Object.values(await readLogins(process)).filter((login: Login) => login.issuer === issuer);
  const same = known.find(({ resource }) => (resource === undefined) === gateway);
  const [first] = same === undefined ? known : [same];
  if (first !== undefined) return first.clientId;
  throw usageError(
    "give --client with the id of an OAuth client; an administrator makes one with 'gatehouse client add cli --public --native --grant authorization_code --grant device_code --redirect-uri http://127.0.0.1/callback --scope gatehouse:admin'",
  );
}

/** The scopes of the token. The server checks them. */
function audienceOf({ accessToken }: Tokens): string | undefined {
  try {
    const payload = Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString();
    const { aud } = JSON.parse(payload) as { aud?: unknown };
    const [first] = [aud].flat();
    return typeof first === 'string' ? URL.parse(first)?.origin : undefined;
  } catch {
    return undefined;
  }
}

function signedIn(process: CliProcess, fetch: Fetch, grant: UserGrant): Promise<Tokens> {
  const { wait } = process;
  return explained(() => signInThrough(fetch, grant, wait === undefined ? {} : { tools: { wait } }));
}

function inBrowser(process: CliProcess, { browser }: SignInFlags) {
  return {
    timeoutSeconds: PATIENCE_SECONDS,
    open(url: URL) {
      // Also not to a program on this machine.
      if (url.protocol !== 'https:') throw new CliError(exitStatus.failed, NO_PAGE);
      remark(process, `Open this address in a browser on this machine:\n\n  ${visible(url.href)}\n`);
      if (browser !== false && process.stderr.isTTY === true) openBrowser(url.href, process.env);
    },
  };
}

function onDevice(process: CliProcess) {
  return {
    show({ verificationUri, userCode }: DeviceCode) {
      const [url, code] = [visible(verificationUri), visible(userCode)];
      remark(
        process,
        `Open this address in a browser, on any machine, and type the code:\n\n  ${url}\n  ${code}\n`,
      );
    },
  };
}

/** Without a browser, the person opens the printed address. */
function openBrowser(url: string, env: NodeJS.ProcessEnv): void {
  const [program = '', ...args] = browserCommand(env);
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}

function browserCommand({ BROWSER }: NodeJS.ProcessEnv): string[] {
  if (BROWSER) return [BROWSER];
  if (process.platform === 'darwin') return ['open'];
  return process.platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler'] : ['xdg-open'];
}
