// Renews a client certificate at Gatehouse: the certificate itself is the credential (`POST /ca/renew`,
// mutual TLS). The new one has a new key of the same kind, which never leaves this process.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { client } from '../http/client.ts';
import type { ClientIdentity } from './client-identity.ts';
import { trust } from './trust.ts';

/**
 * A function for `renewingIdentity`.
 * @example
 * const renew = renewAtGatehouse('https://localhost:9443', { ca });
 */
export function renewAtGatehouse(
  server: string | URL,
  { ca }: { ca?: string } = {},
): (identity: ClientIdentity) => Promise<ClientIdentity> {
  return async ({ certificate, key }) => {
    const next = sameKind(createPrivateKey(key));
    const http = client({ baseUrl: server }).with(
      trust({ ...(ca === undefined ? {} : { ca }), certificate, key }),
    );
    try {
      const request = await requestFor(next);
      const { chain } = await http.post('/ca/renew', { json: { request } }).json<{ chain: string }>();
      return { certificate: chain, key: next.export({ type: 'pkcs8', format: 'pem' }).toString() };
    } finally {
      await http.close();
    }
  };
}

/** The authority takes the names from the old certificate. */
async function requestFor(key: KeyObject): Promise<string> {
  const { createRequest, signerFromKey } = await import('@gatehouse/x509');
  return createRequest({ subject: { commonName: 'renewal' } }, signerFromKey(key)).pem;
}

function sameKind({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): KeyObject {
  if (type === 'rsa')
    return generateKeyPairSync('rsa', { modulusLength: details?.modulusLength ?? 2048 }).privateKey;
  if (type === 'ed25519') return generateKeyPairSync('ed25519').privateKey;
  return generateKeyPairSync('ec', { namedCurve: details?.namedCurve ?? 'P-256' }).privateKey;
}
