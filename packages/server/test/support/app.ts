// The control plane's application in a test. It accepts all callers unless the test says otherwise, and
// compares every answer with the description of its route.
import assert from 'node:assert/strict';
import { localOperator } from '@gatehouse/access';
import { z } from 'zod';
import type { Answer } from '../../src/platform/http/answer.ts';
import type { App, AppDeps } from '../../src/platform/http/app.ts';
import { createApp } from '../../src/platform/http/app.ts';
import type { Route } from '../../src/platform/http/route.ts';
import type { Log } from '../../src/platform/log/log.ts';
import { createFakeClock } from './fake-clock.ts';
import { createMemoryLog } from './memory-log.ts';

/** The common part of decisions in tests. */
export const DECIDED = { reason: 'test', policies: [], alarms: [] };

const ALLOW_ALL: AppDeps['policy'] = { decide: () => ({ allowed: true, ...DECIDED }) };
export const ALLOW_NONE: AppDeps['policy'] = { decide: () => ({ allowed: false, ...DECIDED }) };

export function appDeps(log: Log = createMemoryLog().log): AppDeps {
  return {
    log,
    clock: createFakeClock(),
    authenticate: async () => localOperator,
    current: (principal) => principal,
    challenge: () => 'Bearer',
    policy: ALLOW_ALL,
    refused: async () => {},
  };
}

export function createCheckedApp(routes: readonly Route[], deps: AppDeps = appDeps()): App {
  return createApp(routes.map(withCheckedAnswers), deps);
}

/** An answer that its route does not describe fails the test: it becomes a 500 with its cause in the log. */
function withCheckedAnswers(route: Route): Route {
  return {
    ...route,
    async handle(call) {
      const answer = await route.handle(call);
      requireDescribed(answer, route);
      return answer;
    },
  };
}

function requireDescribed(answer: Answer, { name, answers }: Route): void {
  const schema = answers[answer.status];
  const where = `${name} ${answer.status}`;
  assert.ok(schema !== undefined, `${where} is not described`);
  if (schema instanceof z.ZodType) {
    const sent = JSON.parse(JSON.stringify(answer.json));
    assert.deepEqual(schema.parse(sent), sent, where);
    return;
  }
  assert.equal(answer.json, undefined, where);
  if (schema) assert.equal(answer.headers['content-type'], schema.mediaType, where);
}
