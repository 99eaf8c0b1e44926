// Starts a server, and writes docs/api.md from its OpenAPI document.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { OpenApiDocument } from '../packages/server/src/platform/http/openapi.ts';
import { serve } from '../packages/server/src/server.ts';
import type { Member, Schema } from './api-members.ts';
import { membersOf, typeText } from './api-members.ts';

export const API_PAGE = fileURLToPath(new URL('../docs/api.md', import.meta.url));

const INTRODUCTION = `# The API

<!-- Written by tools/api-docs.ts from the routes of the server. -->

This page is a reference: look up what you need. A running server describes its API at \`/api/openapi.json\` on the control listener
(OpenAPI 3.1). This page has the same: a table of the operations of each area, then each operation with its members.
[Objects](#objects) that several operations use are at the end.

\`\`\`sh
gatehouse up
curl --silent --fail --cacert .gatehouse/root.pem https://localhost:9443/api/openapi.json
gatehouse login admin --password-stdin --out admin.token < .gatehouse/admin-password
curl --silent --fail --cacert .gatehouse/root.pem --header "Authorization: Bearer $(cat admin.token)" \\
  https://localhost:9443/admin/users
\`\`\`

An operation with a permission needs a credential: an access token from \`POST /auth/login\`, or an API key. Over the Unix socket in the
data folder, no credential is needed. The role \`admin\` has every permission. Bodies are JSON in UTF-8. Errors are
[problem documents](errors.md). Members of requests with * are required. Answers may get more members in later versions.
`;

interface Operation {
  tags: string[];
  summary: string;
  description?: string;
  'x-permission'?: string;
  parameters: { name: string; in: string; required: boolean; description?: string; schema: Schema }[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
}

type Content = Record<string, { schema?: Schema }>;

interface Row {
  title: string;
  operation: Operation;
}

/** The text of the page. */
export function apiPage({ tags, paths, components }: OpenApiDocument): string {
  const rows = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => method !== 'servers')
      .map(([method, operation]) => ({
        title: `\`${method.toUpperCase()} ${path}\``,
        operation: operation as unknown as Operation,
      })),
  );
  const areas = tags.map(({ name }) =>
    areaOf(
      name,
      rows.filter(({ operation }) => operation.tags.includes(name)),
    ),
  );
  const objects = Object.entries(components.schemas as Record<string, Schema>)
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, schema]) => `### ${name}\n\n${shapeOf(schema)}\n`);
  return [INTRODUCTION, ...areas, '## Objects\n', ...objects].join('\n');
}

function areaOf(name: string, rows: readonly Row[]): string {
  const lines = rows.map(({ title, operation }) => {
    const { summary, description, 'x-permission': permission } = operation;
    const what = `${summary}.${description === undefined ? '' : ` ${description}`}`;
    return `| ${title} | ${permission === undefined ? '' : `\`${permission}\``} | ${what} |`;
  });
  const table = `| operation | permission | what it does |\n|---|---|---|\n${lines.join('\n')}\n`;
  return [`## ${name}`, table, ...rows.map(detailsOf)].join('\n\n').replaceAll(/\n{3,}/g, '\n\n');
}

function detailsOf({ title, operation }: Row): string {
  const { parameters, requestBody, responses } = operation;
  const parts = [`### ${title}`, `${operation.summary}.`];
  const members: Placed[] = parameters.map(({ in: place, ...member }) => ({
    ...member,
    place,
    schema: { ...member.schema, ...(member.description && { description: member.description }) },
  }));
  const [mediaType, body] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const inBody = membersOf(body?.schema ?? {});
  members.push(...inBody.map((member) => ({ ...member, place: 'body' })));
  if (members.length > 0) parts.push(tableOf(members));
  if (mediaType !== undefined && inBody.length === 0)
    parts.push(`Body, \`${mediaType}\`: ${typeText(body?.schema ?? {})}.`);
  parts.push(...Object.entries(responses).map(([status, answer]) => answerOf(status, answer)));
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function answerOf(status: string, { description, content }: Operation['responses'][string]): string {
  const [mediaType, answer] = Object.entries(content ?? {})[0] ?? [];
  if (status === 'default')
    return mediaType === 'application/problem+json' ? '' : `Errors: \`${mediaType}\`.`;
  if (mediaType === undefined) return `**${status}**: ${description}.`;
  const schema = answer?.schema;
  if (schema === undefined) return `**${status}**: \`${mediaType}\`.`;
  const isList = schema.type === 'array';
  const members = membersOf((isList ? schema.items : schema) ?? {});
  if (members.length === 0) return `**${status}**: ${typeText(schema)}.`;
  return `**${status}**${isList ? ': a list, with these members in each entry' : ''}:\n\n${tableOf(members)}`;
}

function shapeOf(schema: Schema): string {
  const members = membersOf(schema);
  const about = schema.description === undefined ? '' : `${schema.description}.\n\n`;
  return about + (members.length > 0 ? tableOf(members) : `${typeText(schema)}.`);
}

interface Placed extends Member {
  place: string;
}

function tableOf(members: readonly (Member | Placed)[]): string {
  const hasPlaces = members.some((member) => 'place' in member);
  const lines = members.map((member) => {
    const { name, schema, required } = member;
    const isAsked = 'place' in member;
    const place = isAsked ? ` ${member.place} |` : '';
    const mark = isAsked && required ? ' *' : '';
    const type = `${typeText(schema)}${isAsked || required ? '' : ', not always there'}`;
    const about = schema.description?.replaceAll('|', '\\|').replaceAll('\n', ' ') ?? '';
    return `| \`${name}\`${mark} |${place} ${type.replaceAll('|', '\\|')} | ${about} |`;
  });
  const head = hasPlaces
    ? '| member | in | type | |\n|---|---|---|---|'
    : '| member | type | |\n|---|---|---|';
  return `${head}\n${lines.join('\n')}`;
}

async function documentOfServer(): Promise<OpenApiDocument> {
  const data = mkdtempSync(join(tmpdir(), 'gatehouse-api-docs-'));
  const listen = ['gateway', 'control', 'pki', 'samples'].map((name) => `${name}.listen=127.0.0.1:0`);
  const server = await serve({ data, set: [...listen, 'log.level=silent'], environment: {} });
  try {
    const { socket } = JSON.parse(readFileSync(join(data, 'control.json'), 'utf8')) as { socket: string };
    return await fetchJson(socket, '/api/openapi.json');
  } finally {
    await server.stop();
    rmSync(data, { recursive: true });
  }
}

function fetchJson<T>(socketPath: string, path: string): Promise<T> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, (answer) => resolve(json(answer) as Promise<T>))
      .once('error', reject)
      .end();
  });
}

if (import.meta.main) writeFileSync(API_PAGE, apiPage(await documentOfServer()));
