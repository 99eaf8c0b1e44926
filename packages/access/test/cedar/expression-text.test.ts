import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expressionText, scopeText } from '../../src/cedar/expression-text.ts';
import { EXPRESSIONS } from './expressions.ts';
import { conditionOf, policyOf } from './support.ts';

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

test('the text of a scope is the one that Cedar reads', () => {
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
