// --color, NO_COLOR and terminals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScreen, takeColor } from '../../src/output/screen.ts';
import { createFakeProcess, gatehouse } from '../fake-process.ts';

function isColored(terminal: boolean, env: NodeJS.ProcessEnv, choice?: 'auto' | 'always' | 'never'): boolean {
  const { stdout } = createFakeProcess({ terminal });
  return createScreen(stdout, env, choice).paint('red', 'x') !== 'x';
}

test('a terminal has colour, and anything else has none', () => {
  assert.equal(isColored(true, {}), true);
  assert.equal(isColored(false, {}), false);
});

test('NO_COLOR and TERM=dumb switch colour off; an empty NO_COLOR does not (no-color.org)', () => {
  assert.equal(isColored(true, { NO_COLOR: '1' }), false);
  assert.equal(isColored(true, { NO_COLOR: '' }), true);
  assert.equal(isColored(true, { TERM: 'dumb' }), false);
});

test('--color decides before NO_COLOR and before the terminal', () => {
  assert.equal(isColored(false, { NO_COLOR: '1' }, 'always'), true);
  assert.equal(isColored(true, {}, 'never'), false);
});

test('a screen has at least 80 columns; without a terminal it has no width', () => {
  const columnsOf = (columns: number, terminal = true) =>
    createScreen(createFakeProcess({ terminal, columns }).stdout, {}).columns;
  assert.deepEqual([columnsOf(40), columnsOf(120), columnsOf(120, false)], [80, 120, undefined]);
});

test('--color is accepted in any place, in both forms, but not after --', () => {
  assert.deepEqual(takeColor(['user', 'list', '--color', 'never']), {
    choice: 'never',
    rest: ['user', 'list'],
  });
  assert.deepEqual(takeColor(['--color=always', 'user']), { choice: 'always', rest: ['user'] });
  assert.deepEqual(takeColor(['a', '--', '--color']), { choice: 'auto', rest: ['a', '--', '--color'] });
});

test('an unknown or missing value of --color is an error of usage', async () => {
  for (const args of [['user', 'list', '--color', 'blue'], ['--color']]) {
    const { status, stderr } = await gatehouse(args);
    assert.equal(status, 2);
    assert.equal(stderr, 'gatehouse: --color: expected one of auto, always, never; see --help\n');
  }
});
