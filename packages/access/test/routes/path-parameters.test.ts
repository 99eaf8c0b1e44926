// The parameters of a path, computed on demand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parameterFields, parameterNames } from '../../src/routes/path-parameters.ts';

const all = (pattern: string, path: string) => {
  const fields = parameterFields(pattern, path);
  assert.equal(fields.size, [...fields.keys()].length);
  return Object.fromEntries([...fields.keys()].map((name) => [name, fields.get(name)]));
};

test('returns the decoded value of each named segment', () => {
  assert.deepEqual(all('/notes/:owner/:id', '/notes/alice/7'), { owner: 'alice', id: '7' });
  assert.deepEqual(all('/:a/x/*', '/caf%C3%A9%20au/x/y/z'), { a: 'café au' });
  assert.deepEqual(all('/:a', '/b/'), { a: 'b' });
  assert.deepEqual(all('/files/:name', '/files/a%2Fb'), { name: 'a/b' });
  assert.deepEqual(all('/notes/*', '/notes/1'), {});
});

test('a name that begins like another one is a separate name', () => {
  const fields = parameterFields('/:name/:names/:nam', '/one/two/three');
  assert.deepEqual(
    ['name', 'names', 'nam'].map((name) => fields.get(name)),
    ['one', 'two', 'three'],
  );
  for (const other of ['na', 'names2', '', ':name', 'name/:names'])
    assert.equal(fields.get(other), undefined);
});

test('lists the names of a pattern, each once', () => {
  assert.deepEqual(parameterNames('/a/:b/:c/:b/*'), ['b', 'c']);
  assert.equal(parameterFields('/:b/:b', '/one/two').get('b'), 'two');
});

test('a name of Object.prototype is a parameter like others', () => {
  const fields = parameterFields('/:__proto__/:constructor', '/one/two');
  const names = ['__proto__', 'constructor', 'hasOwnProperty'];
  assert.deepEqual(
    names.map((name) => fields.get(name)),
    ['one', 'two', undefined],
  );
});
