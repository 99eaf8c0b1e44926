// Who a request is from, and whom it trusts: the key or the token, the client certificate, the pins and the revocation
// lists, from files.
import { existsSync } from 'node:fs';
import type { ClientOptions } from '@gatehouse/client/request';
import { usageError } from '../../exit-status.ts';
import { readApiKeyFile, readTokenFile } from '../../input/secrets.ts';
import type { CliProcess } from '../../process.ts';
import type { RequestFlags } from './request.ts';

/** `--identity NAME` stands for the files that other commands write under that name. Throws a usage error. */
export function withIdentity<Flags extends RequestFlags>(flags: Flags): Flags {
  const { identity } = flags;
  if (identity === undefined) return flags;
  if ((flags.cert ?? flags.keyFile ?? flags.tokenFile) !== undefined)
    throw usageError('--identity names the files: give it without --cert, --key-file and --token-file');
  const [found] = IDENTITIES.filter(([ending]) => existsSync(`${identity}${ending}`));
  if (found === undefined) {
    const names = IDENTITIES.map(([ending]) => `${identity}${ending}`);
    throw usageError(`--identity: there is none of ${names.join(', ')}`);
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
  { keyFile, tokenFile }: RequestFlags,
  process: CliProcess,
): Promise<Pick<ClientOptions, 'identity'>> {
  if (keyFile !== undefined && tokenFile !== undefined) {
    throw usageError('give --key-file or --token-file, not both');
  }
  if (keyFile !== undefined) {
    return { identity: { kind: 'apiKey', key: await readApiKeyFile(keyFile, process) } };
  }
  if (tokenFile !== undefined) {
    const token = await readTokenFile(tokenFile, process, 'give a key with --key-file');
    return { identity: { kind: 'bearer', token } };
  }
  return {};
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
    throw usageError('--key, --cert-key and --cert-passphrase-file go with --cert');
  }
  if (url.protocol !== 'https:')
    throw usageError('--cert needs a URL that begins with https://: it is not sent over plain HTTP');
  const { readClientCertificate } = await import('./client-certificate.ts');
  const certificate = await readClientCertificate({ cert, certKey, certPassphraseFile }, process);
  return { certificate };
}
