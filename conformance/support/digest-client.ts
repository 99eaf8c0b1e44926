// Digest by hand (RFC 7616 §3.4). A test can choose every part of the answer.
import { hash } from 'node:crypto';

export interface Challenge {
  algorithm: string;
  nonce: string;
  isStale: boolean;
}

/** The challenges of Digest in a field WWW-Authenticate. */
export function digestChallenges(field: string | undefined): Challenge[] {
  return [...String(field).matchAll(/Digest (.*?)(?=, (?:Digest|Basic|Bearer) |$)/g)].map(
    ([, params = '']) => ({
      algorithm: /algorithm=([\w-]+)/.exec(params)?.[1] ?? '',
      nonce: /nonce="([^"]+)"/.exec(params)?.[1] ?? '',
      isStale: params.includes('stale=true'),
    }),
  );
}

export interface DigestAnswer {
  username: string;
  password: string;
  nonce: string;
  uri: string;
  method?: string;
  algorithm?: 'SHA-256' | 'SHA-512-256' | 'MD5';
  count?: number;
  /** Parameters that replace the right ones. */
  instead?: Record<string, string>;
}

const HASHES = { 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256', MD5: 'md5' } as const;

/** The value of Authorization. */
export function digestAuthorization(answer: DigestAnswer): string {
  const { username, password, nonce, uri, method = 'GET', algorithm = 'SHA-256', count = 1 } = answer;
  const h = (text: string) => hash(HASHES[algorithm], text, 'hex');
  const nc = count.toString(16).padStart(8, '0');
  const secret = h(`${username}:gatehouse:${password}`);
  const response = h(`${secret}:${nonce}:${nc}:cnonce:auth:${h(`${method}:${uri}`)}`);
  const params = {
    username,
    realm: 'gatehouse',
    nonce,
    uri,
    cnonce: 'cnonce',
    response,
    algorithm,
    qop: 'auth',
    nc,
  };
  return `Digest ${Object.entries({ ...params, ...answer.instead })
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`;
}
