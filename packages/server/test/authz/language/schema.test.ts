import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { schemaText } from '../../../src/authz/language/index.ts';
import { FACTS } from './support.ts';

test('the schema is one that Cedar accepts', () => {
  const answer = cedar.checkParseSchema(schemaText(FACTS));
  assert.deepEqual(answer, { type: 'success' });
});

test('a server without routes, attributes and permissions has a schema, too', () => {
  const text = schemaText({ routes: [], principalAttributes: new Map(), permissions: [] });
  assert.deepEqual(cedar.checkParseSchema(text), { type: 'success' });
});

test('attributes of callers may be absent, apart from their name', () => {
  const text = schemaText(FACTS);
  assert.match(text, /entity User in \[Role, Group\] = \{\n {2}name: String,\n {2}department\?: String,/);
  assert.match(text, /regions\?: Set<String>/);
  assert.match(text, /shift\?: Mixed/, 'it has values of different types');
});

test('an attribute that every route declares is in every request', () => {
  const [route] = FACTS.routes;
  assert.ok(route);
  assert.match(schemaText({ ...FACTS, routes: [route, route] }), /kind: String/);
  assert.match(schemaText(FACTS), /kind\?: String/);
});

test('each permission of the admin API is an action in its groups', () => {
  assert.match(schemaText(FACTS), /action "ca:RevokeCertificate" in \["ca", "admin:write"\] appliesTo/);
});

test('methods that only read are in the group of those, also uncommon ones', () => {
  const text = schemaText(FACTS, { isLenient: false, hasAdmin: false, methods: ['PROPFIND', 'LOCK'] });
  assert.match(text, /action .*"GET".*"PROPFIND" in \["read"/);
  assert.match(text, /action .*"POST".*"LOCK" in \["write"/);
});

test('the methods of a route are in the group that the route names', () => {
  assert.match(schemaText(FACTS), /action "GET", .* in \["read", "approve"\]/);
});
