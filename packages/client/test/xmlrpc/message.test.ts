// The messages of XML-RPC: every type in both directions, and the refused ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { XmlRpcError, XmlRpcFault, xmlrpcDouble } from '../../src/xmlrpc/index.ts';
import { readCall, readResponse, writeCall, writeFault, writeResponse } from '../../src/xmlrpc/message.ts';
import { defaultLimits } from '../../src/xmlrpc/xml.ts';

const octets = (text: string) => Buffer.from(text);
const read = (text: string, limits = defaultLimits) => readResponse(octets(text), limits);
const response = (value: string) =>
  `<methodResponse><params><param><value>${value}</value></param></params></methodResponse>`;

test('reads every type of XML-RPC as it was written', () => {
  const values = [
    0,
    -2147483648,
    2147483647,
    2147483648,
    2n ** 63n - 1n,
    true,
    false,
    '',
    'a <b> & "c" ]]> ü 😀 \r\n\t end ',
    1.5,
    -1e-7,
    1.25e21,
    5e-324,
    new Date('1998-07-17T14:14:55Z'),
    Buffer.from([0, 255, 10, 13]),
    [],
    [1, ['two', [3]]],
    {},
    { lowerBound: 18, 'a<b': { inner: [null] }, ['__proto__']: 1 },
    null,
  ];
  for (const value of values) assert.deepEqual(read(writeResponse(value)), value);
  assert.deepEqual(readCall(octets(writeCall({ method: 'a.b', parameters: values })), defaultLimits), {
    method: 'a.b',
    parameters: values,
  });
});

test('writes numbers with the types that peers expect', () => {
  const typeOf = (value: unknown) => /<value><(\w+)>(.*)<\/\1>/.exec(writeResponse(value))?.slice(1);
  assert.deepEqual(typeOf(41), ['int', '41']);
  assert.deepEqual(typeOf(-0), ['int', '0']);
  assert.deepEqual(typeOf(4_294_967_296), ['i8', '4294967296']);
  assert.deepEqual(typeOf(1n), ['i8', '1']);
  assert.deepEqual(typeOf(1e-7), ['double', '0.0000001']);
  assert.deepEqual(typeOf(-1.5e300)?.[1]?.slice(0, 5), '-1500');
  assert.deepEqual(typeOf(xmlrpcDouble(2)), ['double', '2']);
});

test('reads forms that other implementations write: untyped strings, prefixes, exponents, zones', () => {
  assert.equal(read(response(' a b ')), ' a b ');
  assert.equal(read(response('<ex:i8>7</ex:i8>')), 7);
  assert.equal(read(response('<ex:nil/>')), null);
  assert.equal(read(response('<double>-1.5e-3</double>')), -0.0015);
  assert.equal(read(response('<string><![CDATA[<x>]]>&amp;&#65;</string>')), '<x>&A');
  for (const text of ['19980717T14:14:55', '1998-07-17T14:14:55Z', '19980717T16:14:55+0200']) {
    assert.deepEqual(
      read(response(`<dateTime.iso8601>${text}</dateTime.iso8601>`)),
      new Date('1998-07-17T14:14:55Z'),
    );
  }
});

test('a fault is thrown with its code and text', () => {
  assert.throws(() => read(writeFault(new XmlRpcFault(4, 'Too many <parameters>.'))), {
    name: 'XmlRpcFault',
    faultCode: 4,
    faultString: 'Too many <parameters>.',
  });
});

test('refuses a document type, and so every entity; other encodings; processing instructions', () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${response('&b;')}`;
  assert.throws(() => read(bomb), /has a document type/);
  assert.throws(() => read(`<!DOCTYPE x SYSTEM "file:///etc/passwd">${response('1')}`), /document type/);
  assert.throws(() => read(response('&unknown;')), XmlRpcError);
  assert.throws(() => read(`<?xml version="1.0" encoding="ISO-8859-1"?>${response('1')}`), /send UTF-8/);
  assert.throws(() => readResponse(Buffer.from([0x3c, 0xff]), defaultLimits), /is not UTF-8/);
  assert.throws(() => read(`<?php x?>${response('1')}`), /processing instruction/);
});

test('refuses messages that are larger or deeper than the limits, before they are read to the end', () => {
  const nested = (depth: number) =>
    response(`${'<array><data><value>'.repeat(depth)}1${'</value></data></array>'.repeat(depth)}`);
  assert.ok(read(nested(32)));
  assert.throws(() => read(nested(34)), /nested too deeply/);
  assert.throws(() => read('<a>'.repeat(100_000)), /nested too deeply/);
  assert.throws(
    () => read(response('x'.repeat(100)), { ...defaultLimits, maxBytes: 100 }),
    /larger than 100/,
  );
});

test('refuses a message that is not XML-RPC', () => {
  for (const text of [
    '',
    'text',
    '<methodCall/>',
    response('<int>1.5</int>'),
    response('<int>2147483648</int>'),
    response('<i8>9223372036854775808</i8>'),
    response('<boolean>true</boolean>'),
    response('<double>NaN</double>'),
    response('<base64>a</base64>'),
    response('<dateTime.iso8601>19981317T14:14:55</dateTime.iso8601>'),
    response('<float>1</float>'),
    response('<constructor/>'),
    response('<int>1</int><int>2</int>'),
    response('<array><value>1</value></array>'),
    response('<struct><member><name>a</name></member></struct>'),
    response(`<struct>${'<member><name>a</name><value>1</value></member>'.repeat(2)}</struct>`),
    '<methodResponse><fault><value>1</value></fault></methodResponse>',
    '<methodResponse><params/></methodResponse><methodResponse/>',
  ]) {
    assert.throws(() => read(text), XmlRpcError, text);
  }
});

test('refuses to send a value without a type in XML-RPC, instead of changing it', () => {
  const circle: unknown[] = [];
  circle.push(circle);
  for (const value of [
    Number.NaN,
    Infinity,
    2n ** 63n,
    '\0',
    '\ud800',
    () => 1,
    Symbol('x'),
    new Map(),
    circle,
  ]) {
    assert.throws(() => writeResponse(value), TypeError);
  }
});
