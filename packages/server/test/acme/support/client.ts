// An ACME client for tests, which signs with jose. It sends what the test gives, right or wrong.
import type { JWK } from 'jose';
import { calculateJwkThumbprint, exportJWK, FlattenedSign, generateKeyPair } from 'jose';
import type { AcmeAnswer, TestAcme } from './server.ts';
import { ORIGIN } from './server.ts';

export interface TestKey {
  alg: string;
  privateKey: CryptoKey;
  jwk: JWK;
  thumbprint: string;
}

export async function createKey(alg = 'ES256'): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { alg, privateKey, jwk, thumbprint: await calculateJwkThumbprint(jwk) };
}

export interface Signing {
  /** Members of the protected header to replace; undefined removes one. */
  header?: Record<string, unknown>;
  key?: TestKey;
}

export interface TestClient {
  key: TestKey;
  /** The account's URL, after it was created. */
  kid: string | undefined;
  nonce(): Promise<string>;
  /**
   * Sends a POST that is signed by the account, or by the key if there is no account. Without a payload it is
   * a POST-as-GET.
   */
  post(url: string, payload?: unknown, signing?: Signing): Promise<AcmeAnswer>;
  sign(url: string, payload: unknown, signing?: Signing): Promise<object>;
  register(payload?: object): Promise<AcmeAnswer>;
  order(names: string[], more?: object): Promise<AcmeAnswer>;
  keyAuthorization(token: string): string;
}

export async function createClient(server: TestAcme, key?: TestKey): Promise<TestClient> {
  const own = key ?? (await createKey());
  const client: TestClient = {
    key: own,
    kid: undefined,
    async nonce() {
      const { headers } = await server.send('HEAD', '/acme/new-nonce');
      return headers.get('replay-nonce') ?? '';
    },
    async sign(url, payload, { header = {}, key: signer = client.key } = {}) {
      const identity = client.kid === undefined ? { jwk: signer.jwk } : { kid: client.kid };
      const text =
        payload === undefined ? '' : typeof payload === 'string' ? payload : JSON.stringify(payload);
      const members = {
        alg: signer.alg,
        nonce: await client.nonce(),
        url: absolute(url),
        ...identity,
        ...header,
      };
      return flattened(text, members, signer);
    },
    async post(url, payload, signing) {
      return postBody(server, url, await client.sign(url, payload, signing));
    },
    async register(payload = {}) {
      client.kid = undefined;
      const answer = await client.post('/acme/new-account', payload);
      client.kid = answer.headers.get('location') ?? undefined;
      return answer;
    },
    order: (names, more = {}) =>
      client.post('/acme/new-order', {
        identifiers: names.map((name) => ({ type: typeOf(name), value: name })),
        ...more,
      }),
    keyAuthorization: (token) => `${token}.${client.key.thumbprint}`,
  };
  return client;
}

export function absolute(url: string): string {
  return url.startsWith('/') ? `${ORIGIN}${url}` : url;
}

/** JSON omits members that are undefined. */
export async function flattened(
  payload: string,
  header: Record<string, unknown>,
  key: TestKey,
): Promise<object> {
  const members = JSON.parse(JSON.stringify(header));
  const jws = await new FlattenedSign(new TextEncoder().encode(payload))
    .setProtectedHeader(members)
    .sign(key.privateKey);
  return { ...jws };
}

export function postBody(
  server: TestAcme,
  url: string,
  body: object | string,
  contentType = 'application/jose+json',
): Promise<AcmeAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return server.send('POST', url, { headers: { 'content-type': contentType }, body: text });
}

function typeOf(name: string): 'dns' | 'ip' {
  return /^[\d.]+$/.test(name) || name.includes(':') ? 'ip' : 'dns';
}
