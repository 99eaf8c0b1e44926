// A key, a certificate request, and a bundle with several roots, made and read.
import { readFile } from 'node:fs/promises';
import {
  createRequest,
  encodePrivateKey,
  generatePrivateKey,
  parseSubjectName,
  readCertificates,
  readPrivateKey,
  readRequest,
  signerFromKey,
} from '@gatehouse/x509';

const [, , bundle = 'roots.pem'] = process.argv;

const key = generatePrivateKey('RSA-2048');
const subjectAltNames = [parseSubjectName('api.example.com')];
const request = createRequest({ subject: { commonName: 'api' }, subjectAltNames }, signerFromKey(key));
const pem = encodePrivateKey(key);

console.log(readPrivateKey(pem).asymmetricKeyType, readRequest(request.pem).spki.length > 0);
console.log(readCertificates(await readFile(bundle, 'utf8')).length, 'roots');
