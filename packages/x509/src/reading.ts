// A smaller entry point for programs that only read certificates and verify signatures. Each data plane
// process loads its own copy of the code.
export { X509Error } from './errors.ts';
export { type ParsedCertificate, readCertificate } from './read/parse-certificate.ts';
export { verifySignature } from './verify/verify-signature.ts';
