// The identity of a request and the trust in its server, from files: the key or the token, the client
// certificate, the pins and the revocation lists.
import { existsSync } from 'node:fs';
import type { ClientOptions } from '@gatehouse/client/request';
import { usageError } from '../../exit-status.ts';
import { readApiKeyFile, readTokenFile } from '../../input/secrets.ts';
import type { CliProcess } from '../../process.ts';
import type { RequestFlags } from './flags.ts';

/** `--identity NAME` means the files that other commands write under that name. Throws a usage error. */
export function withIdentity<Flags extends RequestFlags>(flags: Flags): Flags {
  const { identity } = flags;
  if (identity === undefined) return flags;
  if ((flags.cert ?? flags.keyFile ?? flags.tokenFile) !== undefined)
    throw usageError('--identity names the files: give it without --cert, --key-file and --token-file');
  const [found] = IDENTITIES.filter(([ending]) => existsSync(`${identity}${ending}`));
  if (found === undefined) {
    const names = IDENTITIES.map(([ending]) => `${identity}${ending}`);
    throw usageError(`--identity: none of these files exists: ${names.join(', ')}`);
  }
  const [ending, option] = found;
  return { ...flags, [option]: `${identity}${ending}` };
}

const IDENTITIES = [
  ['.pem', 'cert'],
  ['.apikey', 'keyFile'],
  ['.token', 'tokenFile'],
] as const;

/** Throws `CliError`. */
export async function readIdentity(
  flags: RequestFlags,
  url: URL,
  process: CliProcess,
): Promise<Pick<ClientOptions, 'identity'>> {
  const { keyFile, tokenFile, signedIn } = flags;
  if ([keyFile, tokenFile, signedIn].filter((each) => each !== undefined).length > 1) {
    throw usageError('give --key-file or --token-file, not both, and neither with --signed-in');
  }
  if (signedIn) return { identity: { kind: 'bearer', token: await signedInToken(flags, url, process) } };
  if (keyFile !== undefined) {
    return { identity: { kind: 'apiKey', key: await readApiKeyFile(keyFile, process) } };
  }
  if (tokenFile !== undefined) {
    const token = await readTokenFile(tokenFile, process, 'give a key with --key-file');
    return { identity: { kind: 'bearer', token } };
  }
  return {};
}

/** Loads the sign-ins only if they are needed. */
async function signedInToken(flags: RequestFlags, url: URL, process: CliProcess): Promise<string> {
  const { loginToken } = await import('../../connection/logins.ts');
  const trusted = { cacert: flags.ca ?? flags.cacert, data: flags.dataFolder };
  const open = async () => (await import('../../connection/oauth-fetch.ts')).openFetch(trusted, process.env);
  const token = await loginToken(process, url.origin, open);
  if (token !== undefined) return token;
  throw usageError(`--signed-in: you are not signed in for ${url.origin}; use 'gatehouse login --gateway'`);
}

/** Throws `CliError`. */
export async function readTrustChecks({
  pin,
  crl,
  revocation,
}: RequestFlags): Promise<Pick<ClientOptions, 'pins' | 'crl' | 'revocation'>> {
  if (pin?.some((each) => !/^sha256\/[A-Za-z0-9+/]{43}=$/.test(each)))
    throw usageError("--pin should be sha256/ and 44 characters, as 'gatehouse inspect' prints it");
  const lists = crl && (await import('./revocation-lists.ts')).readRevocationLists(crl);
  return {
    ...(pin === undefined ? {} : { pins: pin }),
    ...(lists === undefined ? {} : { crl: await lists }),
    ...(revocation === undefined ? {} : { revocation }),
  };
}

/** Loads the parser of certificates only if there is one. Throws `CliError`. */
export async function readCertificate(
  { cert, key, certKey = key, certPassphraseFile }: RequestFlags,
  url: URL,
  process: CliProcess,
): Promise<Pick<ClientOptions, 'certificate'>> {
  if (cert === undefined) {
    if (certKey === undefined && certPassphraseFile === undefined) return {};
    throw usageError('--key, --cert-key and --cert-passphrase-file need --cert');
  }
  if (url.protocol !== 'https:')
    throw usageError('--cert needs a URL that begins with https://: it is not sent over plain HTTP');
  const { readClientCertificate } = await import('./client-certificate.ts');
  const certificate = await readClientCertificate({ cert, certKey, certPassphraseFile }, process);
  return { certificate };
}
