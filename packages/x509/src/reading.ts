// The face of this package for whoever only reads certificates and verifies signatures: a gateway's worker pays again, in every
// thread, for whatever it loads.
export { X509Error } from './errors.ts';
export { type ParsedCertificate, readCertificate } from './read/parse-certificate.ts';
export { verifySignature } from './verify/verify-signature.ts';
