// The changes of a source file: each operator, condition and literal that affects a decision, changed once.
// Does not change types, and texts of several words, because these are messages.
import { parseAst } from 'rolldown/parseAst';

export interface MutantAt {
  file: string;
  line: number;
  original: string;
  replacement: string;
  /** The whole changed file. */
  source: string;
}

/** Any node of the syntax tree (ESTree). */
interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  [member: string]: unknown;
}

interface Change {
  start: number;
  end: number;
  replacement: string;
}

/**
 * @example
 * for (const { line, original, replacement } of mutantsIn('a.ts', text)) console.log(line, original, replacement);
 */
export function mutantsIn(file: string, text: string): MutantAt[] {
  const changes: Change[] = [];
  visit(parseAst(text, { lang: 'ts' }) as unknown as SyntaxNode, (node) =>
    changes.push(...changesOf(node, text)),
  );
  return changes.map(({ start, end, replacement }) => ({
    file,
    line: text.slice(0, start).split('\n').length,
    original: text.slice(start, end).replaceAll(/\s+/g, ' '),
    replacement,
    source: text.slice(0, start) + replacement + text.slice(end),
  }));
}

const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '===': ['!=='],
  '!==': ['==='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&': ['|'],
  '|': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['&&'],
};
const METHODS: Readonly<Record<string, string>> = { every: 'some', some: 'every', has: 'delete' };

function changesOf(node: SyntaxNode, text: string): Change[] {
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
      return operatorChanges(node, text);
    case 'UnaryExpression':
      return node.operator === '!' || node.operator === '-' ? [without(node)] : [];
    case 'IfStatement':
    case 'ConditionalExpression':
      return ['true', 'false'].map((replacement) => ({ ...placeOf(node.test), replacement }));
    case 'Literal':
      return literalChanges(node);
    case 'MemberExpression':
      return methodChanges(node);
    default:
      return [];
  }
}

function operatorChanges({ left, right, operator }: SyntaxNode, text: string): Change[] {
  const start = text.indexOf(String(operator), placeOf(left).end);
  if (start === -1 || start > placeOf(right).start) return [];
  const end = start + String(operator).length;
  return (OPERATORS[String(operator)] ?? []).map((replacement) => ({ start, end, replacement }));
}

function without({ start }: SyntaxNode): Change {
  return { start, end: start + 1, replacement: '' };
}

function literalChanges({ start, end, value }: SyntaxNode): Change[] {
  if (typeof value === 'boolean') return [{ start, end, replacement: String(!value) }];
  if (typeof value === 'number') return [{ start, end, replacement: String(value + 1) }];
  if (typeof value === 'bigint') return [{ start, end, replacement: `${value + 1n}n` }];
  if (typeof value === 'string' && value.includes(' ')) return [];
  if (typeof value === 'string') return [{ start, end, replacement: value === '' ? '"mutated"' : '""' }];
  return [];
}

function methodChanges({ property }: SyntaxNode): Change[] {
  const { name, ...place } = property as SyntaxNode;
  const replacement = METHODS[String(name)];
  return replacement === undefined ? [] : [{ ...placeOf(place), replacement }];
}

function placeOf(node: unknown): { start: number; end: number } {
  const { start, end } = node as SyntaxNode;
  return { start, end };
}

/** The arguments of `new EvaluationError('…')` are only messages. */
const SKIPPED =
  /^(?:Import|Export(?:All|Named)|NewExpression|TS(?!AsExpression|NonNullExpression|SatisfiesExpression))/;

function visit(node: SyntaxNode, see: (node: SyntaxNode) => void): void {
  const declares = node.type === 'ExportNamedDeclaration' && node.declaration;
  if (SKIPPED.test(node.type) && !declares) return;
  see(node);
  for (const [name, member] of Object.entries(node)) {
    if (name === 'typeAnnotation' || name === 'typeArguments') continue;
    for (const child of Array.isArray(member) ? member : [member]) {
      if (typeof child === 'object' && child !== null && 'type' in child) visit(child as SyntaxNode, see);
    }
  }
}
