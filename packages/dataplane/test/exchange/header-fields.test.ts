// The fields that pass to the upstream and back (RFC 9110 §7.6), and those that only the gateway sends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  callerFields,
  hasLocation,
  originFields,
  requestFields,
  responseFields,
} from '../../src/exchange/header-fields.ts';

const ORIGIN = [
  ...['X-Forwarded-For', '192.0.2.1', 'X-Forwarded-Proto', 'https', 'X-Forwarded-Host', 'localhost:8443'],
  ...['Via', '1.1 gatehouse'],
];
const ANSWER_FACTS = {
  status: 200,
  upstreamOrigin: 'http://127.0.0.1:3000',
  host: 'localhost:8443',
};

function passedUp(...fields: string[]): string[] {
  return requestFields(fields, () => true);
}

function passedDown(fields: string[], facts: Partial<typeof ANSWER_FACTS> = {}): string[] {
  return responseFields(fields, { ...ANSWER_FACTS, ...facts });
}

test('unknown fields pass unchanged, with their case, order and repetition', () => {
  const fields = ['Accept', 'a', 'X-b', '1', 'x-B', '2', 'Cookie', 'c=d', 'ACCEPT', 'e'];
  assert.deepEqual(passedUp(...fields), fields);
  assert.deepEqual(passedDown(fields), fields);
});

test('hop-by-hop fields and fields named in Connection do not pass (RFC 9110 §7.6.1)', () => {
  const hop = ['Connection', 'close, X-One ,X-Two', 'Keep-Alive', 'a', 'TE', 'trailers', 'Trailer', 'b'];
  const more = [
    'Transfer-Encoding',
    'chunked',
    'Upgrade',
    'h2c',
    'Proxy-Connection',
    'c',
    'X-One',
    'd',
    'x-two',
    'e',
  ];
  assert.deepEqual(passedUp(...hop, ...more, 'X-Three', 'f'), ['X-Three', 'f']);
  assert.deepEqual(passedDown([...hop, ...more, 'X-Three', 'f']), ['X-Three', 'f']);
});

test('Connection cannot remove length, type or our own fields (RFC 9110 §7.6.1)', () => {
  const fields = ['Connection', 'Content-Length, Content-Type, X-Forwarded-For, Gatehouse-Assertion'];
  const passed = ['Content-Length', '5', 'Content-Type', 'text/plain'];
  assert.deepEqual(passedUp(...fields, ...passed), passed);
});

test('a client cannot send one of our own fields, in any spelling', () => {
  const ours = [
    'x-forwarded-for',
    'forwarded',
    'gatehouse-assertion',
    'x-client-cert',
    'x-gatehouse-user',
    'x-real-ip',
  ];
  const spelled = fc
    .constantFrom(...ours)
    .chain((name) =>
      fc
        .tuple(
          ...[...name].map((letter) =>
            fc.constantFrom(letter, letter.toUpperCase(), letter === '-' ? '_' : letter),
          ),
        )
        .map((letters) => letters.join('')),
    );
  fc.assert(fc.property(spelled, (name) => assert.deepEqual(passedUp(name, 'forged'), [])));
});

test('fields in which proxies describe client certificates do not pass (RFC 9440 §2)', () => {
  for (const name of [
    'Client-Cert',
    'Client-Cert-Chain',
    'X-Client-Cert',
    'X-Client-DN',
    'X-Client-S-DN',
    'X-Client-Verify',
    'X-SSL-Client-Cert',
    'X-SSL-Client-Verify',
    'SSL-Client-S-DN',
    'X-TLS-Client-Cert',
    'X-ARR-ClientCert',
    'X-Forwarded-Client-Cert',
    'X-Forwarded-Tls-Client-Cert-Info',
    'X-Amzn-Mtls-Clientcert-Subject',
    'Cf-Client-Cert-Sha256',
  ]) {
    assert.deepEqual(passedUp(name, 'forged'), [], name);
  }
  const plain = ['X-Client-Version', '1', 'X-Client-Id', '2'];
  assert.deepEqual(passedUp(...plain), plain);
});

test('our own credentials are not forwarded; others may be for the upstream', () => {
  const credentials = ['Authorization', 'Bearer x', 'X-API-Key', 'y'];
  assert.deepEqual(passedUp(...credentials), []);
  assert.deepEqual(
    requestFields(credentials, () => false),
    credentials,
  );
});

test('the upstream gets the caller and its address; an anonymous request has no assertion', () => {
  const facts = { address: '192.0.2.1', host: 'localhost:8443', httpVersion: '1.1' };
  assert.deepEqual(originFields(facts), ORIGIN);
  assert.deepEqual(callerFields('a.b.c'), ['Gatehouse-Assertion', 'a.b.c']);
  assert.deepEqual(callerFields(undefined), []);
});

test('Location is found in any case, and only among names', () => {
  assert.ok(hasLocation(['A', 'b', 'lOcation', '/']));
  assert.ok(!hasLocation(['A', 'location']));
});

test('Host and Expect are not forwarded', () => {
  assert.deepEqual(passedUp('Host', 'localhost', 'Expect', '100-continue'), []);
});

test('1xx and 204 have no Content-Length, other answers keep theirs (RFC 9110 §8.6)', () => {
  for (const status of [103, 204]) assert.deepEqual(passedDown(['Content-Length', '5'], { status }), []);
  for (const status of [200, 304]) {
    assert.deepEqual(passedDown(['Content-Length', '5'], { status }), ['Content-Length', '5']);
  }
});

test('a Location at the upstream becomes ours; any other is not changed (RFC 9110 §10.2.2)', () => {
  const located = (location: string) => passedDown(['Location', location])[1];
  assert.equal(located('http://127.0.0.1:3000/a?b#c'), 'https://localhost:8443/a?b#c');
  assert.equal(located('http://127.0.0.1:3000'), 'https://localhost:8443');
  assert.equal(located('http://127.0.0.1:3000?a'), 'https://localhost:8443?a');
  assert.equal(located('//127.0.0.1:3000/a'), 'https://localhost:8443/a');
  assert.equal(located('HTTP://127.0.0.1:3000/a'), 'https://localhost:8443/a');
  for (const other of [
    '/a',
    'a',
    '//evil/a',
    '/\\127.0.0.1:3000/a',
    'http://127.0.0.1:30000/',
    'http://127.0.0.1:3000@evil/',
    'https://127.0.0.1:3000/',
  ]) {
    assert.equal(located(other), other);
  }
});

test('the upstream cannot choose the request’s id', () => {
  assert.deepEqual(passedDown(['X-Request-ID', 'theirs']), []);
});

test('a DPoP proof is forwarded only with its token: never with ours, and Connection cannot remove it (RFC 9449 §4.1)', () => {
  const fields = ['Authorization', 'DPoP t', 'DPoP', 'p', 'Connection', 'dpop'];
  assert.deepEqual(passedUp(...fields), []);
  assert.deepEqual(
    requestFields(fields, () => false),
    fields.slice(0, 4),
  );
});

test('our own cookies do not pass to upstreams, and upstreams cannot set them', () => {
  assert.deepEqual(passedUp('Cookie', 'a=1; __Host-gatehouse=s; b=2'), ['Cookie', 'a=1; b=2']);
  assert.deepEqual(passedUp('cookie', '__Host-gatehouse-session=s', 'Accept', 'x'), ['Accept', 'x']);
  const set = ['Set-Cookie', 'a=1; Path=/', 'set-cookie', '__Host-gatehouse=evil; Path=/; Secure'];
  assert.deepEqual(passedDown(set), ['Set-Cookie', 'a=1; Path=/']);
});
