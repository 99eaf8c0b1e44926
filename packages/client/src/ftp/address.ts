// URLs of FTP (RFC 1738 §3.2): `ftp:` and `ftps:` with a user name, a password and a path. Refuses control
// characters, because they could start another command.

/** Where a file is, and which user asks for it. */
export interface FtpAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  /** The path below the user's folder on the server. Empty means that folder itself. */
  path: string;
  /** `implicit`: TLS from the first octet, at port 990. `explicit`: AUTH TLS (RFC 4217). */
  security: 'none' | 'explicit' | 'implicit';
}

const IMPLICIT_PORT = 990;
const FTP_PORT = 21;

/** Throws `TypeError`. */
export function parseFtpUrl(url: string | URL, login?: { username: string; password: string }): FtpAddress {
  const target = URL.parse(url);
  if (target === null || !isFtp(target)) throw new TypeError('the URL must begin with ftp:// or ftps://');
  const { hostname, protocol } = target;
  const port = target.port === '' ? FTP_PORT : Number(target.port);
  const named = target.username !== '';
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    user: named ? decoded(target.username) : (login?.username ?? 'anonymous'),
    password: named ? decoded(target.password) : (login?.password ?? 'anonymous@'),
    path: decoded(target.pathname.slice(1)),
    security: protocol === 'ftp:' ? 'none' : port === IMPLICIT_PORT ? 'implicit' : 'explicit',
  };
}

/** Whether the URL is for FTP. */
export function isFtp({ protocol }: { protocol: string }): boolean {
  return protocol === 'ftp:' || protocol === 'ftps:';
}

function decoded(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw new TypeError('the URL has a percent sign that does not begin an octet of UTF-8');
  }
  if (/\p{Cc}/u.test(plain))
    throw new TypeError('the URL has a control character: FTP has no way to send it');
  return plain;
}
