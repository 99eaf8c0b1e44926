// Attributes on the command line: `--attribute department=sales`. A value in JSON of an allowed type has that
// type; anything else is a string. So `level=3` is a number, and `level='"3"'` a string.
import { usageError } from '../exit-status.ts';

export type AttributeValue = string | number | boolean | string[];

export interface AttributeFlags {
  attribute?: readonly string[];
  removeAttribute?: readonly string[];
}

/**
 * The change that the flags ask for. Throws a usage error for text without `=`, and if they ask for nothing.
 */
export function attributeChange({ attribute = [], removeAttribute = [] }: AttributeFlags) {
  if (attribute.length + removeAttribute.length === 0) {
    throw usageError('give --attribute NAME=VALUE or --remove-attribute NAME');
  }
  return { set: attributesFrom(attribute), remove: removeAttribute };
}

/** The attributes that `--attribute` gives. Throws a usage error for text without `=`. */
export function attributesFrom(texts: readonly string[]): Record<string, AttributeValue> {
  return Object.fromEntries(texts.map(parseAttribute));
}

function parseAttribute(text: string): [name: string, value: AttributeValue] {
  const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw usageError(`--attribute ${text}: should be NAME=VALUE`);
  // JSON readers silently drop this member.
  if (name === '__proto__') throw usageError(`--attribute ${text}: a name begins with a letter`);
  return [name, parseValue(value)];
}

function parseValue(text: string): AttributeValue {
  try {
    const value: unknown = JSON.parse(text);
    return isAttributeValue(value) ? value : text;
  } catch {
    return text;
  }
}

function isAttributeValue(value: unknown): value is AttributeValue {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string');
  return typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
}
