// A table of redirects: the method, the content, and the fields of the next request (RFC 9110 §15.4).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { createTestAuthority } from '../../../../conformance/support/test-authority.ts';
import { failureOf } from '../../src/http/failures.ts';
import type { HttpRequest } from '../../src/http/middleware.ts';
import { afterRedirect, followRedirects } from '../../src/http/redirect.ts';
import { apiKey, bearer, client, cookies, type Middleware, trust } from '../../src/index.ts';

const FIELDS = {
  authorization: 'Bearer secret',
  cookie: 'a=b',
  'proxy-authorization': 'Basic secret',
  'x-api-key': 'secret',
  'x-session': 'secret',
  'content-type': 'text/plain',
  accept: '*/*',
};

function requestTo(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    url: new URL(url),
    first: new URL(url),
    headers: new Headers(FIELDS),
    content: null,
    replayable: true,
    signal: new AbortController().signal,
    redirect: 'follow',
    secrets: ['x-session'],
    attempt: 1,
    startedAt: 0,
    ...more,
  };
}

const methods: readonly (readonly [
  status: number,
  method: string,
  next: string,
  content: 'kept' | 'dropped',
])[] = [
  [301, 'GET', 'GET', 'kept'],
  [301, 'POST', 'GET', 'dropped'],
  [302, 'POST', 'GET', 'dropped'],
  [302, 'PUT', 'PUT', 'kept'],
  [303, 'POST', 'GET', 'dropped'],
  [303, 'PUT', 'GET', 'dropped'],
  [303, 'HEAD', 'HEAD', 'kept'],
  [307, 'POST', 'POST', 'kept'],
  [308, 'POST', 'POST', 'kept'],
  [308, 'DELETE', 'DELETE', 'kept'],
];

describe('the next request after a redirect', () => {
  for (const [status, method, expected, content] of methods) {
    test(`${status} to ${method}: ${expected}, content ${content}`, () => {
      const next = afterRedirect(requestTo('https://a.example/', { method, content: 'x' }), status, '/next');
      assert.equal(next.method, expected);
      assert.equal(next.content, content === 'kept' ? 'x' : null);
      assert.equal(next.headers.has('content-type'), content === 'kept');
    });
  }

  const secrets = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'x-session'];
  const origins: readonly (readonly [from: string, location: string, keeps: boolean])[] = [
    ['https://a.example/', '/other', true],
    ['https://a.example/', 'https://a.example:443/', true],
    ['https://a.example/', '//a.example/', true],
    ['https://a.example/', 'https://b.example/', false],
    ['https://a.example/', '//b.example/', false],
    ['https://a.example/', 'https://a.example:8443/', false],
    ['https://a.example/', 'https://x.a.example/', false],
    ['https://a.example/', 'http://a.example/', false],
    ['http://a.example/', 'https://a.example/', false],
    ['https://a.example/', 'https://a.example.evil.example/', false],
    ['https://a.example/', 'https://a.example@b.example/', false],
    ['https://a.example/', 'https:\\\\b.example', false],
  ];
  for (const [from, location, keeps] of origins) {
    test(`from ${from} to ${location}: secrets are ${keeps ? 'kept' : 'removed'}`, () => {
      for (const status of [301, 302, 303, 307, 308]) {
        const { headers, url } = afterRedirect(requestTo(from), status, location);
        for (const name of secrets) assert.equal(headers.has(name), keeps, `${name} at ${status}`);
        assert.equal(headers.get('accept'), '*/*');
        assert.equal(url.username, '');
      }
    });
  }

  test('secrets stay removed after a redirect back to the first origin', () => {
    const away = afterRedirect(requestTo('https://a.example/'), 307, 'https://b.example/');
    const back = afterRedirect(away, 307, 'https://a.example/');
    for (const name of secrets) assert.equal(back.headers.has(name), false, name);
  });

  test('keeps the fragment, and refuses a target that is not HTTP', () => {
    const from = requestTo('https://a.example/#part');
    assert.equal(afterRedirect(from, 302, '/b').url.href, 'https://a.example/b#part');
    for (const location of ['file:///etc/passwd', 'ftp://a.example/', 'javascript:1', 'http://[']) {
      assert.throws(() => afterRedirect(from, 302, location), { code: 'protocol' }, location);
    }
  });

  test('content that is a stream is not sent a second time', () => {
    const from = requestTo('https://a.example/', { method: 'PUT', replayable: false });
    assert.throws(() => afterRedirect(from, 307, '/b'), /redirects content that is a stream/);
    assert.equal(afterRedirect(from, 303, '/b').method, 'GET');
  });
});

describe('following redirects', () => {
  const endless = async () => new Response(null, { status: 302, headers: { location: '/again' } });

  test('ends an endless chain', async () => {
    const follow = followRedirects({ most: 3, allowsPlaintext: false }, () => 5);
    let calls = 0;
    const count = async () => {
      calls += 1;
      return endless();
    };
    await assert.rejects(follow(requestTo('https://a.example/'), count), { name: 'LimitError' });
    assert.equal(calls, 4);
  });

  test('returns the redirect for `manual`, and rejects for `error`', async () => {
    const follow = followRedirects({ most: 3, allowsPlaintext: false }, () => 5);
    const manual = requestTo('https://a.example/', { redirect: 'manual' });
    assert.equal((await follow(manual, endless)).status, 302);
    const refusing = requestTo('https://a.example/', { redirect: 'error' });
    await assert.rejects(follow(refusing, endless), { name: 'LimitError', timings: { elapsedMs: 5 } });
    assert.equal(failureOf(refusing, () => 5, 'response').timings.elapsedMs, 5);
  });
});

describe('a redirect from https: to plain HTTP', () => {
  const from = 'https://a.example/';
  /** Replaces the network: redirects once, and records the next request. */
  function redirecting(location: string, status: number, seen: HttpRequest[]): Middleware {
    const answer = async (request: HttpRequest) => {
      seen.push(request);
      return seen.length === 1 ? new Response(null, { status, headers: { location } }) : new Response('end');
    };
    return Object.assign(answer, { stage: 'sealing' as const });
  }

  for (const location of [
    'http://a.example/',
    'http://b.example/',
    '//b.example/',
    'http://127.0.0.1.example/',
  ]) {
    const isPlain = location.startsWith('http:');
    test(`to ${location} is ${isPlain ? 'refused, and nothing is sent' : 'none'}`, async () => {
      for (const status of [301, 302, 303, 307, 308]) {
        for (const method of ['GET', 'POST', 'PUT']) {
          const seen: HttpRequest[] = [];
          const http = client().with(redirecting(location, status, seen));
          const asking = http.request(from, { method, ...(method !== 'GET' && { body: 'private' }) }).text();
          if (isPlain) {
            await assert.rejects(asking, {
              name: 'LimitError',
              code: 'plaintext_redirect',
              phase: 'response',
            });
          } else assert.equal(await asking, 'end');
          assert.equal(seen.length, isPlain ? 1 : 2);
        }
      }
    });
  }

  test('is followed on this machine, or if the caller allows it, but never with a credential', async () => {
    const headers = { authorization: 'Bearer secret', 'private-token': 'secret', 'x-goog-api-key': 'secret' };
    for (const [location, options] of [
      ['http://127.0.0.1:1/', {}],
      ['http://localhost:1/', {}],
      ['http://b.example/', { plaintextRedirects: true }],
    ] as const) {
      const seen: HttpRequest[] = [];
      const http = client(options).with(redirecting(location, 307, seen));
      assert.equal(await http.post(from, { body: 'content', headers }).text(), 'end');
      assert.equal(seen[1]?.content, 'content');
      assert.doesNotMatch(JSON.stringify([...(seen[1]?.headers ?? [])]), /secret/);
    }
  });
});

describe('redirects on the network', async () => {
  const seen: IncomingMessage[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    if (pathname === '/login') return response.setHeader('set-cookie', 'session=secret').end();
    if (pathname === '/there') {
      seen.push(request);
      return response.end();
    }
    return response
      .writeHead(Number(searchParams.get('status')), { location: searchParams.get('to') ?? '' })
      .end();
  };
  const authority = createTestAuthority();
  const { cert, key } = authority.issue();
  const servers = [createServer(answer), createServer(answer), createSecureServer({ cert, key }, answer)];
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  after(() => {
    for (const server of servers) server.close();
  });
  const [own, other, secure] = ports;

  const credentials: Record<string, Middleware> = {
    authorization: bearer('secret'),
    'x-api-key': apiKey('secret'),
    'x-own-key': apiKey('secret', { header: 'x-own-key' }),
    cookie: cookies(),
  };
  const given = ['authorization', 'cookie', 'x-api-key', 'x-session', 'x-auth-token', 'proxy-authorization'];
  const targets: readonly (readonly [to: string, keeps: boolean])[] = [
    [`http://127.0.0.1:${own}/there`, true],
    [`http://127.0.0.1:${other}/there`, false],
    [`http://localhost:${own}/there`, false],
    [`https://localhost:${secure}/there`, false],
  ];

  for (const [to, keeps] of targets) {
    test(`no credential of http://127.0.0.1:A leaks to ${to.replaceAll(/\d{5}/g, (port) => (port === String(own) ? 'A' : 'B'))}`, async (t) => {
      const plain = client({ secretHeaders: ['X-Session'] }).with(trust({ ca: authority.root }));
      t.after(() => plain.close());
      for (const status of [301, 302, 303, 307, 308]) {
        const from = `http://127.0.0.1:${own}/go?status=${status}&to=${encodeURIComponent(to)}`;
        for (const [name, step] of Object.entries(credentials)) {
          const http = plain.with(step);
          await http.get(`http://127.0.0.1:${own}/login`).text();
          await http.get(from).text();
          // A jar has the cookies of a host for all of its ports (RFC 6265 §8.5).
          const expected = keeps || (name === 'cookie' && to.startsWith('http://127.0.0.1'));
          assert.equal(/secret/.test(JSON.stringify(seen.at(-1)?.headers)), expected, `${name} at ${status}`);
        }
        for (const name of given) {
          await plain.get(from, { headers: { [name]: 'secret' } }).text();
          assert.equal(seen.at(-1)?.headers[name] !== undefined, keeps, `${name} at ${status}`);
        }
      }
    });
  }
});
