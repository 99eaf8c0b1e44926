// Questions about renewal (RFC 9773): the identifier of a certificate, and answers that are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer, Session } from '../../../src/acme-client/directory/session.ts';
import { askRenewalInfo, certificateId } from '../../../src/acme-client/renewal/renewal-info.ts';
import { obtainedFor } from '../support/issued.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const { leaf } = obtainedFor(['a.example'], NOW);

interface Given {
  retryAt?: number;
  /** Default: the directory has one. */
  isSilent?: boolean;
}

function sessionWith(suggestedWindow: unknown, { retryAt, isSilent = false }: Given = {}) {
  const renewalInfo = isSilent ? undefined : 'https://ca.example/info/';
  const asked: string[] = [];
  const session = {
    directory: async () => ({ renewalInfo }),
    async get(url: string) {
      asked.push(url);
      return { body: { suggestedWindow }, retryAt } as unknown as Answer;
    },
  } as unknown as Session;
  return { session, asked };
}

test('identifies a certificate as in the example of RFC 9773 §4.1', () => {
  const authorityKeyIdentifier = '69885b6b87464041e1b37b847bd4ae2cde01c8d4';
  const id = certificateId({ authorityKeyIdentifier, serialNumber: '8765432100' });
  assert.equal(id, 'aYhba4dGQEHhs3uEe9SuLN4ByNQ.AIdlQyEA');
  assert.equal(certificateId({ serialNumber: '01' }), undefined);
});

test('asks for the certificate, and again when the directory wants it', async () => {
  const window = { start: '2026-04-01T00:00:00Z', end: '2026-04-02T00:00:00Z' };
  const { session, asked } = sessionWith(window, { retryAt: NOW + 3_600_000 });
  const info = await askRenewalInfo(session, leaf, NOW);
  assert.deepEqual(info, {
    window: { start: Date.parse(window.start), end: Date.parse(window.end) },
    askAt: NOW + 3_600_000,
  });
  assert.deepEqual(asked, [`https://ca.example/info/${certificateId(leaf)}`]);
});

test('asks after six hours without Retry-After, and never more often than once a minute', async () => {
  const window = { start: '2026-04-01T00:00:00Z', end: '2026-04-02T00:00:00Z' };
  assert.equal((await askRenewalInfo(sessionWith(window).session, leaf, NOW))?.askAt, NOW + 6 * 3_600_000);
  const { session } = sessionWith(window, { retryAt: NOW });
  assert.equal((await askRenewalInfo(session, leaf, NOW))?.askAt, NOW + 60_000);
});

test('refuses invalid windows, and does not ask a directory without renewal information', async () => {
  for (const window of [
    undefined,
    {},
    { start: 'soon', end: 'later' },
    { start: '2026-04-02T00:00:00Z', end: '2026-04-01T00:00:00Z' },
  ])
    await assert.rejects(
      askRenewalInfo(sessionWith(window).session, leaf, NOW),
      /a renewal window that is not valid/,
    );
  const { session, asked } = sessionWith({}, { isSilent: true });
  assert.equal(await askRenewalInfo(session, leaf, NOW), undefined);
  assert.deepEqual(asked, []);
});
