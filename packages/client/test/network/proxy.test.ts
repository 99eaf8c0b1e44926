// NO_PROXY, and the proxies that are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { bearer, client } from '../../src/index.ts';
import { parseNoProxy, proxy, proxyFromEnvironment } from '../../src/network/proxy.ts';

const cases: readonly (readonly [noProxy: string, url: string, bypasses: boolean])[] = [
  ['', 'http://example.com', false],
  ['*', 'http://example.com', true],
  ['example.com', 'http://example.com', true],
  ['example.com', 'http://www.example.com', true],
  ['example.com', 'http://badexample.com', false],
  ['.example.com', 'http://www.example.com', true],
  ['*.example.com', 'http://www.example.com', true],
  ['EXAMPLE.com', 'http://example.com.', true],
  ['example.com:8080', 'http://example.com', false],
  ['example.com:80', 'http://example.com', true],
  ['10.0.0.0/8', 'http://10.200.3.4', true],
  ['10.0.0.0/8', 'http://11.0.0.1', false],
  ['10.0.0.0/8', 'http://10.example.com', false],
  ['127.0.0.1', 'http://127.1', true],
  ['fd00::/8', 'http://[fd12::1]', true],
  ['::1', 'https://[::1]:8443', true],
  ['10.0.0.0/99', 'http://10.0.0.1', false],
  ['a.example, 192.168.0.0/16', 'http://192.168.1.1', true],
];

for (const [noProxy, url, bypasses] of cases) {
  test(`NO_PROXY=${noProxy || '(empty)'} ${bypasses ? 'does not use' : 'uses'} the proxy for ${url}`, () => {
    assert.equal(parseNoProxy(noProxy)(new URL(url)), bypasses);
  });
}

test('does not send a password over plain HTTP to a proxy on another machine, unless the caller allows it', () => {
  const basic = { username: 'ada', password: 'secret' };
  assert.throws(() => proxy('http://10.0.0.1:3128', { basic }), { code: 'identity_plaintext' });
  proxy('http://10.0.0.1:3128', { basic, plaintext: true });
  proxy('https://10.0.0.1:3128', { basic });
});

test('sends no credential for this machine over plain HTTP to a proxy on another machine', async (t) => {
  for (const address of ['http://192.0.2.1:3128', 'https://192.0.2.1:3128']) {
    for (const url of ['http://localhost/', 'http://127.0.0.1/', 'http://[::1]/']) {
      const http = client().with(proxy(address), bearer('secret'));
      t.after(() => http.close());
      await assert.rejects(http.get(url), { name: 'AuthError', code: 'identity_plaintext' });
    }
  }
});

test('uses no proxy if only public addresses are allowed, because the proxy resolves the name', async (t) => {
  const http = client({ publicOnly: true }).with(proxy('http://127.0.0.1:1', { noProxy: '127.0.0.1' }));
  t.after(() => http.close());
  for (const url of [
    'http://example.com/',
    'https://example.com/',
    'http://10.0.0.1/',
    'https://127.0.0.1/',
  ]) {
    await assert.rejects(http.get(url), { name: 'ConnectError', code: 'forbidden_address' }, url);
  }
});

test('refuses a password in the address, and an address that is not HTTP', () => {
  assert.throws(() => proxy('http://ada:secret@127.0.0.1:3128'), /must not have a user name or a password/);
  assert.throws(() => proxy('socks5://127.0.0.1:1080'), /of the form http:/);
});

test('reads the environment, and ignores HTTP_PROXY, which the caller of a CGI program can set', () => {
  const choose = (environment: Record<string, string>, url: string) =>
    proxyFromEnvironment(environment).network?.proxy?.(new URL(url))?.url.host;
  assert.equal(choose({ HTTP_PROXY: 'http://a:1' }, 'http://example.com'), undefined);
  assert.equal(choose({ http_proxy: 'http://a:1' }, 'http://example.com'), 'a:1');
  assert.equal(choose({ HTTPS_PROXY: 'a:1' }, 'https://example.com'), 'a:1');
  assert.equal(
    choose({ ALL_PROXY: 'http://a:1', no_proxy: 'example.com' }, 'https://example.com'),
    undefined,
  );
  assert.equal(choose({ https_proxy: 'http://u:p@127.0.0.1:1' }, 'https://example.com'), '127.0.0.1:1');
});

test('an address in the environment that cannot be used is refused without showing its password', () => {
  for (const http_proxy of ['http://ada:s3cret@proxy:99999', 'ada:s3cret@', 'socks5://ada:s3cret@proxy:1']) {
    assert.throws(
      () => proxyFromEnvironment({ http_proxy }),
      (error) => /of the form http:/.test(String(error)) && !inspect(error).includes('s3cret'),
    );
  }
  proxyFromEnvironment({ http_proxy: 'http://ada:100%@127.0.0.1:1' });
});
