// Files with links of templates, in the form of Cedar's own command line:
//   [{ "template_id": "share", "link_id": "share-1", "args": { "?principal": "User::\"alice\"" } }]
// Such a file ends in `.links.json`. Cedar's policy text has no syntax for links.
import type { EntityJson, PolicyJson, SlotValues } from '@gatehouse/cedar';
import { slotsOf } from '@gatehouse/cedar';
import type { Node, ParseError } from 'jsonc-parser';
import { parseTree } from 'jsonc-parser';
import type { Cedar } from './cedar.ts';
import type { PolicyFinding } from './policy-file.ts';
import type { ParsedPolicy } from './read-policy.ts';
import type { Place, SourceText } from './source-text.ts';

/** A template with its slots filled. */
export interface ReadLink {
  id: string;
  template: ParsedPolicy;
  slots: SlotValues;
  place: Place;
}

export function isLinkFile(name: string): boolean {
  return name.endsWith('.links.json');
}

export interface ReadLinks {
  links: ReadLink[];
  findings: PolicyFinding[];
}

/** `templates` has the ids of the templates as keys. */
export function readLinks(
  cedar: Cedar,
  source: SourceText,
  templates: ReadonlyMap<string, ParsedPolicy>,
): ReadLinks {
  const errors: ParseError[] = [];
  const root = parseTree(source.text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error || root?.type !== 'array') {
    const message = error ? 'The file is not valid JSON here.' : 'The file has no list of links.';
    return { links: [], findings: [mistake(source, error?.offset ?? 0, message, FORM)] };
  }
  const read = (root.children ?? []).map((node) => readLink(cedar, { source, node, templates }));
  return {
    links: read.flatMap(({ link }) => link ?? []),
    findings: read.flatMap(({ finding }) => finding ?? []),
  };
}

const FORM =
  'Write `[{ "template_id": "…", "link_id": "…", "args": { "?principal": "User::\\"alice\\"" } }]`.';

interface LinkAt {
  source: SourceText;
  node: Node;
  templates: ReadonlyMap<string, ParsedPolicy>;
}

function readLink(
  cedar: Cedar,
  { source, node, templates }: LinkAt,
): { link?: ReadLink; finding?: PolicyFinding } {
  const refuse = (message: string, help: string) => ({
    finding: mistake(source, node.offset, message, help),
  });
  const members = membersOf(node);
  const id = members.get('link_id')?.value as unknown;
  const templateId = members.get('template_id')?.value as unknown;
  if (typeof id !== 'string' || typeof templateId !== 'string')
    return refuse('The link has no "link_id" or no "template_id".', FORM);
  const template = templates.get(templateId);
  if (!template) return refuse(`There is no template "${templateId}".`, 'Its id is its `@id`, or FILE#N.');
  const args = membersOf(members.get('args'));
  const wanted = slotsOf(template.json);
  if ([...wanted].sort().join() !== [...args.keys()].sort().join())
    return refuse(
      `The template "${templateId}" has the slots ${[...wanted].join(', ')}.`,
      'Give each a value in "args".',
    );
  const slots: Record<string, EntityJson> = {};
  for (const [slot, value] of args) {
    const entity = readEntity(cedar, value.value);
    if (!entity) return refuse(`The value of ${slot} is not an entity.`, 'Write it as `User::"alice"`.');
    slots[slot] = entity;
  }
  return { link: { id, template, slots, place: source.placeAt(node.offset) } };
}

function membersOf(node: Node | undefined): Map<string, Node> {
  const pairs = node?.type === 'object' ? (node.children ?? []) : [];
  return new Map(
    pairs.flatMap(({ children: [key, value] = [] }) => (key && value ? [[String(key.value), value]] : [])),
  );
}

// Only an entity is allowed, so that no other text can get into the policy that Cedar reads here.
const ENTITY = /^[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*::"(?:[^"\\]|\\.)*"$/;

function readEntity(cedar: Cedar, text: unknown): EntityJson | undefined {
  if (typeof text !== 'string' || !ENTITY.test(text)) return undefined;
  const answer = cedar.policyToJson(`permit (principal == ${text}, action, resource);`);
  if (answer.type === 'failure') return undefined;
  const { principal } = answer.json as unknown as PolicyJson;
  return 'entity' in principal ? principal.entity : undefined;
}

function mistake(source: SourceText, index: number, message: string, help: string): PolicyFinding {
  return { severity: 'error', ...source.placeAt(index), message, help };
}
