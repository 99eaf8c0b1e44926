// The OpenAPI document of routes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { z } from 'zod';
import { content, json, noContent, withContent } from '../../../src/platform/http/answer.ts';
import { form, octets } from '../../../src/platform/http/body.ts';
import { mount } from '../../../src/platform/http/mount.ts';
import { createOpenApi, templateOf } from '../../../src/platform/http/openapi.ts';
import { route } from '../../../src/platform/http/route.ts';
import { timestamp } from '../../../src/platform/http/schemas.ts';

const note = z
  .object({ title: z.string().describe('A few words'), createdAt: timestamp })
  .meta({ id: 'Note' });
const routes = [
  route({
    name: 'listNotes',
    method: 'GET',
    path: '/notes',
    permission: 'notes:List',
    summary: 'List notes',
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(9).default(5).describe('How many'),
      tag: z.string(),
    }),
    answers: { 200: z.array(note) },
    handle: () => json([]),
  }),
  route({
    name: 'createNote',
    method: 'POST',
    path: '/notes',
    permission: 'public',
    summary: 'Create a note',
    description: 'Anyone may.',
    body: z.strictObject({ title: z.string().max(10) }),
    answers: { 201: note },
    handle: () => json({ title: '', createdAt: '' }, 201),
  }),
  route({
    name: 'readNote',
    method: 'GET',
    path: '/notes/:file{[a-z]{4}\\.txt}/*',
    permission: 'public',
    summary: 'Read a note',
    params: z.object({ file: z.string().transform((file) => file.length) }),
    answers: { 200: content('text/plain') },
    handle: () => withContent('text/plain', ''),
  }),
  route({
    name: 'submitNote',
    method: 'PUT',
    path: '/notes',
    permission: 'public',
    summary: 'Submit a form',
    body: form(z.object({ title: z.string() })),
    answers: { 204: null },
    handle: () => noContent(),
  }),
  route({
    name: 'uploadNote',
    method: 'DELETE',
    path: '/notes',
    permission: 'public',
    summary: 'Upload',
    body: octets('image/png'),
    answers: { 204: null },
    errors: {
      mediaType: 'application/json',
      schema: z.object({ error: z.string() }),
      answer: () => noContent(),
    },
    handle: () => noContent(),
  }),
  mount({ name: 'hidden', path: '/hidden', permission: 'public', summary: 'Hidden', handler: () => {} }),
];
const groups = [
  { name: 'notes', routes: routes.slice(0, 2) },
  { name: 'files', routes: routes.slice(2), server: 'http://localhost:9080' },
];
const document = createOpenApi(groups, { title: 'Notes', version: '1.0.0', description: '' });

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  assert.equal(valid, true, JSON.stringify(errors, undefined, 2));
  assert.equal(validator.version, '3.1');
});

test('the validator finds a mistake', async () => {
  const broken = structuredClone(document);
  Object.assign(broken.paths['/notes']?.get ?? {}, { parameters: [{ name: 'x', in: 'nowhere' }] });
  assert.equal((await new Validator().validate(broken)).valid, false);
});

test('an operation has its permission, its parameters and their types', () => {
  const operation = document.paths['/notes']?.get;
  assert.equal(operation?.['x-permission'], 'notes:List');
  assert.deepEqual(operation?.security, [{ accessToken: [] }, { apiKey: [] }]);
  assert.deepEqual(operation?.parameters, [
    {
      name: 'limit',
      in: 'query',
      required: false,
      description: 'How many',
      schema: { default: 5, type: 'integer', minimum: 1, maximum: 9 },
    },
    { name: 'tag', in: 'query', required: true, schema: { type: 'string' } },
  ]);
});

test('a public operation needs no credential', () => {
  const operation = document.paths['/notes']?.post;
  assert.deepEqual(operation?.security, []);
  assert.equal(operation?.['x-permission'], undefined);
});

test('a schema with an id is described once, and answers may get further members', () => {
  assert.deepEqual(Object.keys(document.components.schemas), ['Note', 'Problem']);
  assert.deepEqual(document.components.schemas.Note, {
    type: 'object',
    properties: {
      title: { type: 'string', description: 'A few words' },
      createdAt: { type: 'string', format: 'date-time' },
    },
    required: ['title', 'createdAt'],
  });
});

test('a wildcard and a pattern become parameters of the path', () => {
  assert.equal(templateOf('/notes/:file{[a-z]{4}\\.txt}/*'), '/notes/{file}/{rest}');
  const item = document.paths['/notes/{file}/{rest}'];
  const parameters = item?.get?.parameters as { name: string }[];
  assert.deepEqual(
    parameters.map(({ name }) => name),
    ['file', 'rest'],
  );
  assert.deepEqual(item?.servers, [{ url: 'http://localhost:9080' }]);
});

test('bodies and answers have their media types', () => {
  const bodies = ['post', 'put', 'delete'].map((method) => document.paths['/notes']?.[method]?.requestBody);
  assert.deepEqual(
    bodies.flatMap((body) => Object.keys((body as { content: object }).content)),
    ['application/json', 'application/x-www-form-urlencoded', 'image/png'],
  );
  const responses = document.paths['/notes/{file}/{rest}']?.get?.responses as Record<string, object>;
  assert.deepEqual(responses['200'], { description: 'Done', content: { 'text/plain': {} } });
});

test('routes that are not documented are left out', () => {
  assert.deepEqual(Object.keys(document.paths), ['/notes', '/notes/{file}/{rest}']);
  assert.deepEqual(document.tags, [{ name: 'notes' }, { name: 'files' }]);
});
