// JSON Schemas of the OpenAPI document as tables for people: the members of an object, with names for their
// types.

/** The part of JSON Schema that the document of the server uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
}

export interface Member {
  name: string;
  schema: Schema;
  required: boolean;
}

/** The members of an object. Members of inner objects have their path: `allow.roles`. */
export function membersOf(schema: Schema, before = ''): Member[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, member]): Member[] => {
    const name = `${before}${key}`;
    const own = { name, schema: member, required: schema.required?.includes(key) ?? false };
    const inner = member.type === 'array' ? member.items : member;
    return [own, ...membersOf(inner ?? {}, inner === member ? `${name}.` : `${name}[].`)];
  });
}

/** Such as `list of text`, `whole number` or a link to an object. */
export function typeText(schema: Schema): string {
  const { $ref, type, items, const: constant } = schema;
  if ($ref !== undefined) return objectLink($ref);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(typeText))].join(' or ');
  if (constant !== undefined) return codeOf(constant);
  if (schema.enum !== undefined) return schema.enum.map(codeOf).join(', ');
  if (Array.isArray(type)) return type.map((each) => typeText({ ...schema, type: each })).join(' or ');
  if (type === 'array') return `list of ${typeText(items ?? {})}`;
  if (type === 'object' && typeof schema.additionalProperties === 'object')
    return `${typeText(schema.additionalProperties)}, by name`;
  return FORMATS[schema.format ?? ''] ?? TYPES[type ?? ''] ?? 'any value';
}

/** The link to the section of an object at the end of the page. */
function objectLink(reference: string): string {
  const name = reference.split('/').at(-1) ?? '';
  return `[${name}](#${name.toLowerCase()})`;
}

const TYPES: Record<string, string> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true` or `false`',
  object: 'object',
  null: '`null`',
};

const FORMATS: Record<string, string> = { 'date-time': 'time (RFC 3339)', uri: 'URL', uuid: 'UUID' };

function codeOf(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
