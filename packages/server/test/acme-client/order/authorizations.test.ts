// The authorizations of an order: answered all together, and cleaned up in every case.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer, Session } from '../../../src/acme-client/directory/session.ts';
import type { Proof } from '../../../src/acme-client/order/authorizations.ts';
import { authorize } from '../../../src/acme-client/order/authorizations.ts';

interface World {
  status?: string;
  outcome?: string;
  type?: string;
  token?: string;
  removing?: () => Promise<void>;
  names?: string[];
}

/** Two authorizations, `/1` and `/2`, which get `outcome` as soon as their challenge is answered. */
function world({
  status = 'pending',
  outcome = 'valid',
  type = 'http-01',
  token = 'tok_en-1',
  removing,
  names = ['host1.example', '*.host2.example'],
}: World) {
  const log: string[] = [];
  const answered = new Set<string>();
  const session = {
    thumbprint: 'thumb',
    async post(url: string, { payload }: { payload?: object }) {
      const number = url.slice(-1);
      if (payload) {
        log.push(`respond ${number}`);
        answered.add(number);
        return {} as Answer;
      }
      const error = { type: 'urn:ietf:params:acme:error:connection', detail: 'nothing there' };
      const over = answered.has(number);
      return {
        body: {
          status: over ? outcome : status,
          identifier: { type: 'dns', value: `host${number}.example` },
          challenges: [
            { type, token, url: `https://ca.example/challenge/${number}`, ...(over && { error }) },
          ],
        },
      } as unknown as Answer;
    },
  } as unknown as Session;
  const answer: Proof['answer'] = async ({ name, keyAuthorization }) => {
    log.push(`show ${name} ${keyAuthorization}`);
    return async () => {
      log.push(`remove ${name}`);
      await removing?.();
    };
  };
  const proof: Proof = { kind: 'http-01', answer, leftBehind: (error) => log.push(String(error)) };
  const { signal } = new AbortController();
  const urls = ['https://ca.example/1', 'https://ca.example/2'];
  const run = () => authorize({ session, kid: 'k', now: () => 0, signal }, { urls, names }, proof);
  return { run, log };
}

test('publishes all answers, then asks the directory to validate, then removes them (RFC 8555 §7.5.1)', async () => {
  const { run, log } = world({});
  await run();
  assert.deepEqual(log, [
    'show host1.example tok_en-1.thumb',
    'show host2.example tok_en-1.thumb',
    'respond 1',
    'respond 2',
    'remove host1.example',
    'remove host2.example',
  ]);
});

test('does not answer for authorizations that are already valid', async () => {
  const { run, log } = world({ status: 'valid' });
  await run();
  assert.deepEqual(log, []);
});

test('says which name could not be validated and why, and removes all answers', async () => {
  const { run, log } = world({ outcome: 'invalid' });
  await assert.rejects(run(), {
    message: 'The directory could not validate host1.example by http-01: nothing there (connection)',
    type: 'connection',
  });
  assert.deepEqual(log.slice(-2), ['remove host1.example', 'remove host2.example']);
});

test('delivers the certificate even if an answer cannot be removed', async () => {
  const removing = () => Promise.reject(new Error('no such record'));
  const { run, log } = world({ removing });
  await run();
  assert.equal(log.filter((line) => line === 'Error: no such record').length, 2);
});

test('refuses a directory without the challenge, or with a token that is not valid (§8.1)', async () => {
  await assert.rejects(
    world({ type: 'dns-01' }).run(),
    /does not offer http-01 for host1\.example, only dns-01/,
  );
  for (const token of ['../../etc', 'a b', '', 'a/b', 'x'.repeat(300)])
    await assert.rejects(world({ token }).run(), /offers http-01 for host1\.example without a valid token/);
});

test('answers only for ordered names, and for not more names than ordered (§7.1.4)', async () => {
  const other = world({ names: ['host1.example', 'other.example'] });
  await assert.rejects(other.run(), /asks about host2\.example, which we did not order/);
  const more = world({ names: ['host1.example'] });
  await assert.rejects(more.run(), /requires 2 authorizations for 1 names/);
  assert.deepEqual([...other.log, ...more.log], []);
});
