// Paths that some servers read as another path: they are refused, unless the route accepts any path.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ambiguityOf } from '../../src/routes/ambiguous-path.ts';
import { parseRequestTarget } from '../../src/routes/request-target.ts';
import type { GatewayRoute } from '../../src/routes/route-table.ts';
import { createRouteTable } from '../../src/routes/route-table.ts';
import { refusal } from '../support/errors.ts';

function route(position: number, path: string, paths?: 'any'): GatewayRoute {
  const [host, methods] = [undefined, undefined];
  const upstream = 'http://127.0.0.1:3000';
  return {
    id: path,
    policyName: path,
    position,
    path,
    host,
    methods,
    upstream,
    access: 'authenticated',
    accept: [],
    maxBodyBytes: 1,
    paths,
  };
}

function matcher(...routes: GatewayRoute[]) {
  const table = createRouteTable(routes);
  return (target: string) => {
    const { path } = parseRequestTarget(target);
    return table.match({ method: 'GET', host: 'localhost', path }).id;
  };
}

/** Spellings of /admin and paths below it, for some server. */
const OTHER_SPELLINGS: Record<string, string> = {
  '/admin%20': 'a space at the end',
  '/admin.': 'a dot at the end',
  '/admin...': 'dots at the end',
  '/admin.%20.': 'dots and spaces',
  '/admin%c2%a0': 'a no-break space',
  '/admin./x': 'a dot at the end of a segment in the middle',
  '/admin::$DATA': 'a file stream',
  '/admin::$INDEX_ALLOCATION/x': 'the stream of a folder',
  '/%ef%bc%8fadmin': 'FULLWIDTH SOLIDUS',
  '/admin%ef%bc%8fx': 'FULLWIDTH SOLIDUS in the middle',
  '/x%ef%bc%8f..%ef%bc%8fadmin': 'FULLWIDTH SOLIDUS around dots',
  '/admin%ef%bc%bcx': 'FULLWIDTH REVERSE SOLIDUS',
  '/x%ef%b9%a8..%ef%b9%a8admin': 'SMALL REVERSE SOLIDUS',
  '/%ef%bc%8e/admin': 'FULLWIDTH FULL STOP',
  '/x/%ef%bc%8e%ef%bc%8e/admin': 'two FULLWIDTH FULL STOPs',
  '/x/%e2%80%a5/admin': 'TWO DOT LEADER',
  '/x/%e2%80%a4%e2%80%a4/admin': 'ONE DOT LEADERs',
  '/%e2%88%95admin': 'DIVISION SLASH',
  '/%e2%81%84admin': 'FRACTION SLASH',
  '/%e2%88%96admin': 'SET MINUS',
  '/admin%2fx': 'an encoded slash',
  '/%2fadmin': 'an encoded slash at the beginning',
  '/admin%2F': 'an encoded slash at the end',
  '/admin%5cx': 'a backslash',
  '//admin': 'an empty segment',
  '/admin//x': 'an empty segment in the middle',
  '/admin;x': 'a path parameter',
  '/admin;/x': 'an empty path parameter',
  '/x/..;/admin': 'a parameter of dots',
  '/%2561dmin': 'double encoding',
  '/x/%252e%252e/admin': 'dots encoded twice',
  '/x%252f..%252fadmin': 'slashes encoded twice',
};

for (const [target, what] of Object.entries(OTHER_SPELLINGS)) {
  test(`refuses ${target}, with ${what}, if a route for /admin comes first`, () => {
    const strict = matcher(route(0, '/admin/*'), route(1, '/*'));
    assert.throws(() => strict(target), refusal('path_not_canonical'));
    const lax = matcher(route(0, '/admin/*'), route(1, '/*', 'any'));
    assert.throws(() => lax(target), refusal('path_not_canonical'));
  });
}

test('a route with any paths accepts a path that cannot mean an earlier route', () => {
  const match = matcher(route(0, '/admin/*'), route(1, '/files/*', 'any'), route(2, '/*'));
  for (const target of [
    '/files/group%2Fproject',
    '/files/https:%2f%2fexample.com%2fa',
    '/files/report.',
    '/files/a%20',
    '/files/1%ef%bc%8f2',
    '/files/wait%e2%80%a6',
    '/files/a;v=1',
    '/files/a//b',
    '/files/%252F',
  ]) {
    assert.equal(match(target), '/files/*', target);
    assert.throws(() => match(target.replace('/files/', '/other/')), refusal('path_not_canonical'), target);
  }
  assert.throws(() => match('/files/..%2fadmin'), refusal('path_not_canonical', /dot segment/));
  assert.throws(() => match('/files/%ef%bc%8e%ef%bc%8e/admin'), refusal('path_not_canonical'));
});

test('refuses a path with invisible characters that looks like the path of an earlier route', () => {
  const match = matcher(route(0, '/admin'), route(1, '/*', 'any'));
  for (const target of ['/adm%e2%80%8bin', '/%ef%bb%bfadmin', '/admin%c2%ad', '/AD%e2%80%8dMIN']) {
    assert.throws(() => match(target), refusal('path_not_canonical'), target);
  }
  assert.equal(match('/family-%f0%9f%91%a8%e2%80%8d%f0%9f%91%a9'), '/*');
});

test('ordinary paths are not ambiguous', () => {
  for (const path of [
    '/',
    '/a',
    '/a/',
    '/a.b',
    '/a..b',
    '/.well-known/x',
    '/a%20b',
    '/caf%C3%A9',
    '/a::b',
    '/1+1',
  ]) {
    assert.equal(ambiguityOf(path), undefined, path);
  }
});

test('the other path of every ambiguous one is not ambiguous, and has no dot segment', () => {
  const piece = fc.constantFrom(
    'a',
    '.',
    '%20',
    '%2F',
    '/',
    '%EF%BC%8F',
    '%E2%80%A5',
    '::$',
    'é',
    '%E2%88%95',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const target = `/${pieces.map((each) => (each === 'é' ? '%c3%a9' : each)).join('')}`;
      try {
        const ambiguity = ambiguityOf(parseRequestTarget(target).path);
        if (!ambiguity) return;
        const other = parseRequestTarget(ambiguity.otherPath);
        assert.equal(other.path, ambiguity.otherPath);
        assert.equal(ambiguityOf(other.path), undefined, ambiguity.otherPath);
      } catch (error) {
        refusal('path_not_canonical')(error);
        assert.ok(error instanceof Error && !error.message.includes('percent'), target);
      }
    }),
    { numRuns: 5000 },
  );
});
