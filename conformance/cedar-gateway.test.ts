// Policies written in Cedar decide at the gateway, on each transport: with attributes of callers and routes,
// parameters, query, header fields, addresses, times and sign-ins. Requests come from 127.0.0.1.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { eventually } from './support/conditions.ts';
import type { Answer } from './support/https-client.ts';
import { ask } from './support/https-client.ts';
import { ownTokens } from './support/own-tokens.ts';
import { SPELLINGS } from './support/path-spellings.ts';
import { connectRaw } from './support/raw-client.ts';
import { startRecorder } from './support/recorder.ts';
import { startServer } from './support/server-under-test.ts';
import { onTransport, TRANSPORTS } from './support/transports.ts';

const POLICIES = `
permit (principal is User, action, resource)
when { resource has kind && resource.kind == "report" && principal has department &&
       principal.department == context.params.department };

permit (principal, action in Action::"write", resource == Route::"/notes/:owner/*")
when { context.params.owner == principal.name };

permit (principal in Role::"employee", action in Action::"read", resource == Route::"/notes/:owner/*");

@id("office-hours")
permit (principal, action, resource)
when { resource has opens && resource has closes && context.time.toTime().toHours() >= resource.opens &&
       context.time.toTime().toHours() < resource.closes };

permit (principal, action, resource == Route::"here")
when { context has address && context.address.isInRange(ip("127.0.0.0/8")) };
permit (principal, action, resource == Route::"elsewhere")
when { context has address && context.address.isInRange(ip("10.0.0.0/8")) };

permit (principal, action in Action::"approve", resource)
when { context.amr.contains("mfa") && context has signInAge && context.signInAge < duration("15m") };

@id("contractors")
forbid (principal in Group::"contractors", action, resource);

@id("break-glass") @alarm("break glass")
permit (principal in Role::"oncall", action, resource == Route::"/vault");

permit (principal, action, resource == Route::"/header") when { context.headers has "x-tenant" && context.headers["x-tenant"] == "blue" };
permit (principal, action, resource == Route::"/query") when { context.query has tenant && context.query.tenant == "blue" };

permit (principal, action, resource == Route::"/tls")
when { context has tls && context.tls.version == "TLSv1.3" && context.via == "bearer" && !(context has binding) };

permit (principal, action, resource == Route::"/*");
@id("admin-paths")
forbid (principal, action, resource) when { resource has area && resource.area == "admin" }
unless { principal in Role::"admin" };

permit (principal in Role::"auditor", action, resource == Route::"/ruled");
`;

const ROUTES = [
  { path: '/reports/:department', attributes: { kind: 'report' } },
  { path: '/notes/:owner/*' },
  { path: '/office/open', attributes: { opens: 0, closes: 24 } },
  { path: '/office/closed', attributes: { opens: 24, closes: 24 } },
  { path: '/here', name: 'here' },
  { path: '/elsewhere', name: 'elsewhere' },
  { path: '/pay', action: 'approve' },
  { path: '/vault' },
  { path: '/header', headers: ['X-Tenant'] },
  { path: '/query', query: ['tenant'] },
  { path: '/tls' },
  { path: '/ruled', allow: { roles: ['clerk'] } },
  { path: '/admin', attributes: { area: 'admin' } },
  { path: '/admin/*', attributes: { area: 'admin' } },
  { path: '/*' },
];
const ROLES = { manager: { includes: ['employee'] } };

for (const transport of TRANSPORTS) {
  describe(`policies at the gateway on ${transport}`, async () => {
    const upstream = await startRecorder();
    const server = await startServer({
      upstream: upstream.origin,
      set: [
        ...onTransport(transport),
        `gateway.routes=${JSON.stringify(ROUTES)}`,
        `authz.roles=${JSON.stringify(ROLES)}`,
      ],
    });
    after(() => Promise.all([server.stop(), upstream.close()]));
    const { admin } = server;
    await admin('PUT', '/admin/policies', { files: [{ name: 'gateway.cedar', text: POLICIES }] });
    const sign = await ownTokens(server);
    const nowSeconds = Math.floor(Date.now() / 1000);

    const [alice, bob] = [await server.createUser(['manager']), await server.createUser(['clerk'])];
    await admin('POST', `/admin/users/${alice.name}/attributes`, { set: { department: 'sales' } });
    const tokens = { alice: await sign(alice.name), bob: await sign(bob.name) };

    function request(token: string, path: string, { method = 'GET', headers = {} } = {}): Promise<Answer> {
      return ask({ ...server, path, method, headers: { authorization: `Bearer ${token}`, ...headers } });
    }

    async function status(token: string, path: string, more = {}): Promise<number> {
      return (await request(token, path, more)).status;
    }

    async function ledger(type: string) {
      const { entries } = await admin('GET', `/admin/audit?type=${type}&limit=1000`);
      return entries as unknown as { actor: { name: string }; data: Record<string, unknown> }[];
    }

    it('people can read the reports of their own department, whose name is a parameter of the path', async () => {
      assert.equal(await status(tokens.alice, '/reports/sales'), 200);
      assert.equal(await status(tokens.alice, '/reports/s%61les'), 200);
      assert.equal(await status(tokens.alice, '/reports/research'), 403);
      assert.equal(await status(tokens.bob, '/reports/sales'), 403, 'without the attribute');
    });

    it('a changed attribute is in force at once', async () => {
      const change = (department: string) =>
        admin('POST', `/admin/users/${alice.name}/attributes`, { set: { department } });
      await change('research');
      assert.equal(await status(tokens.alice, '/reports/research'), 200);
      await change('sales');
      assert.equal(await status(tokens.alice, '/reports/research'), 403);
    });

    it('owners change their own notes, and a role includes another that may read all', async () => {
      const put = { method: 'PUT' };
      assert.equal(await status(tokens.bob, `/notes/${bob.name}/1`, put), 200);
      assert.equal(await status(tokens.bob, `/notes/${alice.name}/1`, put), 403);
      assert.equal(await status(tokens.bob, `/notes/${alice.name}/1`), 403);
      assert.equal(await status(tokens.alice, `/notes/${bob.name}/1`), 200, 'a manager is an employee');
      assert.equal(await status(tokens.alice, `/notes/${bob.name}/1`, put), 403);
    });

    it('the time of day and the address of the client decide', async () => {
      assert.equal(await status(tokens.alice, '/office/open'), 200);
      assert.equal(await status(tokens.alice, '/office/closed'), 403);
      assert.equal(await status(tokens.alice, '/here'), 200);
      assert.equal(await status(tokens.alice, '/elsewhere'), 403);
    });

    it('an action that a route names needs a second factor and a new sign-in', async () => {
      const signedIn = (amr: string[], secondsAgo: number) =>
        sign(alice.name, { amr, auth_time: nowSeconds - secondsAgo });
      assert.equal(await status(await signedIn(['pwd', 'otp', 'mfa'], 60), '/pay'), 200);
      assert.equal(await status(await signedIn(['pwd', 'otp', 'mfa'], 1000), '/pay'), 403, 'too long ago');
      assert.equal(await status(await signedIn(['pwd'], 60), '/pay'), 403, 'one factor');
      assert.equal(await status(await sign(alice.name, { amr: ['mfa'] }), '/pay'), 403, 'age not known');
    });

    it('a policy that forbids overrides all policies that permit', async () => {
      const contractor = await server.createUser(['employee']);
      const token = await sign(contractor.name);
      assert.equal(await status(token, '/anything'), 200);
      await admin('POST', '/admin/groups', { name: 'contractors' });
      await admin('POST', '/admin/groups/contractors', { addMembers: [contractor.name] });
      const { status: denied, text } = await request(token, '/anything');
      assert.equal(denied, 403);
      assert.doesNotMatch(text(), /contractors/, 'the client learns no policy');
    });

    it('a denial is in the ledger and the access log with the policies that decided', async () => {
      const { headers } = await request(tokens.alice, '/office/closed?secret=1');
      const id = headers['x-request-id'];
      const [entry] = (await ledger('gateway.request_denied')).filter(
        ({ data }) => data.path === '/office/closed',
      );
      assert.deepEqual([entry?.data.policies, entry?.data.reason], [[], 'no policy permits GET']);
      const contractors = (await ledger('gateway.request_denied')).filter(
        ({ data }) => data.path === '/anything',
      );
      assert.deepEqual(contractors[0]?.data.policies, ['contractors']);
      assert.equal(contractors[0]?.data.reason, 'forbidden by contractors');
      const line = await eventually('the line of the access log', () =>
        server.accessLog().find(({ requestId }) => requestId === id),
      );
      assert.deepEqual([line.decision, line.policies], ['denied', []]);
    });

    it('the ledger has each request that a policy with an alarm allows, before the answer', async () => {
      const oncall = await server.createUser(['oncall']);
      const token = await sign(oncall.name);
      assert.equal(await status(token, '/vault'), 200);
      assert.equal(await status(token, '/vault'), 200);
      assert.equal(await status(tokens.alice, '/vault'), 403);
      const entries = await ledger('policy.alarm');
      assert.equal(entries.length, 2);
      const { requestId, ...data } = entries[0]?.data ?? {};
      assert.deepEqual(data, { policies: ['break-glass'], method: 'GET', path: '/vault', route: '8:/vault' });
      assert.equal(entries[0]?.actor.name, oncall.name);
      assert.ok(requestId);
    });

    it('policies read the header fields that a route names', async () => {
      const sent = (fields: Record<string, string | string[]>) =>
        status(tokens.alice, '/header', { headers: fields });
      assert.equal(await sent({ 'X-Tenant': 'blue' }), 200);
      assert.equal(await sent({ 'X-Tenant': 'red' }), 403);
      assert.equal(await sent({}), 403);
      assert.equal(await sent({ 'X-Tenant': ['blue', 'red'] }), 403, 'both values count: blue, red');
    });

    it('policies read the query parameters that a route names, if they have only one meaning', async () => {
      const sent = (query: string) => status(tokens.alice, `/query${query}`);
      assert.equal(await sent('?tenant=blue&page=2'), 200);
      assert.equal(await sent('?page=2&ten%61nt=bl%75e'), 200);
      assert.equal(await sent('?tenant=red'), 403);
      assert.equal(await sent(''), 403);
      const ambiguous = [
        '?tenant=blue&tenant=red',
        '?tenant=blue&ten%61nt=red',
        '?tenant=blue&TENANT=red',
        '?tenant=blue&tenant[]=red',
        '?tenant=blue&+tenant=red',
        '?tenant=blue;tenant=red',
        '?x=1;tenant=blue',
        '?tenant=blue&tenant%00x=red',
        '?tenant=%ff',
        '?tenant=blue&%zz=1',
      ];
      for (const query of ambiguous) assert.equal(await sent(query), 400, query);
      assert.equal(upstream.requests.filter(({ line }) => line.includes('red')).length, 0);
    });

    it('policies read the facts of TLS and of the credential', async () => {
      assert.equal(await status(tokens.alice, '/tls'), 200);
      const { key } = await server.createKey(['employee']);
      const byKey = await ask({ ...server, path: '/tls', headers: { 'x-api-key': key } });
      assert.equal(byKey.status, 403);
    });

    it('no policy can extend the rule of a route', async () => {
      const auditor = await server.createUser(['auditor', 'admin']);
      assert.equal(await status(tokens.bob, '/ruled'), 200);
      const token = await sign(auditor.name);
      assert.equal(await status(token, '/ruled'), 403);
      const [entry] = (await ledger('gateway.request_denied')).filter(({ data }) => data.path === '/ruled');
      assert.deepEqual(entry?.data.policies, ['route:/ruled:only']);
    });

    for (const [kind, targets] of Object.entries(SPELLINGS)) {
      it(`a policy for a path applies to ${kind}: 403 or 400, and nothing is forwarded`, async () => {
        const before = upstream.requests.length;
        const outcomes = await Promise.all(targets.map((target) => raw(target)));
        const passed = outcomes.filter(({ status }) => status !== 403 && status !== 400);
        assert.deepEqual(passed, []);
        assert.equal(upstream.requests.length, before);
      });
    }

    async function raw(target: string) {
      const client = await connectRaw(server);
      const head = `Host: localhost\r\nAuthorization: Bearer ${tokens.bob}`;
      client.write(`GET ${target} HTTP/1.1\r\n${head}\r\n\r\n`);
      const { status } = await client.response();
      client.destroy();
      return { target, status };
    }

    it('policies that are not valid change nothing: the last valid ones decide', async () => {
      const wrong = [
        'permit (principal, action, resource) when { principal.name > 3 };',
        'forbid (principal, action, resource) when { principal.nothing == "x" };',
        'permit (principal, action == Action::"FETCH", resource);',
        'permit (principal, action, resource)',
      ];
      const files = [{ name: 'gateway.cedar', text: `${POLICIES}\n${wrong.join('\n')}` }];
      const said = /policy_invalid.*expected Long but saw String.*`nothing`.*FETCH.*ends too early/s;
      await assert.rejects(admin('PUT', '/admin/policies', { files }), said);
      assert.equal(await status(tokens.alice, '/office/open'), 200);
      assert.equal(await status(tokens.alice, '/office/closed'), 403);
    });

    it('new policies, and those of a rollback, are in force before the answer to the change', async () => {
      const text = 'permit (principal, action, resource == Route::"/office/closed");';
      const { version } = await admin('PUT', '/admin/policies', { files: [{ name: 'gateway.cedar', text }] });
      assert.equal(await status(tokens.alice, '/office/closed'), 200);
      assert.equal(await status(tokens.alice, '/office/open'), 403);
      await admin('POST', '/admin/policies/rollback', { version: Number(version) - 1 });
      assert.equal(await status(tokens.alice, '/office/closed'), 403);
      assert.equal(await status(tokens.alice, '/office/open'), 200);
    });

    it('an attribute of another type makes a policy fail for its holder, with a warning and a line in the log', async () => {
      const text = `permit (principal, action, resource == Route::"/vault");
        @id("cleared") forbid (principal, action, resource == Route::"/vault")
        when { principal has clearance && principal.clearance < 3 };`;
      const change = (name: string, clearance: unknown) =>
        admin('POST', `/admin/users/${name}/attributes`, { set: { clearance } });
      await change(alice.name, 1);
      await admin('PUT', '/admin/policies', { files: [{ name: 'gateway.cedar', text }] });
      assert.equal(await status(tokens.alice, '/vault'), 403);
      const { warnings } = await change(bob.name, 'none');
      assert.match(String(warnings), /^The policy cleared \(gateway\.cedar:3:\d+\) no longer fits/);
      assert.equal(await status(tokens.bob, '/vault'), 200, 'Cedar skips a policy that fails');
      assert.equal(await status(tokens.alice, '/vault'), 403);
      assert.deepEqual((await change(bob.name, 2)).warnings, []);
      assert.equal(await status(tokens.bob, '/vault'), 403);
    });
  });
}
