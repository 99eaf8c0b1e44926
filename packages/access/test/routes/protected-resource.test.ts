// A route as a protected resource: the place and the content of its metadata (RFC 9728).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { protectedResource, withResource } from '../../src/routes/protected-resource.ts';

const urls = { gateway: 'https://localhost:8443', issuer: 'https://localhost:9443' };

test('the URL of a resource ends where the first parameter of the path begins', () => {
  const at = (path: string) => protectedResource({ path, ...urls, name: undefined, scopes: [] });
  const METADATA = '/.well-known/oauth-protected-resource';
  for (const [path, literal] of [
    ['/mcp/*', '/mcp'],
    ['/mcp', '/mcp'],
    ['/a/b/:id/c', '/a/b'],
    ['/*', ''],
    ['/', ''],
  ] as const) {
    const { metadataPath, metadataUrl, metadata } = at(path);
    assert.equal(metadataPath, `${METADATA}${literal}`, path);
    assert.equal(metadataUrl, `${urls.gateway}${METADATA}${literal}`);
    assert.equal(JSON.parse(metadata).resource, `${urls.gateway}${literal}`);
  }
});

test('the metadata contain the authorization server, the scopes and the name', () => {
  const described = { path: '/mcp/*', ...urls, name: 'Notes', scopes: ['mcp:use'] };
  assert.deepEqual(JSON.parse(protectedResource(described).metadata), {
    resource: 'https://localhost:8443/mcp',
    authorization_servers: ['https://localhost:9443'],
    bearer_methods_supported: ['header'],
    scopes_supported: ['mcp:use'],
    resource_name: 'Notes',
  });
});

test('only the challenge for bearer tokens gets the URL of the metadata', () => {
  const resource = protectedResource({ path: '/mcp', ...urls, name: undefined, scopes: [] });
  const url = resource.metadataUrl;
  assert.equal(
    withResource('Bearer realm="gatehouse", error="invalid_token", ApiKey realm="gatehouse"', resource),
    `Bearer realm="gatehouse", resource_metadata="${url}", error="invalid_token", ApiKey realm="gatehouse"`,
  );
  assert.equal(withResource('ApiKey realm="gatehouse"', resource), 'ApiKey realm="gatehouse"');
});
