// gatehouse policy: the requests to the server, and the output.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFakeAdmin, temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const TEXT =
  '// Reports\nforbid (principal, action, resource) when {\n\tcontext.params.department == "x" };\n';
const finding = {
  severity: 'error',
  file: 'reports.cedar',
  line: 3,
  column: 17,
  policy: 'reports.cedar#1',
  message: '`department` may be absent, and Cedar skips a policy that reads an absent value.',
  help: 'Ask first: `context.params has department && …`.',
};
const summary = {
  version: 3,
  digest: `sha256:${'ab'.repeat(32)}`,
  policies: 1,
  note: 'why',
  appliedAt: '2026-01-02T03:04:05.000Z',
  appliedBy: { kind: 'user', name: 'alice' },
};
const version = { ...summary, files: [{ name: 'reports.cedar', text: TEXT }] };

function policyFolder(t: Parameters<typeof temporaryFolder>[0]): string {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'more'));
  writeFileSync(join(folder, 'reports.cedar'), TEXT);
  writeFileSync(join(folder, 'more/a.links.json'), '[]');
  writeFileSync(join(folder, 'tests.json'), '[]');
  return folder;
}

test('policy check prints the place, the line with a mark, and what to do', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/policies/check': { body: { valid: false, findings: [finding], policies: 0 } },
  });
  const folder = policyFolder(t);
  const { status, stdout, stderr } = await gatehouse(['policy', 'check', join(folder, 'reports.cedar')], {
    env: admin.env,
  });
  assert.deepEqual(
    [status, stdout, stderr.replaceAll(`${folder}/`, '').split('\n')],
    [
      1,
      '',
      [
        'reports.cedar:3:17: error: `department` may be absent, and Cedar skips a policy that reads an absent value.',
        '  3 |  context.params.department == "x" };',
        '    |                 ^^^^^^^^^^',
        '  help: Ask first: `context.params has department && …`.',
        'gatehouse: 1 error',
        '',
      ],
    ],
  );
  assert.deepEqual(admin.calls[0]?.body, { files: [{ name: 'reports.cedar', text: TEXT }] });
});

test('a folder means its policy files and links, with those in its subfolders', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/policies/check': { body: { valid: true, findings: [], policies: 1 } },
  });
  const { stdout } = await gatehouse(['policy', 'check', policyFolder(t)], { env: admin.env });
  assert.equal(stdout, '1 policy in 2 files: no mistakes found\n');
  const { files = [] } = (admin.calls[0]?.body ?? {}) as { files?: { name: string }[] };
  assert.deepEqual(
    files.map(({ name }) => name),
    ['more/a.links.json', 'reports.cedar'],
  );
});

test('refuses policy files with the same name, missing files, and folders without policies', async (t) => {
  const admin = await startFakeAdmin(t, {});
  const [one, other, empty] = [policyFolder(t), policyFolder(t), temporaryFolder(t)];
  const check = async (...paths: string[]) =>
    (await gatehouse(['policy', 'check', ...paths], { env: admin.env })).stderr;
  assert.match(await check(join(one, 'reports.cedar'), join(other, 'reports.cedar')), /have the same name/);
  assert.match(await check(empty), /has no file that ends in \.cedar/);
  assert.match(await check(join(empty, 'x.cedar')), /there is no such file/);
  assert.equal(admin.calls.length, 0);
});

test('a long line is shown around the place on a terminal', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/policies/check': {
      body: { valid: false, findings: [{ ...finding, line: 1, column: 301 }], policies: 0 },
    },
  });
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'reports.cedar'), `${'x '.repeat(150)}wrong${' y'.repeat(100)}`);
  const options = { env: { ...admin.env, NO_COLOR: '1' }, terminal: true, columns: 80 };
  const { stderr } = await gatehouse(['policy', 'check', join(folder, 'reports.cedar')], options);
  const [source = '', mark = ''] = stderr.split('\n').filter((line) => line.includes(' | '));
  assert.ok(source.length <= 80, source);
  assert.equal(source.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1), 'wrong');
});

test('policy apply prints the version in force', async (t) => {
  const admin = await startFakeAdmin(t, {
    'PUT /admin/policies': { body: { ...summary, changed: true, findings: [] } },
  });
  const args = ['policy', 'apply', join(policyFolder(t), 'reports.cedar'), '--note', 'why'];
  const { stdout } = await gatehouse(args, { env: admin.env });
  assert.equal(stdout, 'version 3 is in force: 1 policy\n');
  assert.deepEqual(admin.calls[0]?.body, { files: version.files, note: 'why' });
});

test('policy apply shows the mistakes that the server refuses', async (t) => {
  const admin = await startFakeAdmin(t, {
    'PUT /admin/policies': {
      status: 422,
      body: { code: 'policy_invalid', detail: 'not valid', status: 422 },
    },
    'POST /admin/policies/check': { body: { valid: false, findings: [finding], policies: 0 } },
  });
  const { status, stderr } = await gatehouse(['policy', 'apply', policyFolder(t)], { env: admin.env });
  assert.equal(status, 1);
  assert.match(stderr, /reports\.cedar:3:17: error/);
  assert.match(stderr, /gatehouse: nothing changed: the policies are not valid\n$/);
});

test('policy rollback applies an earlier version', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/policies/rollback': { body: { ...summary, version: 4, changed: true, findings: [] } },
  });
  const { stdout } = await gatehouse(['policy', 'rollback', '2'], { env: admin.env });
  assert.equal(stdout, 'version 4 is in force: 1 policy, as in version 2\n');
  assert.deepEqual(admin.calls[0]?.body, { version: 2 });
  assert.equal((await gatehouse(['policy', 'rollback', 'two'], { env: admin.env })).status, 2);
});

test('policy history lists the versions', async (t) => {
  const admin = await startFakeAdmin(t, {
    'GET /admin/policies/versions': { body: { versions: [summary] } },
  });
  const { stdout } = await gatehouse(['policy', 'history'], { env: admin.env });
  assert.match(stdout, /\n3 +2026-01-02T03:04:05Z +alice +1 +sha256:abababababab +why\n$/);
});

test('policy show prints files, an earlier version, the policies of routes, and the schema', async (t) => {
  const admin = await startFakeAdmin(t, {
    'GET /admin/policies': {
      body: {
        ...version,
        generated: [{ id: 'r', text: 'permit;' }],
        builtIn: [{ id: 'b', text: 'forbid;' }],
      },
    },
    'GET /admin/policies/versions/2': {
      body: { ...version, files: [...version.files, { name: 'b.cedar', text: '// b' }] },
    },
    'GET /admin/policies/schema': { body: { schema: 'entity User;\n' } },
  });
  const show = async (...args: string[]) =>
    (await gatehouse(['policy', 'show', ...args], { env: admin.env })).stdout;
  assert.equal(await show(), TEXT);
  assert.equal(await show('--version', '2'), `// reports.cedar\n${TEXT}// b.cedar\n// b\n`);
  assert.equal(await show('--generated'), 'permit;\n');
  assert.equal(await show('--built-in'), 'forbid;\n');
  assert.equal(await show('--schema'), 'entity User;\n');
  assert.equal(
    (await gatehouse(['policy', 'show', '--schema', '--generated'], { env: admin.env })).status,
    2,
  );
});

test('policy test prints the differences, and fails', async (t) => {
  const results = [
    { name: 'as it should', passed: true, expected: 'allow', actual: 'allow', policies: ['a'] },
    { name: 'reads', passed: false, expected: 'allow', actual: 'deny', policies: [] },
    {
      name: 'by',
      passed: false,
      expected: 'deny',
      actual: 'deny',
      policies: ['a', 'b'],
      expectedPolicies: ['b'],
    },
  ];
  const admin = await startFakeAdmin(t, {
    'POST /admin/policies/test': { body: { passed: 1, failed: 2, results } },
  });
  const cases = [{ principal: 'alice', action: 'GET', resource: '/a', expect: 'allow' }];
  const file = join(temporaryFolder(t), 'expected.json');
  writeFileSync(file, JSON.stringify(cases));
  const { status, stdout } = await gatehouse(['policy', 'test', file], { env: admin.env });
  assert.equal(status, 1);
  assert.deepEqual(stdout.split('\n'), [
    'reads',
    '- allow',
    '+ deny: no policy permits it',
    'by',
    '- deny, by b',
    '+ deny, by a, b',
    '3 decisions: 2 not as expected',
    '',
  ]);
  assert.deepEqual(admin.calls[0]?.body, { cases });
});

test('policy explain says what a denied request lacks', async (t) => {
  const failed = {
    part: 'when',
    text: 'principal.department == context.params.department',
    values: [
      { text: 'principal.department', value: '"sales"' },
      { text: 'context.params.department', value: '"engineering"' },
    ],
  };
  const answer = {
    allowed: false,
    reason: '',
    policies: [],
    errors: [],
    explanations: [{ policy: 'reports.cedar#1', effect: 'permit', applies: false, failed: [failed] }],
    principal: 'User::"alice"',
    action: 'Action::"GET"',
    resource: 'Route::"/reports/:department"',
    context: '{}',
  };
  const admin = await startFakeAdmin(t, { 'POST /admin/policies/explain': { body: answer } });
  const folder = policyFolder(t);
  const context = join(folder, 'night.json');
  writeFileSync(context, '{"amr":["pwd"]}');
  const args = ['alice', 'GET', '/reports/engineering', '--context', context, '--policies', folder];
  const { status, stdout } = await gatehouse(['policy', 'explain', ...args], { env: admin.env });
  assert.equal(status, 0);
  assert.equal(
    stdout,
    'Denied: no policy permits it.\nThe nearest policy that permits is reports.cedar#1: it needs principal.department == context.params.department, but principal.department is "sales" and context.params.department is "engineering".\n',
  );
  const { files = [], ...asked } = (admin.calls[0]?.body ?? {}) as { files?: unknown[] };
  assert.equal(files.length, 2);
  assert.deepEqual(asked, {
    principal: 'alice',
    action: 'GET',
    resource: '/reports/engineering',
    context: { amr: ['pwd'] },
  });
});

test('policy format formats in place, checks, and formats standard input', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.cedar');
  writeFileSync(path, 'permit(principal,action,resource);');
  const check = await gatehouse(['policy', 'format', '--check', folder]);
  assert.deepEqual([check.status, check.stdout], [1, '1 file, 1 to format\n']);
  assert.equal((await gatehouse(['policy', 'format', folder])).stdout, '1 file, 1 formatted\n');
  assert.equal(readFileSync(path, 'utf8'), 'permit (principal, action, resource);\n');
  assert.equal((await gatehouse(['policy', 'format', '--check', path])).status, 0);
  const stdin = 'forbid(principal,action,resource);';
  const { stdout } = await gatehouse(['policy', 'format', '-'], { stdin });
  assert.equal(stdout, 'forbid (principal, action, resource);\n');
  const mistake = await gatehouse(['policy', 'format', '-'], { stdin: 'forbid' });
  assert.match(mistake.stderr, /^gatehouse: -:1:/);
});
