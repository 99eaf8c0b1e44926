// Reading PKCS#12 of other programs: one key under several names, and both encodings of an empty passphrase.
import assert from 'node:assert/strict';
import { createCipheriv, createHmac, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { readDer } from '../../../src/der/read.ts';
import {
  type Der,
  encodeDer,
  explicit,
  implicit,
  integer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
} from '../../../src/der/write.ts';
import { X509Error, type X509ErrorCode } from '../../../src/errors.ts';
import { createKdfBudget } from '../../../src/keys/encryption/kdf-budget.ts';
import { deriveForPkcs12 } from '../../../src/keys/pkcs12/pkcs12-kdf.ts';
import { readPkcs12 } from '../../../src/keys/pkcs12/read-pkcs12.ts';
import { encodePrivateKey } from '../../../src/keys/private-key.ts';
import { readPrivateKey } from '../../../src/keys/read-private-key.ts';
import { decodePemBlock } from '../../../src/read/pem.ts';
import { openssl, skipWithoutOpenssl } from '../../support/openssl.ts';
import { dataContent, pkcs12OfSafe } from '../../support/pkcs12.ts';
import { createPki } from '../../support/pki.ts';
import { runProgram } from '../../support/programs.ts';

const PASSPHRASE = 'correct hörse';
const { serverKey, intermediateKey, server } = createPki();
const certificate = decodePemBlock(server.pem, 'CERTIFICATE');

function pkcs12OfBags(bags: readonly Der[]): Buffer {
  return pkcs12OfSafe(sequence(...bags), PASSPHRASE);
}

function assertRefused(input: Uint8Array, code: X509ErrorCode, passphrase = PASSPHRASE): void {
  assert.throws(
    () => readPkcs12(input, passphrase),
    (error) => error instanceof X509Error && error.code === code,
  );
}

function assertHolds(p12: Uint8Array, key: KeyObject, certificates: number, passphrase = PASSPHRASE): void {
  const read = readPkcs12(p12, passphrase);
  assert.ok(read.privateKey?.equals(key));
  assert.equal(read.certificates.length, certificates);
  assert.ok(readPrivateKey(p12, passphrase).equals(key));
}

const keyBag = sequence(
  objectIdentifier('1.2.840.113549.1.12.10.1.1'),
  explicit(0, serverKey.export({ type: 'pkcs8', format: 'der' })),
);
const sha256 = sequence(objectIdentifier('2.16.840.1.101.3.4.2.1'), nullValue());
const certificateBag = sequence(
  objectIdentifier('1.2.840.113549.1.12.10.1.3'),
  explicit(0, sequence(objectIdentifier('1.2.840.113549.1.9.22.1'), explicit(0, octetString(certificate)))),
);
const pbes2 = { type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: PASSPHRASE } as const;
/** The same key under PBES2, with few rounds. */
const shroudedKeyBag = sequence(
  objectIdentifier('1.2.840.113549.1.12.10.1.2'),
  explicit(0, serverKey.export(pbes2)),
);
const otherKeyBag = sequence(
  objectIdentifier('1.2.840.113549.1.12.10.1.1'),
  explicit(0, intermediateKey.export({ type: 'pkcs8', format: 'der' })),
);

test('reads a file that has one key or one certificate twice', () => {
  for (const bags of [
    [keyBag, keyBag],
    [keyBag, certificateBag, keyBag, certificateBag],
    [keyBag, shroudedKeyBag, keyBagWithAttribute()],
  ]) {
    assertHolds(pkcs12OfBags(bags), serverKey, bags.includes(certificateBag) ? 1 : 0);
  }
});

/** A file whose MAC and key bag are made with the second encoding of an empty passphrase. */
function withoutPassphrase(): Buffer {
  const work = { passphrase: () => '', budget: createKdfBudget(), isAbsent: true };
  const derive = (purpose: 1 | 2 | 3, digest: string, length: number) =>
    deriveForPkcs12({ purpose, digest, salt: Buffer.alloc(8, 7), rounds: 2048, length }, work);
  const cipher = createCipheriv('des-ede3-cbc', derive(1, 'sha1', 24), derive(2, 'sha1', 8));
  const pkcs8 = serverKey.export({ type: 'pkcs8', format: 'der' });
  const parameters = sequence(octetString(Buffer.alloc(8, 7)), integer(2048));
  const algorithm = sequence(objectIdentifier('1.2.840.113549.1.12.1.3'), parameters);
  const encrypted = octetString(Buffer.concat([cipher.update(pkcs8), cipher.final()]));
  const bag = sequence(
    objectIdentifier('1.2.840.113549.1.12.10.1.2'),
    explicit(0, sequence(algorithm, encrypted)),
  );
  const content = encodeDer(sequence(dataContent(sequence(bag))));
  const mac = createHmac('sha256', derive(3, 'sha256', 32))
    .update(content)
    .digest();
  const macData = sequence(
    sequence(sha256, octetString(mac)),
    octetString(Buffer.alloc(8, 7)),
    integer(2048),
  );
  return encodeDer(sequence(integer(3), dataContent(content), macData));
}

test('reads both encodings of an empty passphrase, as openssl does', { skip: skipWithoutOpenssl }, () => {
  const files = { 'in.p12': withoutPassphrase() };
  const args = ['pkcs12', '-in', 'in.p12', '-passin', 'pass:', '-nodes', '-nocerts'];
  assert.ok(readPrivateKey(openssl(args, files)).equals(serverKey));
  assertHolds(files['in.p12'], serverKey, 0, '');
  assertRefused(files['in.p12'], 'passphrase_wrong', 'x');
  const inputs = ['-inkey', 'key.pem', '-in', 'cert.pem', '-out', 'out.p12', '-passout', 'pass:'];
  const p12 = runProgram('openssl', {
    args: ['pkcs12', '-export', ...inputs],
    files: { 'key.pem': encodePrivateKey(serverKey), 'cert.pem': server.pem },
    output: 'out.p12',
  });
  assertHolds(p12, serverKey, 1, '');
});

test('refuses two different private keys in any place', () => {
  for (const bags of [
    [keyBag, otherKeyBag],
    [keyBag, keyBag, otherKeyBag],
    [otherKeyBag, shroudedKeyBag],
  ]) {
    assertRefused(pkcs12OfBags(bags), 'key_unsupported');
  }
});

function keyBagWithAttribute(): Der {
  const pkcs8 = serverKey.export({ type: 'pkcs8', format: 'der' });
  const fields = readDer(pkcs8, (reader) =>
    reader.sequence((list) => list.list((each) => each.element().bytes)),
  );
  const attribute = sequence(objectIdentifier('1.2.3'), setOf(integer(1)));
  const withAttribute = sequence(...fields, implicit(0, setOf(attribute)));
  return sequence(objectIdentifier('1.2.840.113549.1.12.10.1.1'), explicit(0, withAttribute));
}
