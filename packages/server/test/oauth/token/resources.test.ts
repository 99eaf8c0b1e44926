// The resources of access tokens (RFC 8707).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createResources } from '../../../src/oauth/token/resources.ts';

const GATEWAY = 'https://localhost:8443';
const resources = createResources(GATEWAY);

test('the gateway is the resource if a request names none, and for each of its paths', () => {
  for (const named of [[], [GATEWAY], [`${GATEWAY}/`], [`${GATEWAY}/mcp`], [GATEWAY, `${GATEWAY}/mcp`]]) {
    assert.equal(resources.audienceOfAll(named), GATEWAY);
  }
});

test('refuses a resource that is not ours, or that is no URL', () => {
  for (const resource of [
    '',
    'x',
    `${GATEWAY}.evil`,
    `${GATEWAY}@evil`,
    `${GATEWAY}/#x`,
    `${GATEWAY}/?x`,
    'https://x',
  ]) {
    assert.throws(() => resources.audienceOf(resource), { error: 'invalid_target' }, resource);
  }
});
