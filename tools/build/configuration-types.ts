// The types of the configuration file, from the schema that checks it. The compiler's own declarations would
// import packages that are not installed beside a bundled program.
import { z } from '../../node_modules/zod/index.js';
import { configSchema } from '../../packages/server/src/config.ts';

interface Schema {
  type?: string | string[];
  description?: string;
  enum?: string[];
  const?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | false;
  anyOf?: Schema[];
}

/** A module of declarations: `UserConfig`, and `defineConfig`, which takes one. */
export function configurationTypes(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Schema;
  return `/** What a configuration file may hold. */
export interface UserConfig ${typeOf(schema, '')}

/** Gives a configuration file its types. Returns the configuration unchanged. */
export declare function defineConfig(config: UserConfig): UserConfig;
`;
}

/** A schema as a TypeScript type. Throws for a kind of schema that no setting uses yet. */
function typeOf(schema: Schema, indent: string): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map((one) => typeOf(one, indent)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.join(' | ');
  if (schema.type === 'object') return objectType(schema, indent);
  if (schema.type === 'array') return `Array<${typeOf(schema.items ?? {}, indent)}>`;
  if (schema.type === 'integer') return 'number';
  if (['string', 'number', 'boolean'].includes(schema.type ?? '')) return String(schema.type);
  throw new Error(`No type is known for the schema ${JSON.stringify(schema)}.`);
}

function objectType({ properties, required = [], additionalProperties }: Schema, indent: string): string {
  const inner = `${indent}  `;
  const members = Object.entries(properties ?? {}).map(([name, schema]) => {
    const comment = schema.description ? `${inner}/** ${schema.description} */\n` : '';
    const optional = required.includes(name) ? '' : '?';
    return `${comment}${inner}${name}${optional}: ${typeOf(schema, inner)}${optional && ' | undefined'};\n`;
  });
  if (additionalProperties) members.push(`${inner}[name: string]: ${typeOf(additionalProperties, inner)};\n`);
  return `{\n${members.join('')}${indent}}`;
}
