// The keys, messages and signatures of RFC 9421, appendix B and section 2.4.
import type { RequestMessage, ResponseMessage, SignedMessage } from '../../src/index.ts';

export const CREATED = 1_618_884_473;

export const rsaPss = {
  kty: 'RSA',
  n: 'r4tmm3r20Wd_PbqvP1s2-QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct-Lh1GH45x28Rw3Ry53mm-oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHqgDsznjPFmTOtCEcN2Z1FpWgchwuYLPL-Wokqltd11nqqzi-bJ9cvSKADYdUAAN5WUtzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4aOT9v6d-nb4bnNkQVklLQ3fVAvJm-xdDOp9LCNCN48V2pnDOkFV6-U9nV5oyc6XI2w',
  e: 'AQAB',
};
export const p256 = {
  kty: 'EC',
  crv: 'P-256',
  x: 'qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA',
  y: 'Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0',
};
export const ed25519 = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs',
};
export const ed25519Private = { ...ed25519, d: 'n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU' };
export const secret = Uint8Array.fromBase64(
  'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==',
);

export const CONTENT = new TextEncoder().encode('{"hello": "world"}');
export const CONTENT_DIGEST =
  'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:';

export const request: RequestMessage = {
  method: 'POST',
  authority: 'example.com',
  target: '/foo?param=Value&Pet=dog',
  fields: [
    ...['Host', 'example.com'],
    ...['Date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
    ...['Content-Type', 'application/json'],
    ...['Content-Digest', CONTENT_DIGEST],
    ...['Content-Length', '18'],
  ],
};

export const response: ResponseMessage = {
  status: 200,
  fields: [
    ...['Date', 'Tue, 20 Apr 2021 02:07:56 GMT'],
    ...['Content-Type', 'application/json'],
    ...[
      'Content-Digest',
      'sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
    ],
    ...['Content-Length', '23'],
  ],
};

const CLIENT_CERT = [
  ':MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQ',
  'KDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVkaWF0ZSBD',
  'QTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDM',
  'FkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXm',
  'ckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQY',
  'DVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8B',
  'Af8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQ',
  'GV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0',
  'Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=:',
].join('');

const proxied: RequestMessage = {
  ...request,
  authority: 'service.internal.example',
  fields: ['Client-Cert', CLIENT_CERT],
};

const accepting = (...accept: string[]): RequestMessage => ({
  method: 'GET',
  authority: 'example.org',
  target: '/demo?name1=Value1&Name2=value2',
  fields: accept.flatMap((value) => ['Accept', value]),
});

const unavailable: ResponseMessage = {
  status: 503,
  fields: [
    ...['Content-Type', 'application/json'],
    ...[
      'Content-Digest',
      'sha-512=:0Y6iCBzGg5rZtoXS95Ijz03mslf6KAMCloESHObfwnHJDbkkWWQz6PhhU9kxsTbARtY2PTBOzq24uJFpHsMuAg==:',
    ],
  ],
  request,
};

export interface Example {
  section: string;
  key: 'rsaPss' | 'p256' | 'secret' | 'ed25519';
  message: SignedMessage;
  input: string;
  signature: string;
}

const at = `created=${CREATED}`;

export const examples: readonly Example[] = [
  {
    section: 'B.2.1, nothing but parameters',
    key: 'rsaPss',
    message: request,
    input: `();${at};keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"`,
    signature:
      'd2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==',
  },
  {
    section: 'B.2.2, a parameter of the query',
    key: 'rsaPss',
    message: request,
    input: `("@authority" "content-digest" "@query-param";name="Pet");${at};keyid="test-key-rsa-pss";tag="header-example"`,
    signature:
      'LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==',
  },
  {
    section: 'B.2.3, everything',
    key: 'rsaPss',
    message: request,
    input: `("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");${at};keyid="test-key-rsa-pss"`,
    signature:
      'bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==',
  },
  {
    section: 'B.2.4, a response',
    key: 'p256',
    message: response,
    input: `("@status" "content-type" "content-digest" "content-length");${at};keyid="test-key-ecc-p256"`,
    signature: 'wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==',
  },
  {
    section: 'B.2.5, HMAC',
    key: 'secret',
    message: request,
    input: `("date" "@authority" "content-type");${at};keyid="test-shared-secret"`,
    signature: 'pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=',
  },
  {
    section: 'B.2.6, Ed25519',
    key: 'ed25519',
    message: request,
    input: `("date" "@method" "@path" "@authority" "content-type" "content-length");${at};keyid="test-key-ed25519"`,
    signature: 'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==',
  },
  {
    section: 'B.3, a proxy that ends TLS',
    key: 'p256',
    message: proxied,
    input: `("@path" "@query" "@method" "@authority" "client-cert");${at};keyid="test-key-ecc-p256"`,
    signature: 'xVMHVpawaAC/0SbHrKRs9i8I3eOs5RtTMGCWXm/9nvZzoHsIg6Mce9315T6xoklyy0yzhD9ah4JHRwMLOgmizw==',
  },
  {
    section: 'B.4, a message that intermediaries may change in other places',
    key: 'ed25519',
    message: accepting('application/json', '*/*'),
    input: `("@method" "@path" "@authority" "accept");${at};keyid="test-key-ed25519"`,
    signature: 'ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==',
  },
  {
    section: '2.4, a response bound to its request',
    key: 'p256',
    message: unavailable,
    input:
      '("@status" "content-digest" "content-type" "@authority";req "@method";req "@path";req "content-digest";req);created=1618884479;keyid="test-key-ecc-p256"',
    signature: 'dMT/A/76ehrdBTD/2Xx8QuKV6FoyzEP/I9hdzKN8LQJLNgzU4W767HK05rx1i8meNQQgQPgQp8wq2ive3tV5Ag==',
  },
];

/** Appendix B.4: what a change does to the signature. */
export const transformations: readonly { change: string; message: RequestMessage; isRight: boolean }[] = [
  {
    change: 'other fields, and another query',
    message: {
      ...accepting('application/json', '*/*'),
      target: '/demo?name1=Value1&Name2=value2&param=added',
      fields: ['Accept-Language', 'en-US', 'Accept', 'application/json', 'Accept', '*/*'],
    },
    isRight: true,
  },
  { change: 'one line for two', message: accepting('application/json, */*'), isRight: true },
  {
    change: 'another method and authority',
    message: { ...accepting('application/json', '*/*'), method: 'POST', authority: 'example.com' },
    isRight: false,
  },
  { change: 'lines in another order', message: accepting('*/*', 'application/json'), isRight: false },
];

/** The message with this signature in its fields. */
export function signed<M extends SignedMessage>(
  message: M,
  { input, signature }: Pick<Example, 'input' | 'signature'>,
): M {
  return {
    ...message,
    fields: [...message.fields, 'Signature-Input', `sig=${input}`, 'Signature', `sig=:${signature}:`],
  };
}
