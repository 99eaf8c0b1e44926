// /metrics, /healthz and /readyz of a whole server: the text format of Prometheus (version 0.0.4), access,
// counts, and labels, which clients cannot choose.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { client, seal, trust } from '@gatehouse/client';
import { ALERT_CASES, promtoolTests } from '../support/alert-cases.ts';
import { eventually } from '../support/conditions.ts';
import type { Family } from '../support/exposition.ts';
import { readExposition, valueAt } from '../support/exposition.ts';
import { gatehouse, run, up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { without } from '../support/programs.ts';
import { signedFields } from '../support/request-signer.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const UNKNOWN_PATHS = 50;
const REQUESTS = 'gatehouse_gateway_requests_total';

const upstream = await startRecordingUpstream();
const routes = [
  { path: '/open/*', access: 'public' },
  { path: '/closed', host: 'localhost' },
  { path: '/gone', access: 'public', upstream: 'http://127.0.0.1:9' },
  { path: '/sealed', access: 'public', channel: 'open' },
  { path: '/signed/*', accept: ['signature'], signResponses: true },
];
const server = await up({
  upstream: upstream.origin,
  set: [`gateway.routes=${JSON.stringify(routes)}`, 'gateway.workers=2'],
});
after(async () => {
  await server.stop();
  await upstream.close();
});

const fromControl = (path: string, headers = {}) =>
  ask({ port: server.controlPort, ca: server.ca, path, headers });
const scraper = await server.key('metrics');

async function text(): Promise<string> {
  const answer = await fromControl('/metrics', { authorization: `Bearer ${scraper}` });
  assert.equal(answer.status, 200, answer.text());
  return answer.text();
}

async function scrape(): Promise<Map<string, Family>> {
  return readExposition(await text());
}

/** Waits until the workers have reported that the series has this value. */
async function hasValue(name: string, labels: Record<string, string>, value: number): Promise<void> {
  const isThere = async () => valueAt(await scrape(), name, labels) === value;
  await eventually(`${name} ${JSON.stringify(labels)} to be ${value}`, isThere);
}

describe('the metrics', () => {
  it('are in the text format, each with help and a type, counters with their suffix', async () => {
    const answer = await fromControl('/metrics', { authorization: `Bearer ${scraper}` });
    assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    const families = readExposition(answer.text());
    for (const { name, type, help } of families.values()) {
      if (!name.startsWith('gatehouse_')) continue;
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      assert.match(help, /^[A-Z].*\.$|;/, name);
    }
    assert.ok(families.has('process_cpu_seconds_total') && families.has('nodejs_eventloop_lag_seconds'));
  });

  it('pass promtool', { skip: without('promtool', '--version', 'prometheus') }, async () => {
    const { status, stderr } = await run('promtool', ['check', 'metrics'], { input: await text() });
    assert.equal(status, 0, stderr);
  });

  it('count requests by route and decision', async () => {
    for (let each = 0; each < 3; each += 1) await ask({ ...server, path: `/open/${each}` });
    await ask({ ...server, path: '/closed' });
    await ask({ ...server, path: '/gone' });
    await hasValue(REQUESTS, { route: '1:/open/*', decision: 'allowed', status: '2xx' }, 3);
    await hasValue(REQUESTS, { route: '2:/closed', decision: 'denied', status: '4xx' }, 1);
    await hasValue(REQUESTS, { route: '3:/gone', decision: 'allowed', status: '5xx' }, 1);
    const name = 'gatehouse_gateway_request_duration_seconds_count';
    await hasValue(name, { route: '1:/open/*', decision: 'allowed' }, 3);
    await hasValue('gatehouse_gateway_upstream_failures_total', { route: '3:/gone', reason: 'failed' }, 1);
    await hasValue('gatehouse_upstream_connect_failures_total', { upstream: 'http://127.0.0.1:9' }, 1);
  });

  it('have no label from a client: unknown paths are one series', async () => {
    for (let each = 0; each < UNKNOWN_PATHS; each += 1) {
      await ask({ ...server, path: `/secret-${each}?token=${each}` });
    }
    await hasValue(REQUESTS, { route: 'none', decision: 'refused', status: '4xx' }, UNKNOWN_PATHS);
    assert.doesNotMatch(await text(), /secret-|token=/);
  });

  it('count the results of encrypted messages, with their sessions', async () => {
    const url = `https://localhost:${server.port}/sealed`;
    assert.equal((await server.command(['channel', 'send', url, '--text', 'hello'])).status, 0);
    await ask({ ...server, path: '/sealed', method: 'POST', body: 'a-label-of-mine' });
    await hasValue('gatehouse_channel_requests_total', { result: 'answered' }, 3);
    await hasValue('gatehouse_channel_requests_total', { result: 'body_not_json' }, 1);
    await hasValue('gatehouse_channel_sessions', {}, 1);
  });

  it('count the results of sealed requests', async () => {
    const http = client().with(trust({ ca: server.ca }), seal({ ca: server.ca }));
    assert.equal((await http.get(`https://localhost:${server.port}/open/sealed`)).status, 200);
    await http.close();
    const headers = { 'content-type': 'message/ohttp-req' };
    const path = '/.well-known/ohttp-gateway';
    await ask({ ...server, path, method: 'POST', headers, body: 'a-label-of-mine' });
    await hasValue('gatehouse_sealed_requests_total', { result: 'opened' }, 1);
    await hasValue('gatehouse_sealed_requests_total', { result: 'sealed_request_invalid' }, 1);
  });

  it('count the results of signatures, and the signed answers', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
    const file = join(server.data, 'robot.pub');
    writeFileSync(file, pem);
    const added = ['key', 'add', 'robot', '--public-key', file, '--role', 'admin'];
    const { id: keyid } = await server.json<{ id: string }>(...added);
    const request = { authority: `localhost:${server.port}`, target: '/signed/x', keyid };
    const fields = signedFields(privateKey, request);
    for (const [headers, expected] of [
      [fields, 200],
      [fields, 401],
      [{ ...fields, signature: 'sig1=:AAAA:' }, 401],
      [{ ...fields, 'signature-input': 'a-label-of-mine' }, 401],
    ] as const) {
      assert.equal((await ask({ ...server, path: request.target, headers })).status, expected);
    }
    const name = 'gatehouse_signatures_total';
    await hasValue(name, { result: 'verified' }, 1);
    await hasValue(name, { result: 'signature_invalid' }, 2);
    await hasValue(name, { result: 'signature_malformed' }, 1);
    await hasValue('gatehouse_signed_answers_total', { result: 'signed' }, 4);
    assert.ok(!(await text()).includes('a-label-of-mine'));
  });

  it('count handshakes with both listeners', async () => {
    const families = await scrape();
    for (const listener of ['gateway', 'control']) {
      const labels = { listener, version: 'TLSv1.3', result: 'full' };
      assert.ok((valueAt(families, 'gatehouse_tls_handshakes_total', labels) ?? 0) > 0, listener);
    }
  });

  it('have the ledger, the store, the certificates and the workers', async () => {
    const families = await scrape();
    const value = (name: string, labels = {}) => valueAt(families, name, labels) ?? Number.NaN;
    assert.ok(value('gatehouse_ledger_head') > 0);
    assert.equal(value('gatehouse_ledger_facts_pending'), 0);
    assert.ok(value('gatehouse_store_size_bytes', { file: 'database' }) > 0);
    assert.ok(value('gatehouse_store_commit_duration_seconds_count') > 0);
    const now = Date.now() / 1000;
    for (const certificate of ['listeners', 'root', 'intermediate']) {
      assert.ok(value('gatehouse_certificate_not_after_seconds', { certificate }) > now, certificate);
    }
    assert.ok(value('gatehouse_crl_next_update_seconds', { authority: 'intermediate' }) > now);
    assert.equal(value('gatehouse_acme_orders_total', { outcome: 'created' }), 0);
    assert.equal(value('gatehouse_gateway_workers', { state: 'serving' }), 2);
    const created = { type: 'identity.key_created', outcome: 'success' };
    assert.ok(value('gatehouse_ledger_entries_total', created) > 0);
    assert.equal(value('gatehouse_ledger_altered'), 0);
  });

  it('have the time of the last backup of the running server', async () => {
    const name = 'gatehouse_backup_started_seconds';
    assert.equal(valueAt(await scrape(), name, {}), 0);
    const before = Date.now() / 1000;
    const passphrase = join(server.data, 'passphrase');
    writeFileSync(passphrase, 'correct horse battery staple', { mode: 0o600 });
    const file = join(server.data, 'metrics.backup');
    const { status, stderr } = await server.command(['backup', file, '--passphrase-file', passphrase]);
    assert.equal(status, 0, stderr);
    const at = valueAt(await scrape(), name, {}) ?? 0;
    assert.ok(at > before - 1 && at < Date.now() / 1000 + 1, String(at));
  });

  it('never decrease when a worker is killed', async () => {
    const labels = { route: '1:/open/*', decision: 'allowed', status: '2xx' };
    const before = valueAt(await scrape(), REQUESTS, labels) ?? Number.NaN;
    const { workers } = await server.json<{ workers: { pid: number }[] }>('status');
    process.kill(workers[0]?.pid ?? 0, 'SIGKILL');
    await hasValue('gatehouse_gateway_worker_restarts_total', { worker: '0' }, 1);
    await hasValue('gatehouse_gateway_workers', { state: 'serving' }, 2);
    await ask({ ...server, path: '/open/again' });
    await hasValue(REQUESTS, labels, before + 1);
  });
});

describe('the pages on metrics, alerts and capacity', () => {
  const textOf = (name: string) => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');
  const page = textOf('metrics');
  const pages = ['operate', 'metrics', 'capacity'].map(textOf).join('\n');
  const blocks = [...pages.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
  const rules = blocks.filter((text) => text.startsWith('groups:'));
  const skip = without('promtool', '--version', 'prometheus');
  const written = (name: string, text: string) => {
    const path = join(server.data, name);
    writeFileSync(path, text);
    return path;
  };

  it('name every metric', async () => {
    const own = [...(await scrape()).keys()].filter((name) => name.startsWith('gatehouse_'));
    const named = (name: string) =>
      page.includes(`\`${name}\``) ||
      [...page.matchAll(/`…(_\w+)`/g)].some(([, end = '']) => name.endsWith(end));
    assert.deepEqual(
      own.filter((name) => !named(name)),
      [],
    );
  });

  it('have rules and a configuration that Prometheus accepts', { skip }, async () => {
    for (const [index, text] of rules.entries()) {
      const { status, stderr } = await run('promtool', [
        'check',
        'rules',
        written(`rules-${index}.yml`, text),
      ]);
      assert.equal(status, 0, stderr);
    }
    const [scraping = ''] = blocks.filter((text) => text.startsWith('scrape_configs:'));
    const path = written('prometheus.yml', scraping);
    const { status, stderr } = await run('promtool', ['check', 'config', '--syntax-only', path]);
    assert.equal(status, 0, stderr);
  });

  it('have alerts on metrics that the server has', async () => {
    const known = new Set([...(await scrape()).keys(), 'up', 'gatehouse_ledger_witness_head']);
    const used = rules.flatMap((text) => [...text.matchAll(/\b(gatehouse_\w+|up)\b(?=[{[ )])/g)]);
    const names = new Set(used.map(([name]) => name.replace(/_bucket$/, '')));
    assert.deepEqual(
      [...names].filter((name) => !known.has(name)),
      [],
    );
    assert.ok(names.size > 15, String(names.size));
  });

  it('have alerts that fire only in the right cases', { skip }, async () => {
    const alerts = rules.flatMap((text) => [...text.matchAll(/- alert: (\w+)/g)].map(([, name]) => name));
    assert.deepEqual(alerts.toSorted(), Object.keys(ALERT_CASES).toSorted());
    const paths = rules.map((text, index) => written(`alerts-${index}.yml`, text));
    const tests = written('alert-tests.yml', JSON.stringify(promtoolTests(paths)));
    const { status, stdout, stderr } = await run('promtool', ['test', 'rules', tests]);
    assert.equal(status, 0, stdout + stderr);
  });
});

describe('who may read the metrics', () => {
  it('only a credential with the role metrics or admin', async () => {
    assert.equal((await fromControl('/metrics')).status, 401);
    const user = await server.key('user');
    assert.equal((await fromControl('/metrics', { authorization: `Bearer ${user}` })).status, 403);
    const admin = await server.key('admin');
    assert.equal((await fromControl('/metrics', { 'x-api-key': admin })).status, 200);
  });

  it('a key with the role metrics may do nothing else', async () => {
    const headers = { authorization: `Bearer ${scraper}` };
    assert.equal((await fromControl('/admin/status', headers)).status, 403);
    assert.equal((await ask({ ...server, path: '/closed', headers })).status, 403);
  });

  it('anyone with control.metrics=public', async (t) => {
    const open = await up({ set: ['control.metrics=public'] });
    t.after(open.stop);
    const answer = await ask({ port: open.controlPort, ca: open.ca, path: '/metrics' });
    assert.equal(answer.status, 200);
    readExposition(answer.text());
  });
});

describe('the state', () => {
  it('is open to anyone, and reveals nothing else', async () => {
    const [health, readiness] = [await fromControl('/healthz'), await fromControl('/readyz')];
    assert.deepEqual([health.status, health.text()], [200, '{"status":"ok"}']);
    assert.deepEqual([readiness.status, readiness.text()], [200, '{"status":"ready"}']);
  });

  it('can be read with the command line, as in a health check', async () => {
    const url = `https://localhost:${server.controlPort}/readyz`;
    const environment = { GATEHOUSE_DATA: server.data };
    const { status, stdout } = await gatehouse(['request', '--check', url], { environment });
    assert.deepEqual([status, stdout.trim()], [0, '{"status":"ready"}']);
  });
});
