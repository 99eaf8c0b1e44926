// The canonical path (RFC 3986 §6.2.2), and the paths that are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalPath, parseRequestTarget } from '../../src/routes/request-target.ts';
import { refusal } from '../support/errors.ts';

const FORBIDDEN = /\/\/|\/\.{1,2}(?:\/|$)|[;\\]/;
const HEX = '0123456789abcdefABCDEF';
/** Paths made of the characters and escapes that attacks use. */
const trickyPath = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom('/', '.', '..', '%', ';', '\\', 'a', 'admin', '~', '+', '|', ':'),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom('%2f', '%2E', '%2e', '%5c', '%25', '%3b', '%00', '%7F', '%41', '%20'),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom(...HEX), fc.constantFrom(...HEX))
          .map((two) => `%${two.join('')}`),
      },
      { weight: 1, arbitrary: fc.constantFrom(...HEX) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 2 }).map(encodeURIComponent) },
    ),
    { maxLength: 12 },
  )
  .map((parts) => `/${parts.join('')}`);

function canonicalOrRefused(path: string): string | undefined {
  try {
    return canonicalPath(path);
  } catch (error) {
    refusal('path_not_canonical')(error);
    return undefined;
  }
}

/** Like a server that decodes once, and does not change other text. */
function decoded(path: string): string {
  return path.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => decodeURIComponent(escapes));
}

test('a canonical path does not change: the function is idempotent (RFC 3986 §6.2.2)', () => {
  fc.assert(
    fc.property(trickyPath, (path) => {
      const canonical = canonicalOrRefused(path);
      if (canonical !== undefined) assert.equal(canonicalPath(canonical), canonical);
    }),
    { numRuns: 3000 },
  );
});

test('a canonical path has no empty, dot or parameter segment, no encoded separator, and no double encoding', () => {
  fc.assert(
    fc.property(trickyPath, (path) => {
      const canonical = canonicalOrRefused(path);
      if (canonical === undefined) return;
      const seenByAny = [canonical, decoded(canonical), decoded(decoded(canonical))];
      for (const seen of seenByAny) {
        assert.doesNotMatch(seen, FORBIDDEN);
        assert.equal(seen.split('/').length, canonical.split('/').length, 'decoding gives other segments');
      }
      assert.match(canonical, /^[!-~]+$/);
    }),
    { numRuns: 3000 },
  );
});

test('a canonical path decodes to what the path decodes to (RFC 3986 §6.2.2.2)', () => {
  fc.assert(
    fc.property(trickyPath, (path) => {
      const canonical = canonicalOrRefused(path);
      if (canonical !== undefined) assert.equal(decoded(canonical), decoded(path));
    }),
    { numRuns: 3000 },
  );
});

test('an ordinary path is never refused', () => {
  const segment = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => {
    const form = text.normalize('NFKC');
    const hasNewDots = form.split('.').length !== text.split('.').length;
    return !hasNewDots && !/[;/\\%\p{C}\u2044\u2215\u2216]|::\$|[. ]$/u.test(text + form);
  });
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
      const path = `/${segments.map(encodeURIComponent).join('/')}`;
      assert.equal(decodeURIComponent(canonicalPath(path)), `/${segments.join('/')}`);
    }),
  );
});

test('escapes of unreserved characters are decoded, the others are in upper case (RFC 3986 §6.2.2.1, §6.2.2.2)', () => {
  assert.equal(canonicalPath('/%7e%2d%5f%2E%61%5a%30'), '/~-_.aZ0');
  assert.equal(canonicalPath('/%c3%a9%20%3f'), '/%C3%A9%20%3F');
  assert.equal(canonicalPath('/%26%3d%40%3A%21'), '/&=@:!');
});

test('refuses double encoding in every spelling of its digits', () => {
  for (const path of ['/%252e', '/%25%32%65', '/%25%32e', '/%252%65', '/%2525']) {
    assert.throws(() => canonicalPath(path), refusal('path_not_canonical', /double encoding/), path);
  }
  assert.equal(canonicalPath('/100%25'), '/100%25');
  assert.equal(canonicalPath('/%25xy'), '/%25xy');
});

test('reports what is wrong with a path', () => {
  const wrong = {
    '//a': /empty segment/,
    '/a//b': /empty segment/,
    '/a//': /empty segment/,
    '/a/..': /dot segment/,
    '/%2e': /dot segment/,
    '/a;b': /path parameter/,
    '/%3B': /path parameter/,
    '/a%2Fb': /slash/,
    '/a%2F..%2Fb': /dot segment/,
    '/..%2fb': /dot segment/,
    '/a/b%2f%2e': /dot segment/,
    '/a\\b': /backslash/,
    '/a%5cb': /backslash/,
    '/%0A': /control character/,
    '/%7f': /control character/,
    '/%c0%af': /UTF-8/,
    '/%ed%a0%80': /UTF-8/,
    '/%4': /percent sign/,
    '/%zz': /percent sign/,
  };
  for (const [path, message] of Object.entries(wrong)) {
    assert.throws(() => canonicalPath(path), refusal('path_not_canonical', message), path);
  }
});

test('refuses paths that file systems and frameworks convert to another path', () => {
  for (const path of [
    '/admin.',
    '/admin%2E',
    '/admin%20',
    '/admin./x',
    '/admin%20/x',
    '/admin%C2%A0',
    '/a...',
  ]) {
    assert.throws(
      () => canonicalPath(path),
      refusal('path_not_canonical', /dot or a space|dot segment/),
      path,
    );
  }
  for (const path of [
    '/%ef%bc%8fadmin',
    '/a%EF%BC%BCb',
    '/%EF%BC%8E%EF%BC%8E/a',
    '/a%E2%80%A4%E2%80%A4',
    '/a%E2%84%80',
  ]) {
    assert.throws(
      () => canonicalPath(path),
      refusal('path_not_canonical', /servers read as|dot segment/),
      path,
    );
  }
  assert.equal(canonicalPath('/v1.2/.well-known/a.b'), '/v1.2/.well-known/a.b');
  assert.equal(canonicalPath('/.../a'), '/.../a');
  assert.equal(canonicalPath('/%EF%BD%81'), '/%EF%BD%81');
});

test('leaves spellings that some routes accept for the route: encoded slashes, parameters, empty segments', () => {
  const kept = {
    '/a%2fb': '/a%2Fb',
    '/a%5Cb': '/a%5Cb',
    '/a;v=1': '/a;v=1',
    '/%3b': '/%3B',
    '//a': '//a',
    '/%252f': '/%252f',
    '/admin.': '/admin.',
    '/%EF%BC%8Fadmin': '/%EF%BC%8Fadmin',
  };
  for (const [target, path] of Object.entries(kept)) {
    assert.equal(parseRequestTarget(target).path, path);
  }
  for (const target of ['/a/../b', '/a%2f..%2fb', '/..%5Cb', '/%2e', '/%00', '/%c0%af', '/%4']) {
    assert.throws(() => parseRequestTarget(target), refusal('path_not_canonical'), target);
  }
});

test('a target is split into path and query, and the query does not change (RFC 3986 §3.4)', () => {
  assert.deepEqual(parseRequestTarget('/a%62?x=%2e%2E/../;#'.slice(0, -1)), {
    path: '/ab',
    query: '?x=%2e%2E/../;',
    authority: undefined,
  });
  assert.deepEqual(parseRequestTarget('/?'), {
    path: '/',
    query: '?',
    authority: undefined,
  });
});

test('splits an absolute-form target into authority and path (RFC 9112 §3.2.2)', () => {
  assert.deepEqual(parseRequestTarget('https://Example.com:8443/a?b'), {
    path: '/a',
    query: '?b',
    authority: 'Example.com:8443',
  });
  assert.equal(parseRequestTarget('https://example.com').path, '/');
  assert.deepEqual(parseRequestTarget('https://example.com?b'), {
    path: '/',
    query: '?b',
    authority: 'example.com',
  });
});

test('refuses targets in any other form (RFC 9112 §3.2)', () => {
  for (const target of ['', '*', 'a', 'a:443', 'http://a/', 'ftp://a/', '/a#b', '/a b', '/é', '/\0']) {
    assert.throws(() => parseRequestTarget(target), refusal('bad_request'), target);
  }
});
