// Retries without a network and without waiting.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConnectError } from '../../src/http/errors.ts';
import type { HttpRequest } from '../../src/http/middleware.ts';
import { type RetryOptions, retry } from '../../src/http/retry.ts';
import { requestTo } from '../support/request.ts';

const request = requestTo('https://a.example/');

type Step = Response | Error;

async function run(steps: Step[], more: Partial<HttpRequest> = {}, options: RetryOptions = {}) {
  const waits: number[] = [];
  const attempts: number[] = [];
  const tools = { random: () => 1, date: () => 0, wait: async (ms: number) => waits.push(ms) };
  const outcome = await Promise.resolve(
    retry(options, tools)({ ...request, ...more }, async ({ attempt }) => {
      attempts.push(attempt);
      const step = steps[attempts.length - 1];
      if (step instanceof Response) return step;
      throw step;
    }),
  ).catch((error: unknown) => error);
  return { waits, attempts, outcome };
}

const busy = (headers: Record<string, string> = {}) => new Response('busy', { status: 503, headers });
const fine = () => new Response('fine');
const refused = (retryable: boolean) =>
  new ConnectError('connect', 'x', { phase: 'connect', attempt: 1, timings: { elapsedMs: 0 }, retryable });

describe('retry', () => {
  test('waits twice as long each time, and numbers the attempts', async () => {
    const { waits, attempts, outcome } = await run([busy(), refused(true), fine()]);
    assert.deepEqual(
      [waits, attempts],
      [
        [200, 400],
        [1, 2, 3],
      ],
    );
    assert.equal(await (outcome as Response).text(), 'fine');
  });

  test('returns the last answer unchanged', async () => {
    const { outcome } = await run([busy(), busy(), busy()]);
    assert.equal(await (outcome as Response).text(), 'busy');
  });

  test('rejects with the last error', async () => {
    const last = refused(true);
    assert.equal((await run([busy(), busy(), last])).outcome, last);
  });

  const once: readonly (readonly [name: string, steps: Step[], more?: Partial<HttpRequest>])[] = [
    ['an error that will not pass', [refused(false)]],
    ['POST', [busy()], { method: 'POST' }],
    ['content that is a stream', [busy()], { method: 'PUT', replayable: false }],
    ['a status that will not pass', [new Response('', { status: 404 })]],
    ['Retry-After longer than the limit', [busy({ 'retry-after': '31' })]],
  ];
  for (const [name, steps, more] of once) {
    test(`tries once: ${name}`, async () => {
      assert.deepEqual((await run([...steps, fine()], more)).attempts, [1]);
    });
  }

  test('waits as long as Retry-After says, in seconds or as a date (RFC 9110 §10.2.3)', async () => {
    const date = new Date(7000).toUTCString();
    const { waits } = await run([busy({ 'retry-after': '3' }), busy({ 'retry-after': date }), fine()]);
    assert.deepEqual(waits, [3000, 7000]);
  });
});
