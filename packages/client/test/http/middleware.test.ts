// The order of middleware: it does not depend on the order in which middleware was added.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { atStage, compose, type Middleware, stages } from '../../src/http/middleware.ts';
import { client, ftp } from '../../src/index.ts';
import { requestTo } from '../support/request.ts';

const ORDER = [
  'trace',
  'call',
  'cache',
  'retry',
  'redirect',
  'authentication',
  'cookies',
  'signing',
  'verifying',
  'sealing',
];

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

test('from outside in: trace, your own, cache, retry, redirects, credentials, cookies, signatures, sealing', async () => {
  const seen: string[] = [];
  const steps = stages.map((stage) =>
    atStage(stage, (request, next) => {
      seen.push(stage);
      return next(request);
    }),
  );
  for (const given of [steps, steps.toReversed(), [...steps.slice(5), ...steps.slice(0, 5)]]) {
    seen.length = 0;
    const send = compose(given, async () => new Response());
    await send(requestTo('https://localhost/'));
    assert.deepEqual(seen, ORDER);
  }
});

test('steps of one stage have the order in which they were added', async () => {
  const seen: string[] = [];
  const step =
    (name: string): Middleware =>
    (request, next) => {
      seen.push(name);
      return next(request);
    };
  await compose(
    [step('a'), step('b'), step('c')],
    async () => new Response(),
  )(requestTo('https://localhost/'));
  assert.deepEqual(seen, ['a', 'b', 'c']);
});

/** Answers in place of servers on the internet, and passes other requests to the network. */
const internet = (location: string): Middleware =>
  atStage('sealing', async (request, next) =>
    request.url.hostname === 'public.example'
      ? new Response(null, { status: 302, headers: { location } })
      : next(request),
  );

for (const location of [
  'http://127.0.0.1:9/',
  'http://localhost:9/',
  'http://[::1]:9/',
  'http://169.254.169.254/latest',
]) {
  test(`with publicOnly, refuses a redirect to ${location}`, async () => {
    const http = client({ publicOnly: true, plaintextRedirects: true }).with(internet(location));
    opened.push(http);
    await assert.rejects(http.get('https://public.example/').text(), { code: 'forbidden_address' });
  });
}

for (const location of [
  'file:///etc/passwd',
  'ftp://public.example/x',
  'data:text/plain,x',
  'javascript:1',
  'http://',
]) {
  test(`a redirect to ${location} is refused`, async () => {
    const http = client().with(internet(location));
    opened.push(http);
    await assert.rejects(http.get('https://public.example/').text(), {
      code: 'protocol',
      message: /not HTTP/,
    });
  });
}

test('a redirect to FTP is refused, also by a client that has ftp()', async () => {
  const http = client().with(ftp(), internet('ftp://127.0.0.1:9/x'));
  opened.push(http);
  await assert.rejects(http.get('https://public.example/').text(), { code: 'protocol', message: /not HTTP/ });
});
