// Requests for certificates, made before the measurement, and the check that a certificate matches its
// request.
import { createPublicKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  createRequest,
  encodeSpki,
  generatePrivateKey,
  parseSubjectName,
  signerFromKey,
} from '@gatehouse/x509';

export interface PreparedRequest {
  /** Its one name: a DNS name or an IP address. */
  name: string;
  der: Uint8Array;
  pem: string;
  /** SubjectPublicKeyInfo in DER. */
  spki: Uint8Array;
}

/** A P-256 key for each name. */
export function prepareRequests(names: readonly string[]): PreparedRequest[] {
  return names.map((name) => {
    const key = generatePrivateKey('P-256');
    const subjectAltNames = [parseSubjectName(name)];
    const { der, pem } = createRequest({ subject: {}, subjectAltNames }, signerFromKey(key));
    return { name, der, pem, spki: encodeSpki(createPublicKey(key)) };
  });
}

/** Throws unless the first certificate of `pem` has the key and the name of the request. */
export function checkCertificate(pem: string, { spki, name }: PreparedRequest): void {
  const { publicKey, subjectAltName } = new X509Certificate(pem);
  const certified = publicKey.export({ type: 'spki', format: 'der' });
  if (Buffer.compare(certified, spki) !== 0) throw new Error('the certificate is for another key');
  if (subjectAltName !== `${isIP(name) === 0 ? 'DNS' : 'IP Address'}:${name}`)
    throw new Error(`the certificate is for ${subjectAltName}, not ${name}`);
}

/** Returns the elements of a list in turn, and begins again at the end. */
export function inTurn<T>(elements: readonly T[]): () => T {
  let next = 0;
  return () => {
    const element = elements[next % elements.length];
    next += 1;
    if (element === undefined) throw new TypeError('nothing to hand out');
    return element;
  };
}
