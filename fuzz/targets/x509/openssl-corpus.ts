// Inputs that openssl makes, if it is installed: other keys, algorithms, string types and extensions than
// ours.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** New ones in each run; none without openssl. */
export function opensslCorpus(): Uint8Array[] {
  if (spawnSync('openssl', ['version']).status !== 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-fuzz-'));
  try {
    for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
    return COMMANDS.flatMap((command) => {
      const { status, stderr } = spawnSync('openssl', command.split(' '), { cwd: folder });
      if (status !== 0) throw new Error(`openssl ${command}: ${stderr}`);
      const output = /-(?:out|reqout|respout) (\S+\.der)/.exec(command)?.[1];
      return output === undefined ? [] : [readFileSync(join(folder, output))];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const FILES = {
  'fuzz.cnf': `[req]
distinguished_name = dn
[dn]
[v3_ca]
basicConstraints = critical,CA:true,pathlen:3
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always,issuer
nameConstraints = critical,permitted;DNS:example.com,excluded;IP:10.0.0.0/255.0.0.0
[v3_leaf]
basicConstraints = CA:false
keyUsage = digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth,clientAuth,1.2.3.4
subjectAltName = DNS:example.com,IP:::1,email:a@example.com,URI:urn:a,RID:1.2.3,dirName:dn_alt,otherName:1.2.3;UTF8:x
certificatePolicies = 1.2.3
crlDistributionPoints = URI:http://127.0.0.1/a.crl
authorityInfoAccess = OCSP;URI:http://127.0.0.1/ocsp
[dn_alt]
C = DE
[ca]
default_ca = d
[d]
database = index.txt
crlnumber = number
default_md = sha256
default_crl_days = 7
crl_extensions = v3_list
[v3_list]
authorityKeyIdentifier = keyid
issuingDistributionPoint = critical,@point
[point]
fullname = URI:http://127.0.0.1/a.crl
onlyuser = TRUE
`,
  'index.txt':
    'R\t300101000000Z\t260601000000Z,keyCompromise\t1234\tunknown\t/CN=a\nR\t300101000000Z\t260701000000Z\t00FF\tunknown\t/CN=b\n',
  number: '2a\n',
};

const COMMANDS = [
  'req -x509 -config fuzz.cnf -extensions v3_ca -newkey rsa:2048 -nodes -keyout ca.key -subj /C=DE/O=A+OU=B/CN=Root -out ca.pem',
  'x509 -in ca.pem -outform DER -out ca.der',
  'req -new -config fuzz.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout leaf.key -subj /CN=leaf -reqexts v3_leaf -outform DER -out request.der',
  'x509 -req -inform DER -in request.der -CA ca.pem -CAkey ca.key -extfile fuzz.cnf -extensions v3_leaf -out leaf.pem',
  'x509 -in leaf.pem -outform DER -out leaf.der',
  'ca -config fuzz.cnf -gencrl -keyfile ca.key -cert ca.pem -out list.pem',
  'crl -in list.pem -outform DER -out list.der',
  'ocsp -issuer ca.pem -cert leaf.pem -sha256 -serial 0x1234 -signer leaf.pem -signkey leaf.key -reqout ask.der',
  'ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin ask.der -ndays 1 -respout answer.der',
];
