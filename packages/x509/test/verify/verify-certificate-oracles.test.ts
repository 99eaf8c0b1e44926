// Certification paths (RFC 5280 §6): the same result as openssl and Python's cryptography for the same
// certificates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sequence, time } from '../../src/der/write.ts';
import { X509Error } from '../../src/errors.ts';
import { nameConstraints } from '../../src/issue/extensions.ts';
import { parseGeneralSubtree } from '../../src/names/general-subtree.ts';
import { encodePem } from '../../src/read/pem.ts';
import { type Verification, verifyCertificate } from '../../src/verify/verify-certificate.ts';
import { good, middle, other, root } from '../support/chain.ts';
import {
  AT,
  anyExtension,
  createForger,
  FROM,
  forge,
  forgeAuthority,
  forgeServer,
} from '../support/forge.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';
import { createPki } from '../support/pki.ts';
import { python, skipWithoutCryptography } from '../support/python.ts';

/** The result of openssl for the same certificates. */
function opensslAccepts({ certificate, intermediates, roots, purpose, name }: Verification): boolean {
  const pem = (input: Verification['roots'] = []) =>
    [input]
      .flat()
      .map((der) => encodePem('CERTIFICATE', Buffer.from(der as Uint8Array)))
      .join('');
  const untrusted = pem(intermediates);
  const args = ['verify', '-attime', String(AT.getTime() / 1000), '-CAfile', 'root.pem'];
  if (untrusted !== '') args.push('-untrusted', 'middle.pem');
  if (purpose !== undefined) args.push('-purpose', purpose === 'serverAuth' ? 'sslserver' : 'sslclient');
  if (name !== undefined) args.push('-verify_hostname', name);
  const files = { 'root.pem': pem(roots), 'middle.pem': untrusted, 'leaf.pem': pem(certificate) };
  try {
    return openssl([...args, 'leaf.pem'], files).includes('leaf.pem: OK');
  } catch {
    return false;
  }
}

function accepts(verification: Verification): boolean {
  try {
    verifyCertificate(verification);
    return true;
  } catch (error) {
    if (error instanceof X509Error) return false;
    throw error;
  }
}

test('agrees with openssl on good and bad certificates', { skip: skipWithoutOpenssl }, () => {
  const bound = (constraints: Parameters<typeof nameConstraints>[0]) =>
    forgeAuthority(middle, root, { further: [nameConstraints(constraints)] });
  const subtrees = (...texts: string[]) => texts.map(parseGeneralSubtree);
  const validity = sequence(time(FROM), time(new Date('2026-06-01T00:00:00Z')));
  const unknown = [anyExtension('1.2.3.4', Buffer.from('0500', 'hex'), { isCritical: true })];
  const many = forgeServer(middle, {
    names: ['a.example', '10.1.2.3', '2001:db8::1', 'ann@a.example', 'https://a.example/x'],
  });
  const cases: Partial<Verification>[] = [
    {},
    { purpose: 'serverAuth', name: 'a.example' },
    { purpose: 'clientAuth' },
    { name: 'b.example' },
    { intermediates: [] },
    { roots: forgeAuthority(other, other) },
    { certificate: forgeServer(middle, { validity }) },
    { intermediates: forgeAuthority(middle, root, { validity }) },
    { certificate: forgeServer(middle, { further: unknown }) },
    { intermediates: forgeAuthority(middle, root, { further: unknown }) },
    { certificate: forgeServer(createForger('Middle')) },
    { intermediates: forge({ subject: middle.subject, spki: middle.signer.publicKey }, root) },
    { intermediates: forgeAuthority(middle, root, { pathLength: 0 }) },
    { roots: forgeAuthority(root, root, { pathLength: 0 }) },
    ...['example', 'a.example', 'b.example', 'xample'].flatMap((name) => [
      { intermediates: bound({ permitted: subtrees(name) }) },
      { intermediates: bound({ excluded: subtrees(name) }) },
    ]),
    ...[
      '10.0.0.0/8',
      '11.0.0.0/8',
      '2001:db8::/32',
      '2001:db9::/32',
      'email:a.example',
      'email:.example',
      'email:ann@a.example',
      'email:b@a.example',
      'URI:a.example',
      'URI:.example',
      'URI:b.example',
    ].flatMap((text) => [
      { certificate: many, intermediates: bound({ permitted: subtrees(text) }) },
      { certificate: many, intermediates: bound({ excluded: subtrees(text) }) },
    ]),
  ];
  const verdicts = cases.map((each) => accepts({ ...good, ...each }));
  assert.deepEqual(
    verdicts,
    cases.map((each) => opensslAccepts({ ...good, ...each })),
  );
  assert.ok(
    verdicts.filter((verdict) => verdict).length > 10 && verdicts.filter((verdict) => !verdict).length > 10,
  );
});

const CRYPTOGRAPHY = `
import json, sys, datetime
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
def verdict(case):
    load = lambda texts: [x509.load_pem_x509_certificate(text.encode()) for text in texts]
    builder = PolicyBuilder().store(Store(load(case['roots']))).time(datetime.datetime.fromisoformat(case['at']))
    try:
        builder.build_server_verifier(x509.DNSName(case['name'])).verify(load([case['certificate']])[0], load(case['intermediates']))
        return True
    except VerificationError:
        return False
print(json.dumps([verdict(case) for case in json.load(sys.stdin)]))
`;

test("agrees with Python's cryptography on servers", { skip: skipWithoutCryptography }, () => {
  const { root: rootPem, intermediate, server } = createPki();
  const outsider = createPki();
  const base = {
    certificate: server.pem,
    intermediates: [intermediate.pem],
    roots: [rootPem.pem],
    at: '2027-01-01T00:00:00',
    name: 'localhost',
  };
  const cases = [
    base,
    { ...base, name: 'a.example.com' },
    { ...base, name: 'a.b.example.com' },
    { ...base, name: 'other' },
    { ...base, intermediates: [] },
    { ...base, roots: [outsider.root.pem] },
    { ...base, intermediates: [outsider.intermediate.pem, intermediate.pem] },
    { ...base, certificate: outsider.server.pem },
    { ...base, at: '2025-12-31T23:59:59' },
    { ...base, at: '2030-01-01T00:00:01' },
  ];
  const ours = cases.map((each) => accepts({ ...each, at: new Date(`${each.at}Z`), purpose: 'serverAuth' }));
  assert.deepEqual(ours, python<boolean[]>(CRYPTOGRAPHY, cases));
  assert.deepEqual(ours.slice(0, 4), [true, true, false, false]);
});
