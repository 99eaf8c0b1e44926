// Distinguished names: RFC 4514 examples, and openssl as the oracle for text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDer } from '../../src/der/read.ts';
import {
  type Der,
  encodeDer,
  ia5String,
  objectIdentifier,
  octetString,
  printableString,
  sequence,
  setOf,
  utf8String,
} from '../../src/der/write.ts';
import { DerError, X509Error } from '../../src/errors.ts';
import { encodeName, readName, type Subject, subjectFromName } from '../../src/names/name.ts';

const CN = objectIdentifier('2.5.4.3');
const attribute = (oid: string, value: Der) => sequence(objectIdentifier(oid), value);
const textOf = (...rdns: Der[]) => readDer(encodeDer(sequence(...rdns)), readName).text;

test('writes a subject as C, ST, L, O, OU, CN and reads it as RFC 4514 text, last first (RFC 5280 §4.1.2.4)', () => {
  const subject: Subject = {
    commonName: 'example.com',
    organizationalUnit: 'Web',
    organization: 'Exämple',
    locality: 'Köln',
    state: 'NRW',
    country: 'DE',
  };
  const { text, der, rdns } = readDer(encodeName(subject), readName);
  assert.equal(text, 'CN=example.com,OU=Web,O=Exämple,L=Köln,ST=NRW,C=DE');
  assert.deepEqual(der, encodeName(subject));
  assert.deepEqual(
    rdns.flat().map(({ type, text: value }) => [type, value]),
    [
      ['C', 'DE'],
      ['ST', 'NRW'],
      ['L', 'Köln'],
      ['O', 'Exämple'],
      ['OU', 'Web'],
      ['CN', 'example.com'],
    ],
  );
});

test('writes the country as PrintableString and everything else as UTF8String (RFC 5280 §4.1.2.4, appendix A.1)', () => {
  assert.equal(encodeName({ country: 'DE' }).toString('hex'), '300d310b3009060355040613024445');
  assert.equal(encodeName({ commonName: 'x' }).toString('hex'), '300c310a300806035504030c0178');
  assert.equal(encodeName({}).toString('hex'), '3000');
});

test('refuses values that are empty, too long or have control characters, and countries that are not two letters', () => {
  const refused: Subject[] = [
    { commonName: '' },
    { commonName: '  ' },
    { commonName: 'a\0b' },
    { commonName: 'a\nb' },
    { commonName: '\ud800' },
    { commonName: 'x'.repeat(65) },
    { organization: 'x'.repeat(65) },
    { locality: 'x'.repeat(129) },
    { country: 'Germany' },
    { country: 'de' },
  ];
  for (const subject of refused) {
    assert.throws(
      () => encodeName(subject),
      (error) => error instanceof X509Error && error.code === 'name_invalid',
      JSON.stringify(subject),
    );
  }
  assert.ok(encodeName({ commonName: '😀'.repeat(64) }));
});

test('writes the examples of RFC 4514 §4', () => {
  const dc = (label: string) => setOf(attribute('0.9.2342.19200300.100.1.25', ia5String(label)));
  const domain = [dc('net'), dc('example')];
  const cn = (value: string) => setOf(sequence(CN, utf8String(value)));
  const uid = setOf(attribute('0.9.2342.19200300.100.1.1', utf8String('jsmith')));
  const both = setOf(attribute('2.5.4.11', utf8String('Sales')), sequence(CN, utf8String('J.  Smith')));
  assert.equal(textOf(...domain, uid), 'UID=jsmith,DC=example,DC=net');
  assert.match(
    textOf(...domain, both),
    /^(OU=Sales\+CN=J\. {2}Smith|CN=J\. {2}Smith\+OU=Sales),DC=example,DC=net$/,
  );
  assert.equal(
    textOf(...domain, cn('James "Jim" Smith, III')),
    'CN=James \\"Jim\\" Smith\\, III,DC=example,DC=net',
  );
  assert.equal(textOf(...domain, cn('Before\rAfter')), 'CN=Before\\0dAfter,DC=example,DC=net');
  assert.equal(
    textOf(setOf(attribute('1.3.6.1.4.1.1466.0', octetString(Buffer.from('Hi'))))),
    '1.3.6.1.4.1.1466.0=#04024869',
  );
  assert.equal(textOf(cn('Lučić')), 'CN=Lučić');
});

test('escapes characters that would change the meaning of the text (RFC 4514 §2.4)', () => {
  const cases: [string, string][] = [
    [' a ', '\\ a\\ '],
    ['#a#', '\\#a#'],
    ['a+b,c;d<e>f\\g"h=i', 'a\\+b\\,c\\;d\\<e\\>f\\\\g\\"h=i'],
    ['a\0', 'a\\00'],
    ['\u0085', '\\c2\\85'],
    [' ', '\\ '],
  ];
  for (const [value, escaped] of cases)
    assert.equal(textOf(setOf(sequence(CN, utf8String(value)))), `CN=${escaped}`);
});

test('writes in hex an attribute without a short name, and a value that is not text (RFC 4514 §2.4)', () => {
  assert.equal(
    textOf(setOf(attribute('1.2.840.113549.1.9.1', ia5String('a@b')))),
    '1.2.840.113549.1.9.1=#1603614062',
  );
  const bmpString = Buffer.from('1e020041', 'hex');
  assert.equal(textOf(setOf(sequence(CN, bmpString))), 'CN=#1e020041');
});

test('refuses an RDN without attributes, and attributes with more fields than a value', () => {
  const refused = [
    setOf(),
    setOf(sequence(CN)),
    setOf(sequence(CN, printableString('a'), printableString('b'))),
  ];
  for (const rdn of refused) assert.throws(() => textOf(rdn), DerError);
});

test('returns the subject of a name with any order and any type of strings', () => {
  const subject: Subject = { country: 'DE', organization: 'Exämple', commonName: 'x' };
  assert.deepEqual(subjectFromName(readDer(encodeName(subject), readName)), subject);
  const reversed = sequence(
    setOf(sequence(CN, printableString('x'))),
    setOf(attribute('2.5.4.6', utf8String('DE'))),
  );
  assert.deepEqual(subjectFromName(readDer(encodeDer(reversed), readName)), {
    commonName: 'x',
    country: 'DE',
  });
  assert.deepEqual(subjectFromName(readDer(encodeName({}), readName)), {});
});

test('refuses names with attributes that a subject cannot have', () => {
  const cn = sequence(CN, utf8String('x'));
  const refused: Der[][] = [
    [setOf(attribute('1.2.840.113549.1.9.1', ia5String('a@b')))],
    [setOf(attribute('0.9.2342.19200300.100.1.25', ia5String('example')))],
    [setOf(cn), setOf(cn)],
    [setOf(cn, attribute('2.5.4.11', utf8String('y')))],
    [setOf(sequence(CN, Buffer.from('1e020041', 'hex')))],
    [setOf(sequence(CN, utf8String('a\nb')))],
    [setOf(attribute('2.5.4.6', utf8String('Germany')))],
  ];
  for (const rdns of refused) {
    assert.throws(
      () => subjectFromName(readDer(encodeDer(sequence(...rdns)), readName)),
      (error) => error instanceof X509Error && error.code === 'name_invalid',
    );
  }
});
