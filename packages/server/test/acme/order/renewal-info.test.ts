// Renewal information (RFC 9773): the time to renew, and orders that replace certificates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCertificateId, parseCertificateId } from '../../../src/acme/order/certificate-id.ts';
import { createClient } from '../support/client.ts';
import type { Flow } from '../support/flow.ts';
import { obtain, startFlow } from '../support/flow.ts';
import { assertProblem } from '../support/server.ts';

const info = ({ server }: Flow, id: string) => server.send('GET', `/acme/renewal-info/${id}`);

async function obtainWithId(flow: Flow, names: string[], more?: object) {
  const obtained = await obtain(flow, names, more);
  const { issuerKeyId } = flow.server.issuer.issued.get(obtained.serialNumber) ?? { issuerKeyId: '' };
  return { ...obtained, id: formatCertificateId({ issuerKeyId, serialNumber: obtained.serialNumber }) };
}

test('certificates are named by key identifier and serial number as in the example of RFC 9773 §4.1', () => {
  const id = {
    issuerKeyId: '69885b6b8746404185b3e2b6a6d28b3f4a2bdd09'.slice(0, 40),
    serialNumber: '8765432101',
  };
  const text = formatCertificateId(id);
  assert.equal(text.split('.')[1], 'AIdlQyEB');
  assert.deepEqual(parseCertificateId(text), id);
  const example = parseCertificateId('aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
  assert.equal(example.serialNumber, '87654321');
  assert.equal(example.issuerKeyId, '69885b6b87464041e1b37b847ba0ae2cde01c8d4');
});

test('anyone gets a window in the last third of the life (RFC 9773 §4.2, §4.3)', async (t) => {
  const flow = await startFlow(t);
  const dates = { notBefore: '2026-03-01T12:00:00Z', notAfter: '2026-03-04T12:00:00Z' };
  const { id } = await obtainWithId(flow, ['localhost'], dates);
  const answer = await info(flow, id);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json, {
    suggestedWindow: { start: '2026-03-03T12:00:00Z', end: '2026-03-04T00:00:00Z' },
  });
  assert.equal(answer.headers.get('retry-after'), String((72 * 3600) / 48));
});

test('after a revocation the window is in the past: renew now (RFC 9773 §4.2)', async (t) => {
  const flow = await startFlow(t);
  const { id, der } = await obtainWithId(flow, ['localhost']);
  await flow.client.post('/acme/revoke-cert', { certificate: der });
  const { suggestedWindow } = (await info(flow, id)).body;
  assert.ok(Date.parse(suggestedWindow.start) < Date.parse(suggestedWindow.end));
  assert.ok(Date.parse(suggestedWindow.end) < flow.server.store.clock.now());
});

test('a certificate of another issuer is unknown; other text is malformed', async (t) => {
  const flow = await startFlow(t);
  const { serialNumber } = await obtainWithId(flow, ['localhost']);
  for (const id of ['AAAA.AAAA', formatCertificateId({ issuerKeyId: 'aa'.repeat(20), serialNumber })]) {
    assertProblem(await info(flow, id), 'malformed', 404);
  }
  for (const id of ['AAAA', 'AAAA.', '.AAAA', 'AAAA.AAAA.AAAA', 'AAA=.AAAA', 'A.A', 'a'.repeat(300)]) {
    assertProblem(await info(flow, id), 'malformed', 400);
  }
});

test('an order names the certificate that it replaces, and only one order can replace it (RFC 9773 §5)', async (t) => {
  const flow = await startFlow(t);
  const { id: replaces } = await obtainWithId(flow, ['localhost', 'a.localhost']);
  const order = await flow.client.order(['localhost'], { replaces });
  assert.equal(order.status, 201);
  assert.equal(order.body.replaces, replaces);
  const second = await flow.client.order(['localhost'], { replaces });
  assertProblem(second, 'alreadyReplaced', 409);
  await obtainWithId(flow, ['localhost']);
  assertProblem(await flow.client.order(['localhost'], { replaces }), 'alreadyReplaced', 409);
});

test('of two orders at once that replace one certificate, only one is created', async (t) => {
  const flow = await startFlow(t);
  const { id: replaces } = await obtainWithId(flow, ['localhost']);
  const answers = await Promise.all([1, 2, 3].map(() => flow.client.order(['localhost'], { replaces })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409]);
});

test('after an order has failed, another can replace the same certificate (RFC 9773 §5)', async (t) => {
  const flow = await startFlow(t);
  const { id: replaces } = await obtainWithId(flow, ['localhost']);
  flow.server.store.clock.advance(7200);
  const { body } = await flow.client.order(['localhost'], { replaces });
  await flow.client.post(body.authorizations[0] ?? '', { status: 'deactivated' });
  assert.equal((await flow.client.order(['localhost'], { replaces })).status, 201);
});

test('an order replaces a certificate of its account with a common name (RFC 9773 §5)', async (t) => {
  const flow = await startFlow(t);
  const { id: replaces } = await obtainWithId(flow, ['localhost']);
  assertProblem(await flow.client.order(['b.localhost'], { replaces }), 'malformed', 400, /no name/);
  assertProblem(await flow.client.order(['localhost'], { replaces: 'AAAA.AAAA' }), 'malformed', 400);
  assertProblem(await flow.client.order(['localhost'], { replaces: 'x' }), 'malformed', 400);
  const stranger = await createClient(flow.server);
  await stranger.register();
  assertProblem(await stranger.order(['localhost'], { replaces }), 'malformed', 400);
});
