// Comments are as narrow as the code, which the formatter wraps. Examples are not wrapped, so that people can
// copy them.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const SOURCES = ['packages/*/{bin,src,test}', 'bench', 'conformance', 'examples', 'fuzz', 'tools'];
const WIDTH = 110;
const COMMENT = /^\s*(?:\/\/|\/?\*)/;

test(`no line of a comment has more than ${WIDTH} characters, except in an example`, () => {
  const files = SOURCES.flatMap((folder) => globSync(`${folder}/**/*.{ts,mjs}`));
  assert.ok(files.length > 1000, `${files.length} files`);
  const long = files.flatMap((file) =>
    longLines(readFileSync(file, 'utf8')).map((line) => `${file}:${line}`),
  );
  assert.deepEqual(long, []);
});

test('finds a long comment, and ignores examples and code', () => {
  const wide = 'x'.repeat(WIDTH);
  const block = [
    '/**',
    ` * ${wide}`,
    ' * @example',
    ` * ${wide}`,
    ' */',
    `const a = '${wide}';`,
    `// ${wide}`,
  ];
  assert.deepEqual(longLines(block.join('\n')), [2, 7]);
});

/** Line numbers, from 1. */
function longLines(text: string): number[] {
  let isExample = false;
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*\*? *@example/.test(line)) isExample = true;
    else if (/\*\/|^\s*\/\//.test(line)) isExample = false;
    return line.length > WIDTH && COMMENT.test(line) && !isExample ? [index + 1] : [];
  });
}
