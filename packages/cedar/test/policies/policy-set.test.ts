// The policies of a set, and templates with their links.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyJson, ScopeJson } from '../../src/index.ts';
import { slotsOf, withSlotsFilled } from '../../src/index.ts';
import { policyOf } from '../support/outcomes.ts';

const alice = { type: 'User', id: 'alice' };
const top = { type: 'Folder', id: 'top' };
const VALUES = { '?principal': alice, '?resource': top };

function template(principal: ScopeJson, resource: ScopeJson): PolicyJson {
  return { ...policyOf('permit (principal, action, resource);'), principal, resource };
}

const CASES: [principal: ScopeJson, resource: ScopeJson, slots: string[], filled: [ScopeJson, ScopeJson]][] =
  [
    [
      { op: '==', slot: '?principal' },
      { op: 'in', slot: '?resource' },
      ['?principal', '?resource'],
      [
        { op: '==', entity: alice },
        { op: 'in', entity: top },
      ],
    ],
    [
      { op: 'is', entity_type: 'User' },
      { op: 'is', entity_type: 'Doc', in: { slot: '?resource' } },
      ['?resource'],
      [
        { op: 'is', entity_type: 'User' },
        { op: 'is', entity_type: 'Doc', in: { entity: top } },
      ],
    ],
    [
      { op: 'in', slot: '?principal' },
      { op: 'is', entity_type: 'Doc', in: { entity: top } },
      ['?principal'],
      [
        { op: 'in', entity: alice },
        { op: 'is', entity_type: 'Doc', in: { entity: top } },
      ],
    ],
    [{ op: 'All' }, { op: '==', entity: top }, [], [{ op: 'All' }, { op: '==', entity: top }]],
  ];

for (const [principal, resource, slots, filled] of CASES) {
  test(`a template with ${slots.join(' and ') || 'no slot'} has its values only in those places`, () => {
    const json = template(principal, resource);
    assert.deepEqual([...slotsOf(json)], slots);
    const policy = withSlotsFilled(json, VALUES);
    assert.deepEqual([policy.principal, policy.resource], filled);
    assert.deepEqual(withSlotsFilled(json, {}), json, 'without values it stays a template');
    assert.deepEqual(policy.action, json.action);
  });
}
