// A client of an encrypted endpoint, written like that of the seeds.
import assert from 'node:assert/strict';
import {
  createFernet,
  type EncryptedContext,
  type EncryptedEndpoint,
  exportX25519PublicKey,
  type Fernet,
  generateX25519KeyPair,
  importX25519PublicKey,
} from '../../src/index.ts';

export const URL = 'http://localhost/encrypted/';

export interface Offered {
  client_id: string;
  pub: string;
}

export interface Session {
  clientId: string;
  /** The client's key, PEM. */
  pem: string;
  fernet: Fernet;
}

export const offer = async (endpoint: EncryptedEndpoint): Promise<Offered> =>
  (await (await endpoint.fetch(new Request(URL))).json()) as Offered;

export function post(
  endpoint: EncryptedEndpoint,
  body: unknown,
  context?: EncryptedContext,
): Promise<Response> {
  const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  return endpoint.fetch(new Request(URL, { method: 'POST', body: text as string }), context);
}

/** A session with an accepted key. */
export async function agreed(
  endpoint: EncryptedEndpoint,
  { clock = Date.now, ...context }: EncryptedContext & { clock?: () => number } = {},
): Promise<Session> {
  const { client_id, pub } = await offer(endpoint);
  const pair = await generateX25519KeyPair();
  const pem = exportX25519PublicKey(pair.publicKey);
  const response = await post(endpoint, { pub_key: pem, uid: 1, client_id }, context);
  assert.equal(response.status, 200);
  const secret = await pair.sharedSecret(importX25519PublicKey(pub));
  return { clientId: client_id, pem, fernet: createFernet(secret, { clock }) };
}
