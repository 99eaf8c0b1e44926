import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { programFile } from '../../bin/clone.mjs';

/** Replaces the build: the program is a copy of its source. */
const BUILD = `import { cpSync } from 'node:fs';
const [folder] = process.argv.slice(2);
cpSync('packages/cli/src/main.ts', folder + '/lib/main.js');
`;

/** A clone with one source file. Its build only copies. */
function clone(t: TestContext): { root: string; write(path: string, text: string): void } {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-clone-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('package-lock.json', '{}');
  write('node_modules/rolldown/package.json', '{}');
  write('tools/build/in-clone.ts', BUILD);
  write('packages/cli/package.json', '{}');
  write('packages/cli/src/main.ts', 'one');
  return { root, write };
}

describe('the program of a clone', () => {
  it('is built once for each state of the sources', (t) => {
    const { root, write } = clone(t);
    const first = programFile(root);
    assert.equal(readFileSync(first, 'utf8'), 'one');
    assert.equal(programFile(root), first);
    write('packages/cli/src/main.ts', 'the other');
    const second = programFile(root);
    assert.equal(readFileSync(second, 'utf8'), 'the other');
    assert.ok(existsSync(first), 'a server may still run from it');
    for (const damaged of ['damaged', '', 'no-such-build\n']) {
      write('dist/last-build', damaged);
      assert.equal(programFile(root), second);
    }
  });

  it('is built anew after a change of any file, also of one that came later or is gone', (t) => {
    const { root, write } = clone(t);
    const first = programFile(root);
    write('packages/cli/src/more.ts', 'more');
    write('packages/cli/package.json', '{ }');
    const second = programFile(root);
    assert.notEqual(second, first);
    write('packages/cli/src/more.ts', 'still more');
    const third = programFile(root);
    assert.notEqual(third, second);
    rmSync(join(root, 'packages/cli/src/more.ts'));
    assert.notEqual(programFile(root), third);
  });

  it('is that of its own sources in a copy of a clone', (t) => {
    const { root } = clone(t);
    const copy = clone(t);
    programFile(root);
    cpSync(root, copy.root, { recursive: true, preserveTimestamps: true });
    copy.write('packages/cli/src/main.ts', 'changed in the copy');
    assert.equal(readFileSync(programFile(copy.root), 'utf8'), 'changed in the copy');
  });

  it('leaves the five newest builds', (t) => {
    const { root, write } = clone(t);
    const builds = [1, 2, 3, 4, 5, 6].map((length) => {
      write('packages/cli/src/main.ts', 'x'.repeat(length));
      return programFile(root);
    });
    assert.deepEqual(builds.map(existsSync), [false, true, true, true, true, true]);
  });

  it("runs from its sources if the developers' dependencies are not installed", (t) => {
    const { root } = clone(t);
    rmSync(join(root, 'node_modules'), { recursive: true });
    assert.equal(programFile(root), join(root, 'packages/cli/src/main.ts'));
  });

  it('reports why it cannot be built, and leaves nothing behind', (t) => {
    const { root, write } = clone(t);
    write('tools/build/in-clone.ts', 'throw new Error("no such module");');
    assert.throws(() => programFile(root), /cannot be built from its sources:[\s\S]*no such module/);
    assert.ok(!existsSync(join(root, 'dist/programs')));
  });
});
