// Policies in force after a change of the attributes that they read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { SchemaFacts } from '../../../src/authz/language/index.ts';
import { readPolicyFiles } from '../../../src/authz/language/read-policies.ts';
import type { AppliedVersion } from '../../../src/authz/versions/applied-policies.ts';
import { DEFAULT_VERSION } from '../../../src/authz/versions/default-policies.ts';
import { createPolicyFit } from '../../../src/authz/vocabulary/policy-fit.ts';
import { FACTS } from '../support.ts';

const TEXT = `permit (principal, action, resource) when { principal has department && principal.department == "sales" };
@id("limit")
forbid (principal, action, resource) when { principal has level && principal.level > 3 };
permit (principal, action, resource == Route::"/reports/:department") when { resource.kind == "report" };`;
const LEVELS = new Map([...FACTS.principalAttributes, ['level', 'long'] as const]);

function applied(text: string, version = 1): AppliedVersion {
  const files = [{ name: 'p.cedar', text }];
  const { policies: compiled } = readPolicyFiles(cedar, files, { ...FACTS, principalAttributes: LEVELS });
  return { ...DEFAULT_VERSION, version, files, compiled, appliedAt: 1 };
}

function setUp(current: AppliedVersion) {
  const state = { current, facts: { ...FACTS, principalAttributes: LEVELS } as SchemaFacts, read: 0 };
  const events: unknown[] = [];
  const fit = createPolicyFit({
    applied: {
      get current() {
        return state.current;
      },
    },
    facts: () => state.facts,
    async read(_purpose, files, facts) {
      state.read += 1;
      return readPolicyFiles(cedar, files, facts);
    },
    log: { event: (name: string, data?: object) => void events.push([name, data]) },
  });
  const becomes = (more: Partial<SchemaFacts>) => {
    state.facts = { ...state.facts, ...more };
  };
  return { state, events, fit, becomes };
}

const mixed = { principalAttributes: new Map([...LEVELS, ['level', 'mixed' as const]]) };

test('says which policy in force does not fit an attribute that someone got, and the effect', async () => {
  const { fit, events, becomes } = setUp(applied(TEXT));
  assert.deepEqual(await fit.withAttributes({ level: 4 }), []);
  becomes(mixed);
  const [warning = '', ...more] = await fit.withAttributes({ level: 'high' });
  assert.match(
    warning,
    /^The policy limit \(p\.cedar:3:\d+\) no longer fits the attributes that it reads, and forbids nothing where it fails: .*different types/,
  );
  assert.deepEqual(more, []);
  assert.deepEqual(events, [
    ['authz.policies_do_not_fit', { version: 1, policies: ['limit'], reason: warning }],
  ]);
});

test('validates nothing for attributes that no policy reads, and validates the same state once', async () => {
  const { fit, state, events, becomes } = setUp(applied(TEXT));
  assert.deepEqual(await fit.withAttributes({ color: 'red', kinds: ['report'] }), []);
  assert.equal(state.read, 0);
  becomes(mixed);
  const all = await Promise.all([
    fit.withAttributes({ level: 'a' }),
    fit.withAttributes({ level: 'b' }),
    fit.now(),
  ]);
  assert.deepEqual([state.read, events.length], [1, 1]);
  assert.deepEqual(
    all.map(({ length }) => length),
    [1, 1, 1],
  );
  becomes({ principalAttributes: LEVELS });
  assert.deepEqual(await fit.withAttributes({ level: 1 }), [], 'it fits again');
  state.current = applied(TEXT.replace('has level && principal.level > 3', 'in Role::"guest"'), 2);
  assert.deepEqual(await fit.withAttributes({ level: 'a' }), [], 'other policies, which do not read it');
  assert.equal(state.read, 2);
});

test('routes that no longer declare an attribute count, too', async () => {
  const { fit, becomes } = setUp(applied(TEXT));
  assert.deepEqual(await fit.now(), []);
  becomes({ routes: FACTS.routes.map((route) => ({ ...route, attributes: {} })) });
  const [warning = '', ...more] = await fit.now();
  assert.match(warning, /^The policy p\.cedar#3 .* permits nothing where it fails: No route declares/);
  assert.deepEqual(more, []);
});

test('the default policies always fit', async () => {
  const { fit, state, becomes } = setUp(DEFAULT_VERSION);
  becomes(mixed);
  assert.deepEqual([await fit.now(), await fit.withAttributes({ level: 'x' }), state.read], [[], [], 0]);
});

test('a validation that fails does not undo the change', async () => {
  const fit = createPolicyFit({
    applied: { current: applied(TEXT) },
    facts: () => FACTS,
    read: () => Promise.reject(new Error('out of memory')),
    log: { event() {} },
  });
  const [warning = ''] = await fit.withAttributes({ level: 1 });
  assert.match(warning, /may not fit .*could not be validated again: out of memory/);
});
