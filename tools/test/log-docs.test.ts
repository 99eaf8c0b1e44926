import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { LogEventEntry } from '../../packages/access/src/log/log-event.ts';
import { LOG_EVENTS } from '../../packages/access/src/log/log-events.ts';
import type { AccessMembers } from '../../packages/dataplane/src/exchange/access-record.ts';
import { LOG_PAGE, logPage } from '../log-docs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('docs/log-events.md matches the catalogue (run: npm run docs)', () => {
  assert.equal(readFileSync(LOG_PAGE, 'utf8'), logPage());
});

test('every field of the access log is in the catalogue', () => {
  // Does not compile otherwise.
  const documented: Readonly<Record<keyof AccessMembers, unknown>> = LOG_EVENTS.request.fields;
  assert.ok(Object.keys(documented).length > 0);
});

const COMMON = ['level', 'time', 'event', 'message', 'worker'];

test('names of events and fields follow one pattern, and no field has the name of a common field', () => {
  for (const [event, { fields }] of Object.entries<LogEventEntry>(LOG_EVENTS)) {
    assert.match(event, /^[a-z]+(?:\.[a-z_]+)*$/);
    for (const field of Object.keys(fields)) {
      assert.match(field, /^[a-z][a-zA-Z]*$/, event);
      assert.ok(!COMMON.includes(field), `${event} ${field}`);
    }
  }
});

test('every event of the catalogue is written somewhere', () => {
  const code = globSync('packages/{server,dataplane,cli}/src/**/*.ts', { cwd: root })
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  const written = (event: string) =>
    code.includes(`'${event}'`) || code.includes(`"event":"${event}"`) || event.startsWith('samples.');
  assert.deepEqual(
    Object.keys(LOG_EVENTS).filter((event) => !written(event)),
    [],
  );
  assert.ok(code.includes(LOG_EVENTS.ready.message));
});
