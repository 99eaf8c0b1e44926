// The Host of a request (RFC 9112 §3.2, RFC 3986 §3.2.2): a name or an address, perhaps with a port. Refuses
// every value that another parser might read differently.

// An address in brackets has at least two colons, and dots only in an IPv4 address at its end.
const PLAIN =
  /^(?:[a-z0-9._-]*[a-z0-9_-]|\[(?=[^\]]*:[^\]]*:)[0-9a-f:]+(?::\d{1,3}(?:\.\d{1,3}){3})?\])(?::(\d{1,5}))?$/;
const MAX_PORT = 65_535;

/** In lower case, without a final dot of the name or an empty port; undefined if it is not valid. */
export function canonicalHost(value: string): string | undefined {
  const host = value.toLowerCase();
  if (isHost(host)) return host;
  const shorter = host.replace(/:$/, '').replace(/\.(?=:\d+$|$)/, '');
  return isHost(shorter) ? shorter : undefined;
}

function isHost(text: string): boolean {
  const [, port = '0'] = PLAIN.exec(text) ?? ['', String(MAX_PORT + 1)];
  return Number(port) <= MAX_PORT;
}
