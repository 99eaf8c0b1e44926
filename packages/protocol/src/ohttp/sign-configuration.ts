// Signs the keys of a gateway (RFC 9421), for the one form that signed-configuration.ts reads.
import { contentDigest } from '../message-signatures/content-digest.ts';
import { signMessage } from '../message-signatures/sign.ts';
import { EPOCH_FIELD, EXPIRES_FIELD, SEALED_REQUESTS_PATH } from './signed-configuration.ts';

/** The signed data. Times are in seconds since the epoch. */
export interface ConfigurationFacts {
  /** In the client's form, with its port: `gw.example:8443`. */
  authority: string;
  /** Grows with each new key. */
  epoch: number;
  expiresAt: number;
}

/** How it is signed. */
export interface ConfigurationSigner {
  /** `sha256/` and the base64 of the SHA-256 of the SPKI. */
  pin: string;
  /** DER, the certificate of the key first. */
  chain: readonly Uint8Array[];
  /** ECDSA with P-256 and SHA-256, in the form of IEEE P1363. */
  sign(data: Uint8Array): Uint8Array;
}

const COMPONENTS = [
  '@status',
  'content-digest',
  '@authority;req',
  '@path;req',
  EPOCH_FIELD,
  EXPIRES_FIELD,
] as const;

/**
 * The header fields of an answer with these keys, names and values in turn.
 * @example
 * const fields = await signConfiguration(octets, { authority, epoch, expiresAt }, { signer, createdAt });
 */
export async function signConfiguration(
  octets: Uint8Array,
  { authority, epoch, expiresAt }: ConfigurationFacts,
  { signer, createdAt: created }: { signer: ConfigurationSigner; createdAt: number },
): Promise<string[]> {
  const facts = [
    ...['Content-Digest', await contentDigest(octets)],
    ...['Gatehouse-Key-Epoch', String(epoch)],
    ...['Gatehouse-Key-Expires', String(expiresAt)],
  ];
  const request = { method: 'GET', authority, target: SEALED_REQUESTS_PATH, fields: [] };
  const key = {
    algorithm: 'ecdsa-p256-sha256',
    sign: (data: Uint8Array) => Uint8Array.from(signer.sign(data)),
  } as const;
  const how = { components: COMPONENTS, label: 'keys', created, keyid: signer.pin };
  const signed = await signMessage({ status: 200, fields: facts, request }, key, how);
  return [
    ...facts,
    ...['Gatehouse-Key-Chain', signer.chain.map((one) => `:${one.toBase64()}:`).join(', ')],
    ...['Signature-Input', signed['signature-input']],
    ...['Signature', signed.signature],
  ];
}
