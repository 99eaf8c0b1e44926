// The parameters of a query that policies may read: a query is refused if a parameter is ambiguous.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryParameters } from '../../src/admission/query-parameters.ts';
import { refusal } from '../support/errors.ts';

const read = (query: string, names = ['tenant', 'page_size']) => {
  const fields = queryParameters(query, names);
  return Object.fromEntries([...fields.keys()].map((name) => [name, fields.get(name)]));
};

test('reads only the named parameters, decoded like forms (URL Standard §5.1)', () => {
  assert.deepEqual(read('?tenant=a+b%26%C3%A9&x=1'), { tenant: 'a b&é' });
  assert.deepEqual(read('?x=1&ten%61nt=%61=b'), { tenant: 'a=b' });
  assert.deepEqual(read('?tenant'), { tenant: '' });
  assert.deepEqual(read('?tenant='), { tenant: '' });
  for (const query of ['', '?', '?x=tenant', '?&&']) assert.deepEqual(read(query), {}, query);
  assert.deepEqual(read('?tenant=a', []), {});
});

test('refuses a repeated parameter, also in another spelling of its name', () => {
  refusing('?tenant=a&tenant=a', /query parameter "tenant" occurs more than once/);
  refusing('?tenant=a&ten%61nt=b', /more than once/);
  for (const name of ['Tenant', 'tenant[]', 'tenant[0]', 'tenant%00', '+tenant', 'tenant%20']) {
    refusing(`?tenant=a&${name}=b`, /also occurs as/);
    refusing(`?${name}=b`, /also occurs as/);
  }
  refusing('?page.size=1', /query parameter "page_size" also occurs as "page.size"/);
});

test('refuses a semicolon beside a named parameter, because some servers end the value there', () => {
  for (const query of ['?tenant=a;b', '?tenant=a;tenant=b', '?x=1;tenant=a', '?tenant=a;']) {
    refusing(query, /query parameter "tenant"/);
  }
  assert.deepEqual(read('?tenant=a%3Bb'), { tenant: 'a;b' });
  assert.deepEqual(read('?x=1;y=2&tenant=a'), { tenant: 'a' });
});

test('refuses a parameter that cannot be decoded', () => {
  for (const query of ['?tenant=%', '?tenant=%zz', '?tenant=%ff', '?%ff=1', '?x=%C3']) {
    refusing(query, /percent sign|UTF-8/);
  }
});

test('a name of Object.prototype is a parameter like others', () => {
  const names = ['__proto__', 'constructor', 'hasOwnProperty'];
  const fields = queryParameters('?__proto__=1&constructor=2', names);
  assert.deepEqual(
    names.map((name) => fields.get(name)),
    ['1', '2', undefined],
  );
  assert.throws(
    () => queryParameters('?constructor=1&Constructor=2', names),
    refusal('bad_request', /constructor/),
  );
});

function refusing(query: string, detail: RegExp): void {
  assert.throws(() => read(query), refusal('bad_request', detail), query);
}
