// The OpenAPI 3.1 document of the routes that programs and people can call. It uses the schemas that check
// the requests.
import { z } from 'zod';
import type { Answers, Content } from './answer.ts';
import { mediaTypeOf } from './body.ts';
import type { Route } from './route.ts';
import { parametersOf } from './route.ts';

type Json = Record<string, unknown>;

export interface ApiGroup {
  /** Becomes the tag of the operations. */
  name: string;
  routes: readonly Route[];
  /** The URL of the server of these routes; default: the same origin as the document. */
  server?: string | undefined;
}

export interface ApiFacts {
  title: string;
  version: string;
  description: string;
}

export type OpenApiDocument = {
  openapi: string;
  info: ApiFacts;
  tags: { name: string }[];
  paths: Record<string, Record<string, Json>>;
  components: { schemas: Json; securitySchemes: Json };
};

const PROBLEM = z
  .object({
    type: z.string().describe('`urn:gatehouse:problem:` and the code'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional().describe('The mistake in this request, and what to do'),
    code: z.string().describe('Stable: programs may compare it'),
    request_id: z.string().describe('The log has more under this id'),
    allow: z.array(z.string()).optional().describe('With status 405: the allowed methods'),
  })
  .meta({ id: 'Problem' });

/**
 * Describes all documented routes.
 *
 * @example
 * const document = createOpenApi([{ name: 'identity', routes }], { title: 'Gatehouse', version: '1.0.0', description: '' });
 */
export function createOpenApi(groups: readonly ApiGroup[], info: ApiFacts): OpenApiDocument {
  const schemas: Json = {};
  const paths: OpenApiDocument['paths'] = {};
  const documented = groups.map((group) => ({
    ...group,
    routes: group.routes.filter((route) => route.documented !== false),
  }));
  for (const { name, routes, server } of documented) {
    for (const route of routes) {
      const path = templateOf(route.path);
      const operation = operationOf(route, name, schemas);
      paths[path] = {
        ...paths[path],
        ...(server !== undefined && { servers: [{ url: server }] as unknown as Json }),
        [route.method.toLowerCase()]: operation,
      };
    }
  }
  return {
    openapi: '3.1.1',
    info,
    tags: [...new Set(documented.filter(({ routes }) => routes.length > 0).map(({ name }) => name))].map(
      (name) => ({ name }),
    ),
    paths,
    components: { schemas, securitySchemes: SECURITY_SCHEMES },
  };
}

const SECURITY_SCHEMES = {
  accessToken: { type: 'http', scheme: 'bearer', description: 'An access token, from POST /auth/login' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key' },
};

/**
 * `/admin/users/:name` in OpenAPI is `/admin/users/{name}`. A pattern may itself have braces:
 * `:id{[0-9a-f]{40}}`.
 */
export function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)(?:\{(?:[^{}]|\{[^{}]*\})*\})?/g, '{$1}').replace(/\/\*$/, '/{rest}');
}

function operationOf(route: Route, tag: string, schemas: Json): Json {
  const { name, permission, summary, description, body } = route;
  const isPublic = permission === 'public';
  return {
    operationId: name,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(!isPublic && { 'x-permission': permission }),
    security: isPublic ? [] : [{ accessToken: [] }, { apiKey: [] }],
    parameters: [...pathParameters(route, schemas), ...queryParameters(route, schemas)],
    ...(body && {
      requestBody: {
        required: true,
        content: { [mediaTypeOf(body)]: { schema: bodySchema(body, schemas) } },
      },
    }),
    responses: responsesOf(route, schemas),
  };
}

function pathParameters({ path, params }: Route, schemas: Json): Json[] {
  const names = parametersOf(path);
  const rest = path.endsWith('/*') ? [parameter('rest', 'path', { type: 'string' })] : [];
  return [
    ...names.map((name) =>
      parameter(name, 'path', schemaOf(params?.shape[name] as z.ZodType, 'input', schemas)),
    ),
    ...rest,
  ];
}

function queryParameters({ query }: Route, schemas: Json): Json[] {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const isOptional = (schema as z.ZodType).safeParse(undefined).success;
    return {
      ...parameter(name, 'query', schemaOf(schema as z.ZodType, 'input', schemas)),
      required: !isOptional,
    };
  });
}

function parameter(name: string, place: 'path' | 'query', { description, ...schema }: Json): Json {
  return { name, in: place, required: true, ...(description !== undefined && { description }), schema };
}

function bodySchema(body: NonNullable<Route['body']>, schemas: Json): Json {
  if (body instanceof z.ZodType) return schemaOf(body, 'input', schemas);
  return body.kind === 'octets' ? {} : schemaOf(body.schema, 'input', schemas);
}

function responsesOf({ answers, errors, method }: Route, schemas: Json): Json {
  const failure = errors ?? { mediaType: 'application/problem+json', schema: PROBLEM };
  const responses = Object.entries(answers).map(([status, answer]) => [
    status,
    { description: DESCRIPTIONS[status] ?? 'Done', ...contentOf(answer, schemas) },
  ]);
  const { mediaType, schema } = failure;
  const content = { [mediaType]: { schema: schemaOf(schema, 'output', schemas) } };
  const refused = {
    description: method === 'GET' ? 'Not answered: the reason' : 'Not done: the reason',
    content,
  };
  return { ...Object.fromEntries(responses), default: refused };
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Created',
  204: 'Done; the answer has no body',
};

function contentOf(answer: Answers[number], schemas: Json): Json {
  if (answer === null) return {};
  if (!(answer instanceof z.ZodType)) return { content: { [(answer as Content).mediaType]: {} } };
  return { content: { 'application/json': { schema: schemaOf(answer, 'output', schemas) } } };
}

/** The JSON Schema. A schema with an id goes into `schemas`, and a reference replaces it. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const {
    $schema: _,
    $defs = {},
    ...rest
  } = z.toJSONSchema(schema, {
    io,
    override({ jsonSchema }) {
      // Later versions may add members to answers; a client must not refuse them.
      if (io === 'output') delete jsonSchema.additionalProperties;
      // The format says the same in fewer letters.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  }) as Json & { $defs?: Json };
  for (const [id, definition] of Object.entries($defs)) schemas[id] ??= withReferences(definition);
  return withReferences(rest) as Json;
}

function withReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' ? String(inner).replace('#/$defs/', '#/components/schemas/') : withReferences(inner),
    ]),
  );
}
