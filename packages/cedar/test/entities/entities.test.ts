import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEntities, entityUid } from '../../src/index.ts';

const uid = (id: string) => entityUid('Role', id);

test('an entity is below its parents and all entities above them', () => {
  const entities = createEntities([
    { uid: uid('a'), parents: [uid('b'), uid('c')] },
    { uid: uid('b'), parents: [uid('d')] },
    { uid: uid('c'), parents: [uid('d'), uid('unknown')] },
    { uid: uid('d') },
  ]);
  const ancestors = [...(entities.get(uid('a').key)?.ancestors ?? [])].sort();
  assert.deepEqual(ancestors, ['b', 'c', 'd', 'unknown'].map((id) => uid(id).key).sort());
  assert.equal(entities.get(uid('d').key)?.ancestors.size, 0);
  assert.equal(entities.get(uid('unknown').key), undefined);
});

test('refuses a cycle, and names one of its entities', () => {
  const cycle = [
    { uid: uid('a'), parents: [uid('b')] },
    { uid: uid('b'), parents: [uid('c')] },
    { uid: uid('c'), parents: [uid('b')] },
  ];
  assert.throws(() => createEntities(cycle), {
    code: 'policy_invalid',
    message: /Role::"b" is its own ancestor/,
  });
  assert.throws(() => createEntities([{ uid: uid('a'), parents: [uid('a')] }]), { code: 'policy_invalid' });
});

test('refuses an entity that is given twice', () => {
  assert.throws(() => createEntities([{ uid: uid('a') }, { uid: uid('a') }]), {
    message: /Role::"a" is given twice/,
  });
});

test('names with quotes are different entities', () => {
  const one = entityUid('Role', 'a"::"b');
  const other = entityUid('Role', 'a');
  const entities = createEntities([{ uid: one }, { uid: other }]);
  assert.equal(entities.get(one.key)?.uid, one);
  assert.equal(entities.get(other.key)?.uid, other);
});

test('the parents of an entity are read once, even if many paths lead to it', () => {
  let reads = 0;
  const parents = Object.assign([uid('top')], {
    *[Symbol.iterator]() {
      reads += 1;
      yield uid('top');
    },
  });
  const entities = createEntities([
    { uid: uid('a'), parents: [uid('b'), uid('c')] },
    { uid: uid('b'), parents: [uid('d')] },
    { uid: uid('c'), parents: [uid('d')] },
    { uid: uid('d'), parents },
  ]);
  assert.equal(entities.get(uid('a').key)?.ancestors.size, 4);
  assert.equal(reads, 1);
});
