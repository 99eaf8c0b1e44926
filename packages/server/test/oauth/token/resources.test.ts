// What access tokens may be for (RFC 8707).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createResources } from '../../../src/oauth/token/resources.ts';

const GATEWAY = 'https://localhost:8443';
const resources = createResources(GATEWAY);

test('the gateway is the resource if none is named, and for each of its paths', () => {
  for (const named of [[], [GATEWAY], [`${GATEWAY}/`], [`${GATEWAY}/mcp`], [GATEWAY, `${GATEWAY}/mcp`]]) {
    assert.equal(resources.audienceOfAll(named), GATEWAY);
  }
});

test('refuses a resource that is not ours, or not the URL of one', () => {
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
