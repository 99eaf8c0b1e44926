// Writes docs/api.md from the OpenAPI document of a server that it starts for this.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { OpenApiDocument } from '../packages/server/src/platform/http/openapi.ts';
import { serve } from '../packages/server/src/server.ts';

export const API_PAGE = fileURLToPath(new URL('../docs/api.md', import.meta.url));

const INTRODUCTION = `# The API

<!-- Written by tools/api-docs.ts from the routes of the server. -->

A running server describes its API at \`/api/openapi.json\` on the control listener (OpenAPI 3.1), with the schema of every body and
answer. This page is the short form.

\`\`\`sh
gatehouse up
curl --silent --fail --cacert .gatehouse/root.pem https://localhost:9443/api/openapi.json
gatehouse login admin --password-stdin --out admin.token < .gatehouse/admin-password
curl --silent --fail --cacert .gatehouse/root.pem --header "Authorization: Bearer $(cat admin.token)" \\
  https://localhost:9443/admin/users
\`\`\`

An operation with a permission needs a credential: an access token from \`POST /auth/login\`, or an API key. Over the Unix socket in the
data folder, no credential is needed. The role \`admin\` has every permission. Bodies are JSON in UTF-8. Errors are
[problem documents](errors.md).
`;

interface Operation {
  tags: string[];
  summary: string;
  description?: string;
  'x-permission'?: string;
}

/** The text of the page. */
export function apiPage({ tags, paths }: OpenApiDocument): string {
  const rows = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => method !== 'servers')
      .map(([method, operation]) => ({ path, method, operation: operation as unknown as Operation })),
  );
  const sections = tags.map(({ name }) => {
    const lines = rows
      .filter(({ operation }) => operation.tags.includes(name))
      .map(({ path, method, operation }) => {
        const { summary, description, 'x-permission': permission } = operation;
        const what = `${summary}.${description === undefined ? '' : ` ${description}`}`;
        return `| \`${method.toUpperCase()} ${path}\` | ${permission === undefined ? '' : `\`${permission}\``} | ${what} |`;
      });
    return `## ${name}\n\n| operation | permission | what it does |\n|---|---|---|\n${lines.join('\n')}\n`;
  });
  return [INTRODUCTION, ...sections].join('\n');
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
