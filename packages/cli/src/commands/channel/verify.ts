// `gatehouse channel verify URL`: verifies the key that an encrypted endpoint offers. Exits with 6 if no pin
// matches, and with 5 if the signature, the expiry or the certificates are not valid.
import { fetchOffer, type VerifiedOffer, verifyOffer } from '@gatehouse/client/channel';
import { pinDigits } from '@gatehouse/protocol';
import { printFacts } from '../../output/facts.ts';
import { print, printJson, visible } from '../../output/print.ts';
import { fromNow, shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';
import { withEndpoint } from './endpoint.ts';
import { readTrust, requireKnownSigner, type TrustFlags } from './trust.ts';

export interface ChannelVerifyFlags extends TrustFlags {
  json?: boolean;
}

export async function channelVerify(
  this: CliContext,
  flags: ChannelVerifyFlags,
  address: string,
): Promise<void> {
  const { process } = this;
  await withEndpoint({ flags, address, process }, async ({ client, url }) => {
    const { trust, rootsFile, usualRoots } = await readTrust(flags, url.hostname, process);
    const offer = await fetchOffer({ transport: client, url });
    const verified = await verifyOffer(offer, { url, trust, now: new Date() });
    const known = await requireKnownSigner(process, url, { trust, usualRoots, verified });
    const { clientId, pub } = offer;
    const digits = pinDigits(verified.fingerprint);
    const expires = verified.expires.toISOString();
    const facts = { url: url.href, clientId, pub, ...verified, digits, expires };
    if (flags.json) return printJson(process, { ok: true, ...facts });
    const seen =
      known?.pin === verified.fingerprint ? `since ${shortTime(known.since)}` : 'for the first time';
    show(this, { ...facts, rootsFile, seen });
  });
}

type Shown = Omit<VerifiedOffer, 'expires'> & {
  url: string;
  clientId: string;
  pub: string;
  digits: string;
  expires: string;
  rootsFile: string | undefined;
  seen: string;
};

function show(context: CliContext, shown: Shown): void {
  const { url, pub, fingerprint, digits, by, chain, expires, rootsFile, seen } = shown;
  const { process, screen } = context;
  print(process, `${screen.paint('green', 'verified')}  ${visible(url)} offers its own key`);
  const [, key] = pub.split('\n');
  printFacts(context, [
    ['key', key],
    ['signed by', fingerprint],
    ['digits', digits],
    ['seen', seen],
    ['expires', screen.columns ? fromNow(expires, new Date()) : shortTime(expires)],
    ['trusted by', by.map((way) => WAYS[way]).join(', ')],
    ['chain', chain.length === 0 ? undefined : chain.join(' < ')],
    ['roots', chain.length === 0 ? undefined : (rootsFile ?? 'those of Node')],
  ]);
}

const WAYS = { pin: 'the pin', chain: 'the certificate' } as const;
