// Which keys a command accepts: by the given pins and DNS record, and by the roots. Without a pin, it must
// also be the key that this user has seen before.
import { type ChannelTrust, pinsInRecords, type VerifiedOffer } from '@gatehouse/client/channel';
import {
  type KnownSigner,
  knownSigner,
  otherSigner,
  rememberSigner,
  type SignerPlace,
} from '../../connection/known-signers.ts';
import { readRoots } from '../../connection/trust.ts';
import { CliError, exitStatus, usageError } from '../../exit-status.ts';
import { decodeText } from '../../input/decode-text.ts';
import { readInput } from '../../input/input-file.ts';
import type { CliProcess } from '../../process.ts';
import type { EndpointFlags } from './endpoint.ts';

export interface TrustFlags extends EndpointFlags {
  pin?: readonly string[];
  dnsRecord?: string;
}

export interface ReadTrust {
  trust: ChannelTrust;
  /** The file of the roots; undefined for those of Node. */
  rootsFile: string | undefined;
  /** The roots that count if no pin is given. */
  usualRoots: string | undefined;
}

/** With pins and without given roots, only the pins count. Throws `CliError`. */
export async function readTrust(flags: TrustFlags, host: string, process: CliProcess): Promise<ReadTrust> {
  const pins = await readPins(flags, host);
  const named = flags.ca ?? flags.cacert;
  const roots = await readRoots({ cacert: named, data: flags.data }, process.env);
  const usualRoots = roots?.pem;
  if (pins && named === undefined) return { trust: { pins }, rootsFile: undefined, usualRoots };
  const trust = { ...(pins && { pins }), ...(roots && { roots: roots.pem }) };
  return { trust, rootsFile: roots?.path, usualRoots };
}

/**
 * Requires the signer that was seen before, unless a pin names another one, and stores it. Returns the signer
 * that was known before. Throws `CliError`.
 */
export async function requireKnownSigner(
  process: CliProcess,
  url: URL,
  { trust, usualRoots, verified }: Pick<ReadTrust, 'trust' | 'usualRoots'> & { verified: VerifiedOffer },
): Promise<KnownSigner | undefined> {
  const place: SignerPlace = { use: 'channel', origin: url.origin, roots: usualRoots };
  const pin = verified.fingerprint;
  const known = await knownSigner(process, place);
  if (known && known.pin !== pin && !trust.pins) throw otherSigner(place, { pin, known }, '--pin');
  await rememberSigner(process, place, { pin });
  return known;
}

/** The given pins; undefined if there were none. */
async function readPins({ pin, dnsRecord }: TrustFlags, host: string): Promise<string[] | undefined> {
  const malformed = pin?.find((each) => !/^sha256\/[A-Za-z0-9+/]{43}=$/.test(each));
  if (malformed !== undefined) {
    throw usageError(
      "--pin should be sha256/ and 44 characters, as 'gatehouse channel fingerprint' prints it",
    );
  }
  if (dnsRecord === undefined) return pin && [...pin];
  const recorded = pinsInRecords(decodeText(await readInput(dnsRecord), dnsRecord), host);
  if (recorded.length > 0) return [...(pin ?? []), ...recorded];
  const message = `${dnsRecord} has no record for ${host}: expected a TXT record of _gatehouse-channel.${host}`;
  throw new CliError(exitStatus.pin, message);
}
