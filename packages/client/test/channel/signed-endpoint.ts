// An encrypted endpoint with signed keys, which tests can make wrong in every way.
import { createPublicKey, randomBytes, sign } from 'node:crypto';
import {
  createEncryptedEndpoint,
  type EncryptedEndpointOptions,
  type OfferSigner,
} from '@gatehouse/protocol';
import {
  createIssuer,
  encodeSpki,
  type GeneralName,
  generatePrivateKey,
  parseSubjectName,
  rootProfile,
  selfSignCertificate,
  serverProfile,
  signerFromKey,
  spkiFingerprint,
} from '@gatehouse/x509';
import type { ChannelRequest } from '../../src/channel/index.ts';

export const URL = 'http://localhost/encrypted/';
const HOUR_MS = 3_600_000;

export interface SigningAuthority {
  /** PEM. */
  root: string;
  signer: OfferSigner;
}

/** A root, and the certificate of a signing key. */
export function signingAuthority({
  names = ['localhost', '127.0.0.1'],
  profile = serverProfile(),
  days = 1,
} = {}): SigningAuthority {
  const rootKey = generatePrivateKey('P-256');
  const dates = {
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + days * 24 * HOUR_MS),
  };
  const rootTemplate = { profile: rootProfile(), subject: { commonName: 'Root' }, ...dates };
  const root = selfSignCertificate(rootTemplate, { signer: signerFromKey(rootKey), randomBytes });
  const key = generatePrivateKey('P-256');
  const publicKey = createPublicKey(key);
  const issuer = createIssuer({ certificate: root.der, signer: signerFromKey(rootKey), randomBytes });
  const issued = issuer.issue({
    profile,
    subject: { commonName: 'channel' },
    subjectAltNames: names.map(parseSubjectName) as GeneralName[],
    publicKey: encodeSpki(publicKey),
    ...dates,
  });
  const { pin } = spkiFingerprint(publicKey);
  const signer = {
    fingerprint: pin,
    chain: issued.pem,
    sign: (message: Uint8Array) => sign('sha256', message, key),
  };
  return { root: root.pem, signer };
}

export interface SignedEndpoint {
  transport(url: string | URL, request: ChannelRequest): Promise<Response>;
  messages: string[];
}

/** `alter` changes the JSON of each offer on its way. */
export function signedEndpoint(
  options: EncryptedEndpointOptions,
  alter: (offer: Record<string, string>) => Record<string, unknown> = (offer) => offer,
): SignedEndpoint {
  const messages: string[] = [];
  const endpoint = createEncryptedEndpoint({
    onMessage: (plaintext) => {
      const text = new TextDecoder().decode(plaintext);
      messages.push(text);
      return text === 'quiet' ? undefined : `got ${text}`;
    },
    ...options,
  });
  return {
    messages,
    async transport(url, request) {
      const response = await endpoint.fetch(new Request(url, request));
      if (request.method !== 'GET') return response;
      return Response.json(alter((await response.json()) as Record<string, string>));
    },
  };
}
