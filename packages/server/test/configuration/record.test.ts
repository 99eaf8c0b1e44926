// The record of the configuration file in a data folder: another file is never served silently.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseOtherFile } from '../../src/configuration/record.ts';
import { lineRefusal } from '../support/errors.ts';

const RECORDED = { file: '/etc/one.ts', digest: 'sha256:00' };
const folder = '/var/lib/gatehouse';

test('accepts a first start, the same file again, and a file that --config names', () => {
  refuseOtherFile(undefined, { given: undefined, file: '/etc/one.ts', folder });
  refuseOtherFile(RECORDED, { given: undefined, file: '/etc/one.ts', folder });
  refuseOtherFile(RECORDED, { given: '/etc/two.ts', file: '/etc/two.ts', folder });
  refuseOtherFile(RECORDED, { given: 'none', file: undefined, folder });
});

test('accepts a file if there was none before', () => {
  refuseOtherFile({ file: null, digest: null }, { given: undefined, file: '/etc/one.ts', folder });
});

test('refuses a start without the recorded file, and names both alternatives', () => {
  assert.throws(
    () => refuseOtherFile(RECORDED, { given: undefined, file: undefined, folder }),
    lineRefusal(
      'config_file_changed',
      /^The data folder \/var\/lib\/gatehouse was last served with the configuration file \/etc\/one\.ts, but this start found none in .*: add --config \/etc\/one\.ts to serve the same policy again, or --config none to serve without a file\.$/,
    ),
  );
});

test('a start that finds another file is refused, with both names', () => {
  assert.throws(
    () => refuseOtherFile(RECORDED, { given: undefined, file: '/home/two.ts', folder }),
    lineRefusal(
      'config_file_changed',
      /this start found \/home\/two\.ts: add --config \/etc\/one\.ts to serve the same policy again, or --config \/home\/two\.ts for the other one\.$/,
    ),
  );
});
