// Writes docs/configuration.md from the schema of the settings: `node tools/configuration-docs.ts`. A test
// checks that the page is up to date.
import { writeFileSync } from 'node:fs';
import { z } from '../node_modules/zod/index.js';
import { configSchema } from '../packages/server/src/config.ts';
import { isReloadable } from '../packages/server/src/settings/reloadable.ts';

interface Described {
  type?: string | string[];
  description?: string;
  default?: unknown;
  examples?: unknown[];
  enum?: string[];
  properties?: Record<string, Described>;
  items?: Described;
  additionalProperties?: Described;
  anyOf?: Described[];
}

export const CONFIGURATION_PAGE = new URL('../docs/configuration.md', import.meta.url);

const INTRODUCTION = `# Configuration

<!-- Written by tools/configuration-docs.ts from packages/server/src/config.ts. -->

This page is a reference: look up what you need. Each setting has one name. You can set it in \`gatehouse.config.ts\`, in the
environment, or on the command line with \`--set\`. The environment overrides the file, and the command line overrides both.
\`--upstream URL\` overrides \`gateway.upstream\`, wherever that is set. If a setting is unknown or malformed, Gatehouse does not
start, and one line names the setting.

The file is TypeScript or JavaScript (\`.ts\`, \`.mts\`, \`.js\`, \`.mjs\`), or JSON with comments and trailing commas (\`.json\`,
\`.jsonc\`), in UTF-8. YAML is not supported. Without \`--config\`, Gatehouse reads the \`gatehouse.config.…\` in the working
folder. [Change the configuration](reload.md) says how to check and reload the file. Settings with the mark ↻ need no restart.

\`\`\`ts
import { defineConfig } from '@gatehouse/gatehouse';

export default defineConfig({
  gateway: {
    upstreams: {
      notes: 'http://127.0.0.1:3000',
      pay: { url: 'https://pay.example', pin: 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' },
    },
    routes: [
      // Open to everyone.
      { path: '/health', upstream: 'notes', access: 'public' },
      // For one role, and only to read.
      { path: '/notes/:id/*', upstream: 'notes', methods: ['GET', 'HEAD'], allow: { roles: ['user'] } },
      // For a service with a client certificate, under another path at the upstream.
      { path: '/api/pay/*', upstream: 'pay', accept: ['mtls'], stripPrefix: '/api/pay', addPrefix: '/v1' },
      // For pages of another origin.
      { path: '/search', upstream: 'notes', cors: { origins: ['https://app.example'] } },
      // A host of its own, on a Unix socket, with large uploads.
      { path: '/*', host: 'files.example.com', upstream: 'unix:/run/files.sock', maxBodyBytes: '5GiB' },
      // Everything else: for an administrator, and for one service.
      { path: '/*', upstream: 'notes', allow: { roles: ['admin'], principals: ['robot'] } },
    ],
  },
});
\`\`\`

Write durations as \`500ms\`, \`30s\`, \`15m\`, \`12h\`, \`7d\` or a number of seconds; sizes as \`64KiB\`, \`1GiB\` or a number of
bytes; addresses as \`127.0.0.1:8443\`, \`[::1]:8443\` or \`:8443\`, which is every address of the machine.

Gatehouse reads three more variables from the environment: \`GATEHOUSE_DATA\` (the data folder), \`GATEHOUSE_MASTER_KEY_FILE\`
([its content](wire/sealed-secret.md)) and, only in the tests, \`GATEHOUSE_VECTORS\`. Kubernetes and Docker set variables for a
service called gatehouse, such as \`GATEHOUSE_PORT_8443_TCP=tcp://10.0.0.1:8443\`; Gatehouse ignores those. With any other
\`GATEHOUSE_…\` of two words or more, Gatehouse does not start, nor with a setting without its block, such as
\`GATEHOUSE_LISTEN\`. The sample services read their shared secret from \`SECRET_KEY\`
([how](samples.md#a-message-under-a-shared-secret)).
`;

/** Zod leaves out the examples of values that it converts. They are input, so the page needs them. */
function keepExamples(zodSchema: z.core.$ZodType, jsonSchema: Described): void {
  const examples = z.globalRegistry.get(zodSchema)?.examples;
  if (examples) jsonSchema.examples = [...(examples as unknown[])];
}

/** The page's text. */
export function configurationPage(): string {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: (context) => keepExamples(context.zodSchema, context.jsonSchema as Described),
  }) as Described;
  const sections = Object.entries(schema.properties ?? {})
    .filter(([name, section]) => leaves(section, name).length > 0)
    .map(([name, section]) => sectionText(name, section));
  const gateway = schema.properties?.gateway?.properties;
  const parts = [
    partText('A route', gateway?.routes?.items),
    partText('An upstream of gateway.upstreams', gateway?.upstreams?.additionalProperties?.anyOf?.at(-1)),
    partText('A certificate of gateway.certificates', gateway?.certificates?.items),
    partText('A certificate of gateway.acme', gateway?.acme?.items),
    partText('A provider of identity.providers', schema.properties?.identity?.properties?.providers?.items),
  ];
  return [INTRODUCTION, ...sections, ...parts].join('\n');
}

function sectionText(name: string, section: Described): string {
  const rows = leaves(section, name).map(([path, leaf]) => {
    const environment = `GATEHOUSE_${path
      .replaceAll('.', '_')
      .replaceAll(/([A-Z])/g, '_$1')
      .toUpperCase()}`;
    const mark = isReloadable(path) ? ' ↻' : '';
    return `| \`${path}\`${mark}<br>\`${environment}\` | ${defaultText(leaf)} | ${explanation(leaf)} |`;
  });
  return `## ${name}\n\n| setting | default | |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function partText(title: string, part: Described | undefined): string {
  const rows = leaves(part ?? {}, '').map(
    ([path, leaf]) =>
      `| \`${path}\` | ${defaultText(leaf)} | ${exampleText(path, leaf)} | ${explanation(leaf)} |`,
  );
  return `## ${title}\n\n| key | default | example | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function leaves(described: Described, path: string): [string, Described][] {
  return Object.entries(described.properties ?? {}).flatMap(([key, value]): [string, Described][] => {
    const name = path ? `${path}.${key}` : key;
    return value.properties ? leaves(value, name) : [[name, value]];
  });
}

function defaultText({ default: initial }: Described): string {
  if (initial === undefined || JSON.stringify(initial) === '{}' || JSON.stringify(initial) === '[]')
    return '';
  if (Array.isArray(initial)) return `\`${initial.join(', ')}\``;
  return `\`${typeof initial === 'string' ? initial : JSON.stringify(initial)}\``;
}

/** In the form of a configuration file: `allow: { roles: ['user'] }`. */
function exampleText(path: string, { examples: [example] = [] }: Described): string {
  if (example === undefined) return '';
  const [last = '', ...outer] = path.split('.').reverse();
  const text = outer.reduce((inner, key) => `${key}: { ${inner} }`, `${last}: ${literal(example)}`);
  return `\`${text}\``;
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}

function explanation({ description = '', enum: choices }: Described): string {
  return choices ? `${description} (${choices.map((choice) => `\`${choice}\``).join(', ')})` : description;
}

if (import.meta.main) writeFileSync(CONFIGURATION_PAGE, configurationPage());
