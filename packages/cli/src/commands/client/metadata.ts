// The options that say what a client may do, in the form of the admin API.

import { CliError, exitStatus } from '../../exit-status.ts';
import { decodeText } from '../../input/decode-text.ts';
import { readInput } from '../../input/input-file.ts';

export interface MetadataFlags {
  grant?: readonly string[];
  redirectUri?: readonly string[];
  postLogoutRedirectUri?: readonly string[];
  backchannelLogoutUri?: string;
  scope?: readonly string[];
  native?: boolean;
  boundToCertificate?: boolean;
  boundToKey?: boolean;
  keys?: string;
}

export async function metadataFrom(flags: MetadataFlags) {
  return {
    grants: flags.grant,
    redirectUris: flags.redirectUri,
    postLogoutRedirectUris: flags.postLogoutRedirectUri,
    backchannelLogoutUri: flags.backchannelLogoutUri,
    scopes: flags.scope,
    applicationType: flags.native ? 'native' : undefined,
    certificateBoundTokens: flags.boundToCertificate,
    dpopBoundTokens: flags.boundToKey,
    keys: flags.keys === undefined ? undefined : await readKeys(flags.keys),
  };
}

/** A JWK, or the keys of a JWK set (RFC 7517). The server checks that they are public keys. */
async function readKeys(path: string): Promise<unknown[]> {
  const text = decodeText(await readInput(path), path);
  try {
    const value = JSON.parse(text);
    return Array.isArray(value.keys) ? value.keys : [value];
  } catch (cause) {
    throw new CliError(exitStatus.failed, `${path} is not a JWK or a JWK set in JSON`, { cause });
  }
}
