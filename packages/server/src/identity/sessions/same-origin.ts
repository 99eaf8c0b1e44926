// Refuses requests that another site made a browser send (cross-site request forgery). Browsers name the
// origin of a request in Sec-Fetch-Site, and older ones in Origin (Fetch Metadata §2.3, RFC 6454 §7).
// Programs send neither, but have no cookies that other sites could use.
import { GatehouseError } from '@gatehouse/access';
import type { Call } from '../../platform/http/route.ts';

/** Throws `forbidden`. `ownOrigin` is the public URL of the listener. */
export function requireSameOrigin(call: Pick<Call, 'header'>, ownOrigin: string): void {
  const site = call.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw fromElsewhere();
  const origin = call.header('origin');
  if (origin === undefined || origin === ownOrigin) return;
  if (origin !== `https://${call.header('host')}`) throw fromElsewhere();
}

function fromElsewhere(): GatehouseError {
  return new GatehouseError(
    'forbidden',
    'This request came from a page of another site: open the page on this site, and try again.',
  );
}
