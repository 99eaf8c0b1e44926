// `gatehouse channel verify URL`: whose key an encrypted endpoint offers. Exits with 6 if no pin fits, and
// with 5 if the signature, the expiry or the certificates are not as they must be.
import { fetchOffer, type VerifiedOffer, verifyOffer } from '@gatehouse/client/channel';
import { printFacts } from '../../output/facts.ts';
import { print, printJson, visible } from '../../output/print.ts';
import { fromNow, shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';
import { withEndpoint } from './endpoint.ts';
import { readTrust, type TrustFlags } from './trust.ts';

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
    const { trust, rootsFile } = await readTrust(flags, url.hostname, process);
    const offer = await fetchOffer({ transport: client, url });
    const verified = await verifyOffer(offer, { url, trust, now: new Date() });
    const { clientId, pub } = offer;
    const facts = { url: url.href, clientId, pub, ...verified, expires: verified.expires.toISOString() };
    if (flags.json) return printJson(process, { ok: true, ...facts });
    show(this, { ...facts, rootsFile });
  });
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
