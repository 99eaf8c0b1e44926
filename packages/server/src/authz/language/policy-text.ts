// Writes a policy as text, from its JSON form. For policies that the server made.
import { expressionText, scopeText, stringText, withSlotsFilled } from '@gatehouse/cedar';
import type { SectionPolicy } from './read-policies.ts';

const LINE_WIDTH = 100;

export function writePolicy(id: string, policy: SectionPolicy): string {
  const json = withSlotsFilled(policy.json, policy.slots ?? {});
  const annotations = Object.entries({ id, ...json.annotations });
  const scope = [
    scopeText('principal', json.principal),
    scopeText('action', json.action),
    scopeText('resource', json.resource),
  ];
  const conditions = json.conditions.map(({ kind, body }) => `\n${kind} { ${expressionText(body)} }`);
  return [
    ...annotations.map(([name, value]) => `@${name}(${stringText(value ?? '')})\n`),
    `${json.effect} ${scopeList(scope, json.effect.length)}`,
    ...conditions,
    ';\n',
  ].join('');
}

function scopeList(parts: readonly string[], indent: number): string {
  const line = `(${parts.join(', ')})`;
  return indent + line.length < LINE_WIDTH ? line : `(\n${parts.map((part) => `  ${part}`).join(',\n')}\n)`;
}
