import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expressionText, scopeText } from '../../src/language/expression-text.ts';
import { EXPRESSIONS } from '../support/expressions.ts';
import { conditionOf, policyOf } from '../support/outcomes.ts';

test('the text of an expression means the same: Cedar parses it to the same form', () => {
  const texts = Object.values(EXPRESSIONS).flatMap((outcomes) => Object.values(outcomes).flat());
  for (const text of [
    ...texts,
    '(1 + 2) * 3 == 9',
    '1 - (2 - 3) == 2',
    '(true || false) && !(true && false)',
    '(if true then 1 else 2) == 1',
    '-(1 + 2) == -3',
    '({ "a b": [1, { c: User::"x\\"y" }] })["a b"].contains(1)',
    '(1 == 1) == (2 == 2)',
    '{ "in": 1 }["in"] == 1 && context has "has" && context["like"] like "a\\u{7}*"',
    '!(principal in Group::"a") && (principal is User in Group::"b")',
    '(principal like "*\\*\\"ä") || context has "a b"',
  ]) {
    const { conditions } = conditionOf(text);
    const again = conditionOf(expressionText(conditions[0]?.body)).conditions;
    assert.deepEqual(again, conditions, text);
  }
});

test('a literal of an extension is written as the call of its function or method', () => {
  const start = { __extn: { fn: 'datetime', arg: '1970-01-01' } };
  const by = { __extn: { fn: 'duration', args: ['1h'] } };
  const json = { Value: { __extn: { fn: 'offset', args: [start, by] } } };
  assert.equal(expressionText(json), 'datetime("1970-01-01").offset(duration("1h"))');
});

test('text that begins with a minus has brackets after `!` and before a dot', () => {
  const minus = { Value: -1 };
  const negated = { neg: { arg: { Var: 'context' } } };
  assert.equal(expressionText({ '!': { arg: minus } }), '!(-1)');
  assert.equal(expressionText({ '!': { arg: negated } }), '!(-(context))');
  assert.equal(expressionText({ '.': { left: minus, attr: 'a' } }), '(-1).a');
  assert.equal(expressionText({ isEmpty: { arg: negated } }), '(-(context)).isEmpty()');
  assert.equal(expressionText({ '*': { left: minus, right: minus } }), '-1 * -1');
  for (const text of ['!(-1)', '!(-(context.one))', '-1 * -1 == 1', '1 - -1 == 2', '(-1).a']) {
    const { conditions } = conditionOf(text);
    assert.deepEqual(conditionOf(expressionText(conditions[0]?.body)).conditions, conditions, text);
  }
});

test('a path after `has` with a name that is not an identifier is written step by step', () => {
  const text = (attr: string[]) => expressionText({ has: { left: { Var: 'context' }, attr } });
  assert.equal(text(['a', 'b']), 'context has a.b');
  assert.equal(text(['a b']), 'context has "a b"');
  assert.equal(text(['a', 'b c', 'd']), 'context has a && context.a has "b c" && context.a["b c"] has d');
});

test('Cedar reads the text of a scope', () => {
  for (const scope of [
    'principal == User::"a", action in [Action::"x", Action::"y"], resource in App::Folder::"f"',
    'principal in Role::"a b", action == Action::"x", resource is App::Doc',
    'principal is User in Role::"r", action in Action::"x", resource is Doc in Folder::"f"',
    'principal, action, resource',
  ]) {
    const { principal, action, resource } = policyOf(`permit (${scope});`);
    const text = [
      scopeText('principal', principal),
      scopeText('action', action),
      scopeText('resource', resource),
    ];
    assert.equal(text.join(', '), scope);
  }
});

test('the slot of a template stays a slot in the text of its scope', () => {
  assert.equal(scopeText('principal', { op: '==', slot: '?principal' }), 'principal == ?principal');
  const below = { op: 'is', entity_type: 'Doc', in: { slot: '?resource' } } as const;
  assert.equal(scopeText('resource', below), 'resource is Doc in ?resource');
});

test('the text has no unnecessary brackets and quotes', () => {
  for (const text of [
    '1 + 2 - 3 == 4',
    '1 * 2 + 3 * 4 < 5',
    '1 - (2 - 3) <= 2',
    '(1 + 2) * 3 > 9',
    'true && false || true && !false',
    '(true || false) && true',
    '1 == 2 && 3 != 4 && 5 >= 6',
    '(1 == 1) == (2 == 2)',
    '!(1 == 2) && !principal.a.b',
    '-(principal.a) + 1 == 2',
    'principal in Group::"a" && principal is User in Group::"b"',
    'principal has a.b && context has "a b" && context["a b"].c like "x*\\*"',
    'context.tags.contains("a") && [1, 2].containsAll([3]) && [1, 2].containsAny([]) && context.tags.isEmpty()',
    'principal.hasTag("a") && principal.getTag("a") == { a: 1, "b c": [User::"x", User::"y"] }',
    '{} == { "in": -1 } && "é\\n\\u{7}" == "" && {} == {}',
    'ip("10.0.0.1").isInRange(ip("10.0.0.0/8")) && decimal("1.0").lessThan(decimal("2.0"))',
    'datetime("2026-01-01").offset(duration("1h")).toTime() < duration("2h")',
    '1 == 2 + 3 && 1 != 2 - 3 && 1 < 2 + 3 && 1 <= 2 + 3 && 1 > 2 + 3 && 1 >= 2 + 3',
    '1 * -(principal.a) == 2 && !(1 * 2) && !!principal.a',
    '(!principal.a).b && (-(principal.a)).b == 1',
    'context.a + 1 has b && context.a + 1 like "x" && context.a + 1 is User in context.b + 1',
    'principal in context.a + 1',
    'if principal.a then 1 == 2 else (if true then false else true) || false',
    '(if true then 1 else 2) == 1',
  ])
    assert.equal(expressionText(conditionOf(text).conditions[0]?.body), text);
});

test('literals of every kind have their text', () => {
  const text = (value: unknown) => expressionText({ Value: value });
  assert.equal(text({ a: [1, { 'b c': true }] }), '{ a: [1, { "b c": true }] }');
  assert.equal(text({}), '{}');
  assert.equal(text({ __entity: { type: 'User', id: 'a' } }), 'User::"a"');
  assert.equal(text({ __extn: { fn: 'ip', arg: '::1' } }), 'ip("::1")');
});

test('a relation inside another relation or a calculation has brackets', () => {
  for (const operator of ['==', '!=', '<', '<=', '>', '>=', 'in'])
    for (const text of [`(1 ${operator} 2) == 3`, `(1 ${operator} 2) + 3 == 4`, `(1 ${operator} 2) * 3 == 4`])
      assert.equal(expressionText(conditionOf(text).conditions[0]?.body), text);
  for (const text of ['(1 == 2) has a', '(1 == 2) like "x"', '(1 == 2) is User', '1 is User in (2 == 3)'])
    assert.equal(expressionText(conditionOf(text).conditions[0]?.body), text);
});
