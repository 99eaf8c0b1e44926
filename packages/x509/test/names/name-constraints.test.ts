// Name constraints (RFC 5280 §4.2.1.10): text, DER, and the names that they permit, type by type.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readDer } from '../../src/der/read.ts';
import {
  type Der,
  encodeDer,
  ia5String,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
} from '../../src/der/write.ts';
import { DerError, X509Error } from '../../src/errors.ts';
import { formatGeneralName, type ParsedGeneralName, parseSubjectName } from '../../src/names/general-name.ts';
import {
  directorySubtree,
  type GeneralSubtree,
  parseGeneralSubtree,
} from '../../src/names/general-subtree.ts';
import { encodeName, readName, type Subject } from '../../src/names/name.ts';
import {
  constrainedNames,
  encodeNameConstraints,
  nameConstraintViolation,
  readNameConstraints,
} from '../../src/names/name-constraints.ts';

const read = (hex: string) => readDer(Buffer.from(hex, 'hex'), readNameConstraints);
const distinguished = (subject: Subject) => readDer(encodeName(subject), readName);
const directoryName = (subject: Subject): ParsedGeneralName => directorySubtree(subject);
const dns = (value: string): ParsedGeneralName => ({ type: 'dNSName', value });

/** The effect of one subtree as permitted and as excluded. */
function evaluate(name: ParsedGeneralName, subtree: GeneralSubtree): [permitted: boolean, excluded: boolean] {
  return [
    nameConstraintViolation([name], { permitted: [subtree] }) === undefined,
    nameConstraintViolation([name], { excluded: [subtree] }) !== undefined,
  ];
}

const INSIDE = [true, true];
const OUTSIDE = [false, false];
const UNCERTAIN = [false, true];

function assertJudged(
  cases: readonly [name: ParsedGeneralName, subtree: GeneralSubtree, expected: boolean[]][],
) {
  for (const [name, subtree, expected] of cases)
    assert.deepEqual(
      evaluate(name, subtree),
      expected,
      `${formatGeneralName(name)} in ${formatGeneralName(subtree)}`,
    );
}

test('reads back what it writes, in canonical form', () => {
  const permitted = [
    'Example.COM',
    'DNS:',
    '10.1.2.3/8',
    '2001:db8::/32',
    '192.0.2.1',
    'a@Example.com',
    'email:.a.example',
    'URI:.b.example',
  ];
  const excluded = [
    ...['email:a.example', 'URI:b.example'].map(parseGeneralSubtree),
    directorySubtree({ country: 'DE' }),
  ];
  const der = encodeDer(encodeNameConstraints({ permitted: permitted.map(parseGeneralSubtree), excluded }));
  const back = readDer(der, readNameConstraints);
  assert.deepEqual(back.permitted?.map(formatGeneralName), [
    'DNS:example.com',
    'DNS:',
    'IP:10.0.0.0/8',
    'IP:2001:db8::/32',
    'IP:192.0.2.1/32',
    'email:a@example.com',
    'email:.a.example',
    'URI:.b.example',
  ]);
  assert.deepEqual(back.excluded?.map(formatGeneralName), [
    'email:a.example',
    'URI:b.example',
    'dirName:C=DE',
  ]);
  assert.deepEqual(encodeDer(encodeNameConstraints(back)), der);
});

test('refuses subtrees without a meaning', () => {
  for (const text of [
    '.example.com',
    '*.example.com',
    '10.0.0.0/33',
    '10.0.0.0/',
    'IP:example.com',
    'a@b@c',
    'email:',
    'URI:https://a.example/',
    'a b',
  ]) {
    assert.throws(
      () => parseGeneralSubtree(text),
      (error) => error instanceof X509Error && error.code === 'general_name_invalid',
      text,
    );
  }
});

test('refuses to read empty constraints, masks that are not a prefix, minimum and maximum (RFC 5280 §4.2.1.10)', () => {
  const base = implicit(2, ia5String('a.example'));
  const permit = (...fields: Der[]) =>
    encodeDer(sequence(implicit(0, sequence(sequence(...fields))))).toString('hex');
  assert.ok(read(permit(base)));
  for (const hex of [
    '3000',
    '3002a000',
    permit(base, implicit(0, integer(1))),
    permit(base, implicit(1, integer(5))),
    permit(implicit(7, octetString(Buffer.from('0a000000ff00ff00', 'hex')))),
    permit(implicit(7, octetString(Buffer.from('0a000000ff', 'hex')))),
    permit(implicit(2, ia5String('a\nb'))),
  ]) {
    assert.throws(() => read(hex), DerError, hex);
  }
});

test('matches a domain and all domains below it, by whole labels', () => {
  const example = parseGeneralSubtree('example.com');
  assertJudged([
    [dns('example.com'), example, INSIDE],
    [dns('A.EXAMPLE.com'), example, INSIDE],
    [dns('a.b.example.com'), example, INSIDE],
    [dns('_dmarc.example.com'), example, INSIDE],
    [dns('notexample.com'), example, OUTSIDE],
    [dns('com'), example, OUTSIDE],
    [dns('example.com.evil'), example, OUTSIDE],
    [dns('x.example'), parseGeneralSubtree('DNS:'), INSIDE],
    [dns('a.example.com'), { type: 'dNSName', value: '.example.com' }, INSIDE],
    [dns('example.com'), { type: 'dNSName', value: '.example.com' }, OUTSIDE],
  ]);
});

test('a wildcard is inside if all its names are inside, and outside if all are outside (CVE-2025-61727)', () => {
  assertJudged([
    [dns('*.example.com'), parseGeneralSubtree('example.com'), INSIDE],
    [dns('*.a.example.com'), parseGeneralSubtree('example.com'), INSIDE],
    [dns('*.example.com'), parseGeneralSubtree('a.example.com'), UNCERTAIN],
    [dns('*.example.com'), parseGeneralSubtree('b.a.example.com'), OUTSIDE],
    [dns('*.example.com'), parseGeneralSubtree('localhost'), OUTSIDE],
    [dns('*.com'), parseGeneralSubtree('example.com'), UNCERTAIN],
  ]);
});

test('fails closed if a name or a subtree cannot be compared', () => {
  const example = parseGeneralSubtree('example.com');
  assertJudged([
    [dns('a.example.com.'), example, UNCERTAIN],
    [dns('a..example.com'), example, UNCERTAIN],
    [dns('a example.com'), example, UNCERTAIN],
    [dns('127.0.0.1'), example, UNCERTAIN],
    [dns('a.example.com'), { type: 'dNSName', value: '*.example.com' }, UNCERTAIN],
    [
      { type: 'uninterpreted', tagNumber: 8, der: Buffer.of(0x88, 1) },
      { type: 'uninterpreted', tagNumber: 8, der: Buffer.of(0x88, 1) },
      UNCERTAIN,
    ],
  ]);
});

test('matches ranges of addresses, each IP version separately', () => {
  assertJudged([
    [parseSubjectName('10.1.2.3'), parseGeneralSubtree('10.0.0.0/8'), INSIDE],
    [parseSubjectName('11.1.2.3'), parseGeneralSubtree('10.0.0.0/8'), OUTSIDE],
    [parseSubjectName('10.0.0.9'), parseGeneralSubtree('10.0.0.8/30'), INSIDE],
    [parseSubjectName('10.0.0.12'), parseGeneralSubtree('10.0.0.8/30'), OUTSIDE],
    [parseSubjectName('::1'), parseGeneralSubtree('0.0.0.0/0'), OUTSIDE],
    [parseSubjectName('2001:db8:1::1'), parseGeneralSubtree('2001:db8::/32'), INSIDE],
    [parseSubjectName('2001:db9::1'), parseGeneralSubtree('2001:db8::/32'), OUTSIDE],
  ]);
});

test('agrees with arithmetic on ranges of addresses', () => {
  const toNumber = (octets: readonly number[]) => octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const octets = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(octets, octets, fc.nat(32), (address, base, prefix) => {
      const size = 2 ** (32 - prefix);
      const isIn = Math.floor(toNumber(address) / size) === Math.floor(toNumber(base) / size);
      const subtree = parseGeneralSubtree(`${base.join('.')}/${prefix}`);
      assert.deepEqual(evaluate(parseSubjectName(address.join('.')), subtree), isIn ? INSIDE : OUTSIDE);
    }),
  );
});

test('matches a mailbox, a host, or the hosts below a domain', () => {
  const mail = (value: string): ParsedGeneralName => ({ type: 'rfc822Name', value });
  const subtree = (text: string) => parseGeneralSubtree(`email:${text}`);
  assertJudged([
    [mail('a@example.com'), subtree('a@example.com'), INSIDE],
    [mail('a@EXAMPLE.com'), subtree('a@example.com'), INSIDE],
    [mail('A@example.com'), subtree('a@example.com'), UNCERTAIN],
    [mail('b@example.com'), subtree('a@example.com'), OUTSIDE],
    [mail('a@example.com'), subtree('example.com'), INSIDE],
    [mail('a@x.example.com'), subtree('example.com'), OUTSIDE],
    [mail('a@x.example.com'), subtree('.example.com'), INSIDE],
    [mail('a@example.com'), subtree('.example.com'), OUTSIDE],
    [mail('"a@b"@example.com'), subtree('example.com'), UNCERTAIN],
    [mail('example.com'), subtree('example.com'), UNCERTAIN],
  ]);
});

test('matches the host of a URI, and cannot compare a URI without a domain name', () => {
  const uri = (value: string): ParsedGeneralName => ({ type: 'uniformResourceIdentifier', value });
  const subtree = (text: string) => parseGeneralSubtree(`URI:${text}`);
  assertJudged([
    [uri('https://example.com/a'), subtree('example.com'), INSIDE],
    [uri('https://u:p@Example.com:8443?x'), subtree('example.com'), INSIDE],
    [uri('https://a.example.com'), subtree('example.com'), OUTSIDE],
    [uri('https://a.example.com'), subtree('.example.com'), INSIDE],
    [uri('https://evil.example/@example.com'), subtree('example.com'), OUTSIDE],
    [uri('https://example.com@evil.example'), subtree('example.com'), OUTSIDE],
    [uri('https://evil.example\\example.com'), subtree('example.com'), UNCERTAIN],
    [uri('urn:gatehouse:user:ann'), subtree('example.com'), UNCERTAIN],
    [uri('https://10.0.0.1/'), subtree('example.com'), UNCERTAIN],
    [uri('https://[::1]/'), subtree('example.com'), UNCERTAIN],
    [uri('https://example%2ecom/'), subtree('example.com'), UNCERTAIN],
  ]);
});

test('matches distinguished names with the same beginning, without regard to case and spaces (RFC 5280 §7.1)', () => {
  const subtree = directorySubtree({ country: 'DE', organization: 'Example  Org' });
  assertJudged([
    [directoryName({ country: 'DE', organization: 'example org' }), subtree, INSIDE],
    [directoryName({ country: 'DE', organization: 'Example Org', commonName: 'x' }), subtree, INSIDE],
    [directoryName({ country: 'DE' }), subtree, OUTSIDE],
    [directoryName({ country: 'FR', organization: 'Example Org' }), subtree, OUTSIDE],
    [directoryName({ organization: 'Example Org' }), subtree, OUTSIDE],
  ]);
});

test('cannot compare strings of a type that is not read', () => {
  const bmpString = sequence(setOf(sequence(objectIdentifier('2.5.4.10'), Buffer.from('1e020041', 'hex'))));
  const name = readDer(encodeDer(bmpString), readName);
  assertJudged([
    [{ type: 'directoryName', value: name.text, name }, directorySubtree({ organization: 'A' }), UNCERTAIN],
    [
      { type: 'directoryName', value: name.text, name },
      { type: 'directoryName', value: name.text, name },
      INSIDE,
    ],
    [{ type: 'directoryName', value: name.text, name }, directorySubtree({ commonName: 'A' }), OUTSIDE],
  ]);
});

test('applies to the subject, the e-mail addresses in it, and the alternative names (RFC 5280 §4.2.1.10)', () => {
  const names = constrainedNames(distinguished({ commonName: 'a.example' }), [dns('b.example')]);
  assert.deepEqual(names.map(formatGeneralName), ['dirName:CN=a.example', 'DNS:b.example']);
  assert.deepEqual(constrainedNames(distinguished({}), []), []);
  const withAddress = readDer(Buffer.from('30143112301006092a864886f70d0109011603614062', 'hex'), readName);
  assert.deepEqual(constrainedNames(withAddress, []).map(formatGeneralName)[1], 'email:a@b');
});

test('permits all names of a type without a permitted subtree, and exclusion wins', () => {
  const constraints = {
    permitted: [parseGeneralSubtree('example.com')],
    excluded: [parseGeneralSubtree('x.example.com')],
  };
  assert.equal(
    nameConstraintViolation([parseSubjectName('10.0.0.1'), dns('a.example.com')], constraints),
    undefined,
  );
  assert.equal(
    nameConstraintViolation([dns('a.example.com'), dns('y.x.example.com')], constraints),
    'DNS:y.x.example.com is excluded by DNS:x.example.com',
  );
  assert.equal(
    nameConstraintViolation([dns('other')], constraints),
    'DNS:other is not within DNS:example.com',
  );
});

test('refuses more comparisons than any real certificate needs', () => {
  const names = Array.from({ length: 1000 }, (_, index) => dns(`a${index}.example`));
  const excluded = Array.from({ length: 1000 }, (_, index) => parseGeneralSubtree(`b${index}.example`));
  assert.match(nameConstraintViolation(names, { excluded }) ?? '', /too many/);
});
