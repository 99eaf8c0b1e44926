// `gatehouse channel verify URL`: whose key an encrypted endpoint offers. Exits with 6 if no pin fits, and with 5 if
// the signature, the expiry or the certificates are not as they must be.
import { fetchOffer, pinsInRecords, type VerifiedOffer, verifyOffer } from '@gatehouse/client/channel';
import { readRoots } from '../../connection/trust.ts';
import { CliError, exitStatus, usageError } from '../../exit-status.ts';
import { readInput } from '../../input/input-file.ts';
import { printFacts } from '../../output/facts.ts';
import { print, printJson, visible } from '../../output/print.ts';
import { fromNow, shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';
import { type EndpointFlags, withEndpoint } from './endpoint.ts';

export interface ChannelVerifyFlags extends EndpointFlags {
  pin?: readonly string[];
  dnsRecord?: string;
  json?: boolean;
}

export async function channelVerify(
  this: CliContext,
  flags: ChannelVerifyFlags,
  address: string,
): Promise<void> {
  const { process } = this;
  await withEndpoint({ flags, address, process }, async ({ client, url, roots }) => {
    const pins = await readPins(flags, url.hostname);
    const trusted =
      pins && roots === undefined
        ? undefined
        : await readRoots({ cacert: roots, data: flags.data }, process.env);
    const trust = { ...(pins && { pins }), ...(trusted && { roots: trusted.pem }) };
    const offer = await fetchOffer({ transport: client, url });
    const verified = await verifyOffer(offer, { url, trust, now: new Date() });
    const { clientId, pub } = offer;
    const facts = { url: url.href, clientId, pub, ...verified, expires: verified.expires.toISOString() };
    if (flags.json) return printJson(process, { ok: true, ...facts });
    show(this, { ...facts, rootsFile: trusted?.path });
  });
}

/** The pins that were named; undefined if there were none. */
async function readPins({ pin, dnsRecord }: ChannelVerifyFlags, host: string): Promise<string[] | undefined> {
  const malformed = pin?.find((each) => !/^sha256\/[A-Za-z0-9+/]{43}=$/.test(each));
  if (malformed !== undefined) {
    throw usageError(
      "--pin should be sha256/ and 44 characters, as 'gatehouse channel fingerprint' prints it",
    );
  }
  if (dnsRecord === undefined) return pin && [...pin];
  const recorded = pinsInRecords((await readInput(dnsRecord)).toString('utf8'), host);
  if (recorded.length > 0) return [...(pin ?? []), ...recorded];
  const message = `${dnsRecord} has no record for ${host}: expected a TXT record of _gatehouse-channel.${host}`;
  throw new CliError(exitStatus.pin, message);
}

type Shown = Omit<VerifiedOffer, 'expires'> & {
  url: string;
  clientId: string;
  pub: string;
  expires: string;
  rootsFile: string | undefined;
};

function show(context: CliContext, { url, pub, fingerprint, by, chain, expires, rootsFile }: Shown): void {
  const { process, screen } = context;
  print(process, `${screen.paint('green', 'verified')}  ${visible(url)} offers its own key`);
  const [, key] = pub.split('\n');
  printFacts(context, [
    ['key', key],
    ['signed by', fingerprint],
    ['expires', screen.columns ? fromNow(expires, new Date()) : shortTime(expires)],
    ['verified', by.map((way) => WAYS[way]).join(', ')],
    ['chain', chain.length === 0 ? undefined : chain.join(' < ')],
    ['roots', chain.length === 0 ? undefined : (rootsFile ?? 'those of Node')],
  ]);
}

const WAYS = { pin: 'the pin', chain: 'the certificate' } as const;
