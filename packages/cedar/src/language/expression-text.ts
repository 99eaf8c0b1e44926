// Expressions and scopes in Cedar's own syntax, from their JSON form, for people who read an explanation.

import { isName, stringText } from '../values/string-text.ts';
import type { EntityJson } from '../values/value-json.ts';
import type { ActionScopeJson, EntityOrSlotJson, ExpressionJson, ScopeJson } from './policy-json.ts';

/**
 * @example
 * expressionText({ '.': { left: { Var: 'principal' }, attr: 'department' } }); // 'principal.department'
 */
export function expressionText(json: unknown): string {
  return written(json).text;
}

/**
 * @example
 * scopeText('principal', { op: 'in', entity: { type: 'Role', id: 'admin' } }); // 'principal in Role::"admin"'
 */
export function scopeText(name: string, scope: ScopeJson | ActionScopeJson): string {
  switch (scope.op) {
    case 'All':
      return name;
    case 'is':
      return `${name} is ${scope.entity_type}${scope.in ? ` in ${entityOrSlot(scope.in)}` : ''}`;
    default:
      return `${name} ${scope.op} ${'entities' in scope ? listText(scope.entities) : entityOrSlot(scope)}`;
  }
}

/** Text with its precedence. Text with a lower precedence than its place requires gets brackets. */
interface Written {
  text: string;
  strength: number;
}

const STRENGTHS: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  in: 3,
  '+': 4,
  '-': 4,
  '*': 5,
};
const RELATION = 3;
/** Text that begins with a minus: Cedar does not accept a minus after `!`. */
const NEGATIVE = 6;
const UNARY = 7;
const MEMBER = 8;
const LOOSEST = 0;

const METHODS = new Set(['contains', 'containsAll', 'containsAny', 'getTag', 'hasTag']);
const FUNCTIONS = new Set(['decimal', 'ip', 'datetime', 'duration']);

interface Operands {
  left: unknown;
  right: unknown;
  arg: unknown;
  attr: string | readonly string[];
  pattern: readonly ('Wildcard' | { Literal: string })[];
  entity_type: string;
  in?: unknown;
  if: unknown;
  then: unknown;
  else: unknown;
}

function written(json: unknown): Written {
  const [[operator, body]] = Object.entries(json as ExpressionJson) as [[string, unknown]];
  const operands = body as Operands;
  const strength = STRENGTHS[operator];
  if (strength !== undefined) return binaryText(operator, strength, operands);
  if (METHODS.has(operator)) return methodText(operator, operands.left, [operands.right]);
  return OTHERS[operator]?.(operands) ?? callText(operator, body);
}

const OTHERS: Readonly<Record<string, (operands: Operands) => Written>> = {
  Value: (body) => ({ text: valueText(body), strength: isNegative(body) ? NEGATIVE : MEMBER }),
  Var: (body) => member(String(body)),
  '!': ({ arg }) => ({ text: `!${inside(arg, UNARY)}`, strength: UNARY }),
  // Without brackets, the minus would be a part of a number.
  neg: ({ arg }) => ({ text: `-(${expressionText(arg)})`, strength: NEGATIVE }),
  isEmpty: ({ arg }) => methodText('isEmpty', arg, []),
  '.': ({ left, attr }) => member(`${inside(left, MEMBER)}${memberText(String(attr))}`),
  has: hasText,
  like: ({ left, pattern }) => relation(`${inside(left, RELATION + 1)} like ${patternText(pattern)}`),
  is: ({ left, entity_type, in: above }) =>
    relation(
      `${inside(left, RELATION + 1)} is ${entity_type}${above === undefined ? '' : ` in ${inside(above, RELATION + 1)}`}`,
    ),
  'if-then-else': (body) => ({
    text: `if ${expressionText(body.if)} then ${expressionText(body.then)} else ${expressionText(body.else)}`,
    strength: LOOSEST,
  }),
  Set: (body) => member(`[${(body as unknown as unknown[]).map(expressionText).join(', ')}]`),
  Record: (body) => member(recordText(body, expressionText)),
};

function isNegative(literal: unknown): boolean {
  return typeof literal === 'number' && literal < 0;
}

function binaryText(operator: string, strength: number, { left, right }: Operands): Written {
  // Relations cannot be chained, and the other operators associate to the left.
  const leftStrength = strength === RELATION ? strength + 1 : strength;
  return { text: `${inside(left, leftStrength)} ${operator} ${inside(right, strength + 1)}`, strength };
}

function callText(name: string, body: unknown): Written {
  const [first, ...rest] = body as unknown[];
  if (FUNCTIONS.has(name)) return member(`${name}(${[first, ...rest].map(expressionText).join(', ')})`);
  return methodText(name, first, rest);
}

function methodText(name: string, receiver: unknown, args: readonly unknown[]): Written {
  return member(`${inside(receiver, MEMBER)}.${name}(${args.map(expressionText).join(', ')})`);
}

function inside(json: unknown, least: number): string {
  const { text, strength } = written(json);
  return strength < least ? `(${text})` : text;
}

function member(text: string): Written {
  return { text, strength: MEMBER };
}

function relation(text: string): Written {
  return { text, strength: RELATION };
}

function valueText(json: unknown): string {
  if (Array.isArray(json)) return `[${json.map(valueText).join(', ')}]`;
  if (typeof json === 'string') return stringText(json);
  if (typeof json !== 'object' || json === null) return String(json);
  const { __entity: entity, __extn: extension } = json as { __entity?: EntityJson; __extn?: ExtensionJson };
  if (entity) return entityText(entity);
  if (extension) return extensionText(extension);
  return recordText(json, valueText);
}

interface ExtensionJson {
  fn: string;
  arg?: unknown;
  args?: readonly unknown[];
}

function extensionText({ fn, arg, args = [arg] }: ExtensionJson): string {
  return callText(
    fn,
    args.map((value) => ({ Value: value })),
  ).text;
}

function recordText(json: object, text: (member: unknown) => string): string {
  const members = Object.entries(json).map(([name, value]) => `${nameText(name)}: ${text(value)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function nameText(name: string): string {
  return isName(name) ? name : stringText(name);
}

function memberText(name: string): string {
  return isName(name) ? `.${name}` : `[${stringText(name)}]`;
}

/** Cedar's syntax allows a path after `has` only if all its names are identifiers. */
function hasText({ left, attr }: Operands): Written {
  const subject = inside(left, RELATION + 1);
  if (typeof attr === 'string') return relation(`${subject} has ${nameText(attr)}`);
  if (attr.every(isName)) return relation(`${subject} has ${attr.join('.')}`);
  const steps = attr.map((name, index) => {
    const above = attr.slice(0, index).reduce((of, each) => ({ '.': { left: of, attr: each } }), left);
    return { has: { left: above, attr: name } } as ExpressionJson;
  });
  return written(steps.reduce((before, step) => ({ '&&': { left: before, right: step } })));
}

function patternText(pattern: Operands['pattern']): string {
  const text = pattern.map((part) =>
    part === 'Wildcard' ? '*' : stringText(part.Literal).slice(1, -1).replaceAll('*', '\\*'),
  );
  return `"${text.join('')}"`;
}

function entityOrSlot(json: EntityOrSlotJson): string {
  return 'entity' in json ? entityText(json.entity) : json.slot;
}

function listText(entities: readonly EntityJson[]): string {
  return `[${entities.map(entityText).join(', ')}]`;
}

function entityText({ type, id }: EntityJson): string {
  return `${type}::${stringText(id)}`;
}
