// Policies from a folder.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/access';
import { createPolicyFolder, readPolicyFolder } from '../../../src/authz/versions/policy-folder.ts';
import type { NewPolicies } from '../../../src/authz/versions/policy-versions.ts';
import { refusal } from '../../support/errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { FACTS } from '../support.ts';

const TEXT = 'permit (principal, action, resource);';

function versionsThat(refuse?: GatehouseError) {
  const applied: NewPolicies[] = [];
  const versions = {
    async require() {
      if (refuse) throw refuse;
      return { valid: true, findings: [], compiled: new Map() };
    },
    async apply(policies: NewPolicies) {
      applied.push(policies);
      return {
        ...policies,
        version: 1,
        digest: '',
        policies: 1,
        appliedAt: 0,
        appliedBy: null,
        changed: true,
        findings: [],
      };
    },
  };
  return { applied, versions };
}

test('takes all policy files below the folder, in the order of their names', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'team'));
  writeFileSync(join(folder, 'b.cedar'), `\uFEFF${TEXT}`);
  writeFileSync(join(folder, 'team/a.cedar'), TEXT);
  writeFileSync(join(folder, 'README.md'), 'no policy');
  assert.deepEqual(readPolicyFolder(folder), [
    { name: 'b.cedar', text: TEXT },
    { name: 'team/a.cedar', text: TEXT },
  ]);
});

test('refuses a folder that does not exist, that is empty, or that has a file that is not UTF-8', (t) => {
  const folder = temporaryFolder(t);
  const message = (what: RegExp) => refusal('config_invalid', what);
  assert.throws(
    () => readPolicyFolder(join(folder, 'none')),
    message(/authz\.policies .*there is no such file/),
  );
  assert.throws(() => readPolicyFolder(folder), message(/no file that ends in \.cedar/));
  writeFileSync(join(folder, 'bad.cedar'), Buffer.from([0xff]));
  assert.throws(() => readPolicyFolder(folder), message(/bad\.cedar is not text in UTF-8/));
});

test('applies a folder after its check, and then refuses to apply other policies', async (t) => {
  const path = temporaryFolder(t);
  writeFileSync(join(path, 'all.cedar'), TEXT);
  const { applied, versions } = versionsThat();
  const folder = createPolicyFolder(versions);
  const apply = await folder.prepare(path, FACTS);
  assert.equal(applied.length, 0);
  folder.refuseOtherSources();
  await apply();
  assert.deepEqual(applied[0]?.files, [{ name: 'all.cedar', text: TEXT }]);
  assert.throws(() => folder.refuseOtherSources(), refusal('conflict', /config reload/));
  await (await folder.prepare(undefined, FACTS))();
  folder.refuseOtherSources();
});

test('refuses a folder that is not valid before it applies anything', async (t) => {
  const path = temporaryFolder(t);
  writeFileSync(join(path, 'bad.cedar'), 'permit');
  const { applied, versions } = versionsThat(new GatehouseError('policy_invalid', 'bad.cedar:1:1: …'));
  const folder = createPolicyFolder(versions);
  await assert.rejects(
    folder.prepare(path, FACTS),
    refusal('config_invalid', /authz\.policies .*bad\.cedar:1:1/),
  );
  assert.equal(applied.length, 0);
});
