// The offered keys, signed for each name and port under which clients find the gateway.
import { sign, X509Certificate } from 'node:crypto';
import type { ConfigurationSigner } from '@gatehouse/protocol';
import { OFFERED_ALGORITHMS, signConfiguration, writeKeyConfigurations } from '@gatehouse/protocol';
import type { SigningIdentity } from '../ca/index.ts';
import type { Generation } from './sealing-keys.ts';

export interface Offer {
  offer: Uint8Array;
  signatures: Record<string, string[]>;
}

const HTTPS_PORT = 443;

/** `ports`: the ports under which clients reach the gateway. */
export async function createOffer(
  { keys, epoch, createdAt, endsAt }: Generation,
  identity: SigningIdentity,
  ports: readonly number[],
): Promise<Offer> {
  const offer = writeKeyConfigurations(
    keys.map(({ id, kem, publicKey }) => ({ id, kem, publicKey, algorithms: OFFERED_ALGORITHMS })),
  );
  const signer = signerOf(identity);
  const signed = authoritiesOf(identity.names, ports).map(async (authority) => {
    const facts = { authority, epoch, expiresAt: Math.floor(endsAt / 1000) };
    const how = { signer, createdAt: Math.floor(createdAt / 1000) };
    return [authority, await signConfiguration(offer, facts, how)] as const;
  });
  return { offer, signatures: Object.fromEntries(await Promise.all(signed)) };
}

/** In the form of the field Host: without the port of the scheme, and IPv6 addresses in brackets. */
function authoritiesOf(names: readonly string[], ports: readonly number[]): string[] {
  const hosts = names
    .filter((name) => !name.includes('*'))
    .map((name) => (name.includes(':') ? `[${name.toLowerCase()}]` : name.toLowerCase()));
  const all = hosts.flatMap((host) => [
    ...ports.map((port) => `${host}:${port}`),
    ...(ports.includes(HTTPS_PORT) ? [host] : []),
  ]);
  return [...new Set(all)];
}

function signerOf({ pin, chain, privateKey }: SigningIdentity): ConfigurationSigner {
  const certificates = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return {
    pin,
    chain: certificates.map((pem) => new X509Certificate(pem).raw),
    sign: (data) => sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}
