// The names and addresses of this machine. Loads nothing of Node.

/** The URL parser has normalized all spellings of an IPv4 address. For the names see RFC 6761 §6.3. */
export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') return true;
  return /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
