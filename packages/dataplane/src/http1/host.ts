// The Host of a request (RFC 9112 §3.2, RFC 3986 §3.2.2): a name or an address, perhaps with a port. Refuses
// everything that a later reader might take for something else.

const PLAIN = /^(?:[a-z0-9._-]*[a-z0-9_-]|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;

/** In lower case, without a final dot of the name or an empty port; undefined if it is not valid. */
export function canonicalHost(value: string): string | undefined {
  const host = value.toLowerCase();
  if (PLAIN.test(host)) return host;
  const shorter = host.replace(/:$/, '').replace(/\.(?=:\d+$|$)/, '');
  return PLAIN.test(shorter) ? shorter : undefined;
}
