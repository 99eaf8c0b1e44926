import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FACTS, forbidWhen, inWords, permitWhen, read, readFiles } from './support.ts';

describe('places', () => {
  test('a mistake has its line and its column, in characters', () => {
    const { findings } = read(`// 😀 é\n${permitWhen('"😀é" foo')}`);
    const [{ file, line, column, message } = {}] = findings;
    assert.deepEqual({ file, line, column }, { file: 'p.cedar', line: 2, column: 50 });
    assert.equal(message, 'Unexpected token `foo`.');
  });

  test('lines may end with CR LF, and the file may begin with a byte order mark', () => {
    const text = `\uFEFFpermit (principal in Role::"a", action, resource);\r\n\r\n${permitWhen('principal.nme == "x"')}\r\n`;
    assert.match(String(inWords(read(text))), /^3:45 error No user and no service has the attribute `nme`/);
    const valid = read('\uFEFFpermit (principal in Role::"a",\r\naction, resource);\r\n');
    assert.deepEqual([valid.findings, [...valid.policies.keys()]], [[], ['p.cedar#1']]);
  });

  test('a carriage return ends a comment, so it hides no policy', () => {
    const { policies } = read(
      '// comment\rforbid (principal, action, resource); // end\r permit (principal in Role::"a", action, resource);',
    );
    assert.deepEqual([...policies.keys()], ['p.cedar#1', 'p.cedar#2']);
  });

  test('a semicolon in a string or a comment ends no policy', () => {
    const { policies, findings } = read(
      `${permitWhen('principal.name == "a;\\";//" // ;')}`.replace('// ;', '// ;\n'),
    );
    assert.deepEqual([findings, policies.size], [[], 1]);
  });

  test('all mistakes are reported at once, in the order of the files', () => {
    const { findings, policies } = readFiles({
      'a.cedar': `${permitWhen('principal.nme == 1')}\n${permitWhen('1 + ')}`,
      'b.cedar': `${permitWhen('context.foo')}\npermit (principal, action, resource)`,
    });
    assert.deepEqual(
      findings.map(({ file, line, message }) => `${file}:${line} ${message}`),
      [
        'a.cedar:1 No user and no service has the attribute `nme`.',
        'a.cedar:2 Unexpected token `}`.',
        'b.cedar:1 The context has no `foo`.',
        'b.cedar:2 The policy ends too early.',
      ],
    );
    assert.equal(policies.size, 0);
  });

  test('refuses half of a character, because such a file is not valid UTF-8', () => {
    assert.deepEqual(inWords(read('// 😀\n// \ud800')), [
      '2:4 error There is half of a character here: the file is not valid UTF-8. [Save it as UTF-8.]',
    ]);
  });

  test('an empty set of policies is valid', () => {
    assert.deepEqual(read('// nothing'), { policies: new Map(), findings: [] });
  });
});

describe('mistakes of syntax', () => {
  const MISTAKES: Record<string, RegExp> = {
    'permit (principal, action, resource)\nforbid (principal, action, resource);':
      /2:1 error Another policy begins here/,
    'permit (principal, action, resource);;': /1:38 error There is a `;` that does not belong here/,
    'allow (principal, action, resource);': /Invalid policy effect: allow.*`permit` or `forbid`/,
    'permit (principal, action);': /missing the `resource` variable/,
    'permit (principal, action, resource) when { principal.name = "x" };': /Try using '==' instead/,
    'permit (principal, action, resource) when { ip("1.2.3") == ip("1.2.3.4") };': /IP address/,
    'permit (principal, action, resource) when { decimal("1.23456") == decimal("1.0") };': /4 digits/,
    'permit (principal, action, resource) when { datetime("2024-13-01") < datetime("2024-01-01") };':
      /datetime value/,
    'permit (principal, action, resource) when { duration("15 minutes") < duration("1h") };': /1d2h3m4s50ms/,
    'permit (principal, action, resource) when { principal.name == "abc };': /strings are closed/,
    'permit (principal, action, resource) when { principal == ?principal };':
      /slots are currently unsupported/i,
    '@id("") permit (principal, action, resource);': /cannot be an id/,
    '@id("a\\nb") permit (principal, action, resource);': /cannot be an id/,
    '@id("route:/admin:only") permit (principal, action, resource);': /Gatehouse’s own policies/,
  };
  for (const [text, expected] of Object.entries(MISTAKES)) {
    test(text, () => assert.match(String(inWords(read(text))), expected));
  }

  test('refuses an id that occurs twice, and names the first place', () => {
    const { findings } = readFiles({
      'a.cedar': '@id("x") permit (principal in Role::"a", action, resource);',
      'b.cedar': '\n@id("x") permit (principal in Role::"a", action, resource);',
    });
    assert.deepEqual(inWords({ findings }), [
      '2:1 error The id "x" is taken: a.cedar:1 has it, too. [Give each policy its own `@id("…")`, or none.]',
    ]);
  });

  test('refuses an id that is also the default id of another policy', () => {
    const text =
      'permit (principal in Role::"a", action, resource);\n@id("p.cedar#1") forbid (principal, action, resource);';
    assert.match(String(inWords(read(text))), /The id "p.cedar#1" is taken/);
  });

  test('refuses a policy that Cedar accepts and the compiler does not', () => {
    assert.match(String(inWords(read(permitWhen('unknown("x")')))), /1:1 error The policy uses "unknown"/);
  });

  test('refuses whole numbers beyond 2^53 at their place, because JavaScript rounds them', () => {
    assert.deepEqual(
      inWords(read(permitWhen('principal has clearance && principal.clearance < 9007199254740993'))),
      [
        '1:94 error The number 9007199254740993 is too large: the largest is 9007199254740991 (2^53-1). [Use a smaller unit, or a string.]',
      ],
    );
    assert.deepEqual(
      read(permitWhen('principal has clearance && principal.clearance < 9007199254740991')).findings,
      [],
    );
  });
});

describe('sizes', () => {
  const LIMITED: Record<string, [text: string, expected: RegExp]> = {
    '100 open brackets': [permitWhen(`${'('.repeat(100)}true${')'.repeat(100)}`), /More than 60 brackets/],
    '100 nested sets': [permitWhen(`${'['.repeat(100)}1${']'.repeat(100)} == 1`), /More than 60 brackets/],
    '1,000 times ||': [permitWhen(Array(1000).fill('1 == 2').join(' || ')), /too many operators/],
    '1,000 times if': [permitWhen(`${'if true then true else '.repeat(1000)}true`), /too many operators/],
    'a policy of 100,001 characters': [
      permitWhen(`principal.name == "${'x'.repeat(100_000)}"`),
      /has 100\d+ characters/,
    ],
    '4 million characters': [`// ${'x'.repeat(4_000_000)}`, /The policies have 4000003 characters/],
    '10,001 policies': [
      'forbid (principal, action, resource);'.repeat(10_001),
      /The file has 10001 policies/,
    ],
  };
  for (const [name, [text, expected]] of Object.entries(LIMITED)) {
    test(`${name} are refused before Cedar’s parser sees them`, () =>
      assert.match(String(inWords(read(text))), expected));
  }

  test('reads policies within the limits', () => {
    for (const condition of [
      `${'('.repeat(50)}principal.name == "a"${')'.repeat(50)}`,
      Array(250).fill('principal.name == "a"').join(' || '),
      `${'if principal.name == "a" then true else '.repeat(150)}principal.name == "b"`,
    ])
      assert.deepEqual(read(permitWhen(condition)).findings, []);
  });
});

describe('types', () => {
  test('a policy that permits may read a path parameter, and one that forbids must ask first', () => {
    const condition = 'context.params.department == "sales"';
    assert.deepEqual(read(permitWhen(condition)).findings, []);
    assert.match(
      String(inWords(read(forbidWhen(condition)))),
      /`department` may be absent.*`context\.params has department && …`/,
    );
    assert.deepEqual(read(forbidWhen(`context.params has department && ${condition}`)).findings, []);
  });

  test('the same is true for query parameters and header fields, which a request may lack', () => {
    for (const [owner, name] of [
      ['query', 'tenant'],
      ['headers', '"x-tenant"'],
    ] as const) {
      const member = name.startsWith('"') ? `context.${owner}[${name}]` : `context.${owner}.${name}`;
      assert.deepEqual(read(permitWhen(`${member} == "a"`)).findings, []);
      assert.match(String(inWords(read(forbidWhen(`${member} == "a"`)))), /may be absent/);
      assert.deepEqual(read(forbidWhen(`context.${owner} has ${name} && ${member} == "a"`)).findings, []);
    }
  });

  test('a policy for one route can read what that route declares', () => {
    const scope = '(principal, action, resource == Route::"/reports/:department")';
    assert.deepEqual(
      read(`forbid ${scope} when { context.params.department == "x" && resource.level == 3 };`).findings,
      [],
    );
    assert.match(
      String(inWords(read(`forbid ${scope} when { context.query.tenant == "x" };`))),
      /may be absent/,
    );
    assert.match(
      String(inWords(read(`permit ${scope} when { resource.color == "x" };`))),
      /No route declares the attribute `color`/,
    );
  });

  test('an attribute that routes declare with different types cannot be read', () => {
    const text = 'resource has level && resource.level == 3';
    assert.match(String(inWords(read(permitWhen(text)))), /error .*values of different types/);
    assert.match(String(inWords(read(forbidWhen(text)))), /error .*values of different types/);
  });

  test('an attribute that callers have with different types cannot be read', () => {
    for (const text of [
      'principal has shift && principal.shift == 3',
      'principal has shift && principal.shift > 3',
      'principal has shift && principal.shift like "a*"',
      'principal has shift && principal.shift.contains("a")',
      'principal has shift && ["a"].contains(principal.shift)',
      'principal has shift && principal.shift',
    ]) {
      for (const policy of [permitWhen(text), forbidWhen(text)])
        assert.match(String(inWords(read(policy))), /error .*values of different types/, text);
    }
    assert.deepEqual(inWords(read(forbidWhen('principal has shift'))), []);
  });

  test('a condition is validated for routes with the action that it asks for, and for those without', () => {
    const onRoutes = (effect: string, condition: string) =>
      inWords(read(`${effect} (principal, action, resource is Route) when { ${condition} };`));
    for (const condition of [
      '!(action in Action::"approve") && principal.clearance > 3',
      'action in Action::"approve" || principal.clearance > 3',
      'action in [Action::"approve"] && principal.clearance > 3',
    ]) {
      assert.match(String(onRoutes('forbid', condition)), /error `clearance` may be absent/, condition);
      const asked = condition.replace('principal.', 'principal has clearance && principal.');
      assert.deepEqual(onRoutes('forbid', asked), [], asked);
      assert.deepEqual(onRoutes('permit', asked), [], asked);
    }
    const impossible = 'action in Action::"approve" && action in Action::"read" && action in Action::"write"';
    assert.match(String(onRoutes('forbid', impossible)), /warning The policy can never apply/);
    const onNotes = (condition: string) =>
      inWords(read(`forbid (principal, action, resource == Route::"/notes/*") when { ${condition} };`));
    assert.match(String(onNotes('action in Action::"approve"')), /warning The policy can never apply/);
  });

  test('attributes of callers may be absent', () => {
    assert.match(
      String(inWords(read(permitWhen('principal.department == "x"')))),
      /`department` may be absent.*`principal has department && …`/,
    );
    assert.deepEqual(
      read(permitWhen('principal has department && principal.department == "x"')).findings,
      [],
    );
  });

  test('wrong types are refused', () => {
    for (const [condition, expected] of [
      ['principal has clearance && principal.clearance < "3"', /expected Long but saw String/],
      ['principal has regions && principal.regions.contains(3)', /types Long and String are not compatible/i],
      ['context has address && context.address.isInRange("10.0.0.0/8")', /expected ipaddr but saw String/],
      ['principal.name', /expected Bool but saw String/],
      ['principal in "x"', /an entity or a set of them/],
      ['principal == Usr::"x"', /There is no type `Usr`. \[Did you mean `User`\?\]/],
    ] as const)
      assert.match(String(inWords(read(permitWhen(condition)))), expected);
  });

  test('unknown actions are refused, and methods of HTTP are known', () => {
    const permit = (name: string) => `permit (principal, action == Action::"${name}", resource);`;
    assert.match(
      String(inWords(read(permit('GTE')))),
      /There is no action `Action::"GTE"`. \[Did you mean `Action::"GET"`\?\]/,
    );
    for (const name of ['PROPFIND', 'DELETE', 'ca:RevokeCertificate'])
      assert.deepEqual(read(permit(name)).findings, [], name);
    for (const name of ['read', 'write', 'approve', 'admin:read', 'ca'])
      assert.deepEqual(read(permit(name).replace('==', 'in')).findings, [], name);
  });

  test('reports the same mistake once, and not for each type of caller', () => {
    assert.equal(read(permitWhen('principal.nme == "x"')).findings.length, 1);
  });

  test('a broad policy that permits is for the gateway alone, and one that forbids also for the admin API', () => {
    assert.deepEqual(read(permitWhen('context.params.department == "a"')).findings, []);
    const admin = (effect: string) =>
      `${effect} (principal, action in Action::"ca", resource) when { context.params.department == "a" };`;
    assert.match(String(inWords(read(admin('permit')))), /has the path parameter `department`/);
    assert.match(
      String(inWords(read(forbidWhen('resource.kind == "report"')))),
      /Server has no attribute `kind`/,
    );
    assert.deepEqual(read(forbidWhen('resource has kind && resource.kind == "report"')).findings, []);
  });
});

describe('names that are similar to known ones', () => {
  const ERRORS: Record<string, RegExp> = {
    [permitWhen('principal.departement == "x"')]:
      /error No user .* `departement`. \[Did you mean `department`\? If not, give it to one/,
    [permitWhen('resource.kid == "x"')]:
      /error No route .* `kid`.* \[Did you mean `kind`\? If not, declare it/,
    [permitWhen('context.params.departments == "x"')]:
      /error No route .* `departments`. \[Did you mean `department`\? If not, a route/,
    [permitWhen('context.query.tenants == "x"')]: /\[Did you mean `tenant`\? If not, add it to the route/,
    [permitWhen('context.headers["x-tenent"] == "x"')]:
      /\[Did you mean `x-tenant`\? If not, add it to the route/,
  };
  for (const [text, expected] of Object.entries(ERRORS)) {
    test(text, () => assert.match(String(inWords(read(text))), expected));
  }
  test('a name without a similar known name has no suggestion', () => {
    const words = String(inWords(read(permitWhen('principal.shoe == "x"'))));
    assert.match(words, /`shoe`. \[Give it to one/);
  });
});

describe('warnings', () => {
  const WARNINGS: Record<string, RegExp> = {
    [permitWhen('principal has departement && principal.departement == "x"')]:
      /1:59 warning No user and no service has the attribute `departement` yet. \[Did you mean `department`\?\]/,
    [permitWhen('resource has knd && resource.knd == "x"')]:
      /No route declares the attribute `knd`. \[Did you mean `kind`/,
    [permitWhen('context.params has dept')]: /No route has the path parameter `dept`/,
    [permitWhen('context.headers has "x-tenent"')]:
      /names the header field `x-tenent`. \[Did you mean `x-tenant`/,
    [permitWhen('context has adress')]: /The context never has `adress`. \[Did you mean `address`/,
    'permit (principal, action, resource == Route::"/note/*");':
      /1:47 warning There is no route "\/note\/\*". \[Did you mean `\/notes\/\*`/,
    'permit (principal, action, resource);': /1:1 warning The policy permits every request of every caller/,
    [permitWhen('true')]: /permits every request of every caller/,
    [permitWhen('1 == 2')]: /The policy can never apply/,
    'permit (principal == Role::"admin", action, resource);': /can never apply.*`in` in the principal clause/,
    'permit (principal == ?principal, action, resource);': /has no link, so it has no effect/,
    [permitWhen('principal.name == "раypal"')]: /mixed scripts/,
  };
  for (const [text, expected] of Object.entries(WARNINGS)) {
    test(text, () => {
      const { findings } = read(text);
      assert.match(String(inWords({ findings })), expected);
      assert.deepEqual(new Set(findings.map(({ severity }) => severity)), new Set(['warning']));
    });
  }

  test('a set that has only warnings can be applied', () => {
    assert.equal(read('permit (principal, action, resource);').policies.size, 1);
  });

  test('roles that have no member yet, and forbidding everything, need no warning', () => {
    assert.deepEqual(read('permit (principal in Role::"new", action, resource);').findings, []);
    assert.deepEqual(read('forbid (principal, action, resource);').findings, []);
  });
});

describe('templates', () => {
  const TEMPLATE = '@id("share") permit (principal == ?principal, action, resource == ?resource);';
  const link = (values: object) =>
    JSON.stringify([{ template_id: 'share', link_id: 'share-1', args: values }]);
  const VALUES = { '?principal': 'User::"al\\"ice"', '?resource': 'Route::"/notes/*"' };

  test('a template becomes a policy for each of its links', () => {
    const { policies, findings } = readFiles({ 'a.cedar': TEMPLATE, 'a.links.json': link(VALUES) });
    assert.deepEqual(findings, []);
    assert.deepEqual([...policies.keys()], ['share-1']);
    assert.deepEqual(policies.get('share-1')?.slots, {
      '?principal': { type: 'User', id: 'al"ice' },
      '?resource': { type: 'Route', id: '/notes/*' },
    });
  });

  test('mistakes in links have their place', () => {
    for (const [text, expected] of [
      ['{', /not valid JSON here/],
      ['{}', /has no list of links/],
      ['\n [{ "template_id": "share" }]', /2:3 error The link has no "link_id"/],
      ['[{ "template_id": "shre", "link_id": "x" }]', /There is no template "shre"/],
      [link({ '?principal': 'User::"a"' }), /has the slots \?principal, \?resource/],
      [
        link({ ...VALUES, '?principal': 'User::"a", action, resource); permit (principal' }),
        /\?principal is not an entity/,
      ],
      [link({ ...VALUES, '?principal': 'Usr::"a"' }), /There is no type `Usr`/],
    ] as const)
      assert.match(String(inWords(readFiles({ 'a.cedar': TEMPLATE, 'a.links.json': text }))), expected);
  });

  test('the id of a link must be unique, too', () => {
    const files = {
      'a.cedar': `${TEMPLATE}\n@id("share-1") forbid (principal, action, resource);`,
      'a.links.json': link(VALUES),
    };
    assert.match(String(inWords(readFiles(files))), /The id "share-1" is taken/);
  });
});

test('an error in one policy refuses the whole set', () => {
  assert.equal(
    read(`forbid (principal, action, resource);\n${permitWhen('principal.nme == 1')}`).policies.size,
    0,
  );
});

test('attributes and parameters of routes may have any name', () => {
  const [route] = FACTS.routes;
  assert.ok(route);
  const facts = {
    ...FACTS,
    routes: [{ ...route, params: ['in'], attributes: { 'a b': 1, type: 'x', entity: true } }],
  };
  const text = permitWhen(
    'resource["a b"] == 1 && resource.type == "x" && resource.entity && context.params["in"] == "y"',
  );
  assert.deepEqual(read(text, facts).findings, []);
});
