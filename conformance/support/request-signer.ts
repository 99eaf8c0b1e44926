// Signs requests by hand, without our packages (RFC 9421, RFC 9530), so that a test can make any detail
// wrong. Also verifies signed answers.
import type { KeyObject } from 'node:crypto';
import { createPublicKey, hash, randomUUID, sign, verify } from 'node:crypto';
import type { Answer } from './https-client.ts';

export interface SigningPair {
  privateKey: KeyObject;
  /** PEM. */
  publicPem: string;
}

export interface RequestToSign {
  method?: string;
  authority: string;
  /** Path and query. */
  target: string;
  body?: string;
  keyid: string;
}

/** The differences from an accepted request. */
export interface Deviation {
  components?: readonly string[];
  created?: number | null;
  expires?: number;
  nonce?: string | null;
  alg?: string;
  label?: string;
  /** Replaces the right one. */
  digest?: string | null;
  /** The values that are signed instead of those of the request. */
  as?: Partial<Pick<RequestToSign, 'method' | 'authority' | 'target'>>;
}

export const COMPONENTS = ['@method', '@authority', '@path', '@query', 'content-digest'];

export function digestOf(body: string | Buffer, name: 'sha-256' | 'sha-512' = 'sha-256'): string {
  return `${name}=:${hash(name.replace('-', ''), body, 'base64')}:`;
}

/** The fields of a signed request. */
export function signedFields(
  key: KeyObject,
  request: RequestToSign,
  deviation: Deviation = {},
): Record<string, string> {
  const { components = COMPONENTS, label = 'sig1' } = deviation;
  const digest = deviation.digest === undefined ? digestOf(request.body ?? '') : deviation.digest;
  const signed = { method: 'GET', ...request, ...deviation.as };
  const params = `(${components.map((name) => `"${name}"`).join(' ')})${parametersOf(request, deviation)}`;
  const lines = components.map((name) => `"${name}": ${componentText(name, signed, digest ?? '')}`);
  const base = [...lines, `"@signature-params": ${params}`].join('\n');
  return {
    ...(digest !== null && { 'content-digest': digest }),
    'signature-input': `${label}=${params}`,
    signature: `${label}=:${signatureOf(key, base).toString('base64')}:`,
  };
}

function parametersOf({ keyid }: RequestToSign, deviation: Deviation): string {
  const { created = Math.floor(Date.now() / 1000), nonce = randomUUID(), expires, alg } = deviation;
  return [
    ...(created === null ? [] : [`;created=${created}`]),
    ...(expires === undefined ? [] : [`;expires=${expires}`]),
    ...(nonce === null ? [] : [`;nonce="${nonce}"`]),
    ...(alg === undefined ? [] : [`;alg="${alg}"`]),
    `;keyid="${keyid}"`,
  ].join('');
}

type Signed = Required<Pick<RequestToSign, 'method' | 'authority' | 'target'>>;

function componentText(name: string, { method, authority, target }: Signed, digest: string): string {
  const [path = '', query] = target.split(/(?=\?)/);
  const values: Record<string, string> = {
    '@method': method,
    '@authority': authority,
    '@path': path,
    '@query': query ?? '?',
    '@target-uri': `https://${authority}${target}`,
    'content-digest': digest,
  };
  return values[name] ?? '';
}

const PSS = { padding: 6, saltLength: 64 } as const;

function signatureOf(key: KeyObject, base: string): Buffer {
  const data = Buffer.from(base);
  if (key.asymmetricKeyType === 'ed25519') return sign(null, data, key);
  if (key.asymmetricKeyType === 'ec') return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
  return sign('sha512', data, { key, ...PSS });
}

/**
 * Verifies the signature of an answer by the key set (P-256), and its digest. Returns the components that it
 * covers. Throws for an answer that is not signed. `request` are the fields that were sent.
 */
export function verifiedAnswer(
  answer: Answer,
  { keys }: { keys: readonly Record<string, string>[] },
  request: RequestToSign & { fields: Readonly<Record<string, string>> },
): { isRight: boolean; components: string[]; created: number } {
  const field = (name: string) => String(answer.headers[name] ?? '');
  const [, label, params = ''] = /^([a-z0-9]+)=(\(.*)$/.exec(field('signature-input')) ?? [];
  const [, signature = ''] = new RegExp(`^${label}=:([^:]+):$`).exec(field('signature')) ?? [];
  const components = [...params.slice(0, params.indexOf(')')).matchAll(/"([^"]+)"(;req)?/g)];
  const lines = components.map(([text, name = '', req]) => {
    const signed = { method: 'GET', ...request };
    if (req)
      return `${text}: ${name.startsWith('@') ? componentText(name, signed, '') : request.fields[name]}`;
    return `${text}: ${name === '@status' ? answer.status : field(name)}`;
  });
  const base = [...lines, `"@signature-params": ${params}`].join('\n');
  const keyid = /;keyid="([^"]+)"/.exec(params)?.[1];
  const jwk = keys.find(({ kid }) => kid === keyid);
  if (!jwk) throw new Error(`no key ${keyid}`);
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const isSigned = verify(
    'sha256',
    Buffer.from(base),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64'),
  );
  const isRight = isSigned && field('content-digest') === digestOf(answer.body);
  return {
    isRight,
    components: components.map(([text]) => text),
    created: Number(/;created=(\d+)/.exec(params)?.[1]),
  };
}
