// Constant parts, which are evaluated when a policy is compiled.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileExpression } from '../../src/expressions/expression.ts';
import { foldedNode } from '../../src/expressions/node.ts';

const NO_REQUEST = undefined as never;

test('a part that does not depend on the request is evaluated once', () => {
  const node = compileExpression({ ip: [{ Value: '10.0.0.0/8' }] });
  assert.equal(node.evaluate(NO_REQUEST), node.evaluate(NO_REQUEST));
  assert.equal(node.constant, node.evaluate(NO_REQUEST));
});

test('a constant that fails throws when it is evaluated, each time the same error', () => {
  const node = compileExpression({ ip: [{ Value: 'here' }] });
  const failure = () => {
    try {
      return node.evaluate(NO_REQUEST);
    } catch (error) {
      return error;
    }
  };
  assert.match(String(failure()), /"here" is not an IP address/);
  assert.equal(failure(), failure());
});

test('an error outside of the expression is thrown when the policy is compiled', () => {
  const broken = () => {
    throw new RangeError('broken');
  };
  assert.throws(() => foldedNode([1], broken), { name: 'RangeError' });
});
