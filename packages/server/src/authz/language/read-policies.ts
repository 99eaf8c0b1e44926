// Reads the text of policy files. The result is the policies that workers compile, or all mistakes.
import type { PolicyJson, SlotValues } from '@gatehouse/cedar';
import { CedarError, createAuthorizer, slotsOf } from '@gatehouse/cedar';
import type { Cedar } from './cedar.ts';
import { MAX_CHARACTERS, MAX_POLICIES } from './limits.ts';
import type { ReadLink } from './links.ts';
import { isLinkFile, readLinks } from './links.ts';
import type { PolicyFile, PolicyFinding } from './policy-file.ts';
import { isError } from './policy-file.ts';
import { checkIds } from './policy-ids.ts';
import { policyWarnings } from './policy-warnings.ts';
import type { ParsedPolicy } from './read-policy.ts';
import { readPolicy } from './read-policy.ts';
import type { SchemaFacts } from './schema-facts.ts';
import type { SourceText } from './source-text.ts';
import { createSourceText, placeIn } from './source-text.ts';
import { splitPolicies } from './split-policies.ts';
import { validate } from './validate.ts';

/** A policy as workers compile it. For a template, `slots` has the values of its link. */
export interface SectionPolicy {
  json: PolicyJson;
  slots?: SlotValues;
}

export interface ReadPolicies {
  /** By their ids; empty if there is an error. */
  policies: ReadonlyMap<string, SectionPolicy>;
  /** By file, line and column. */
  findings: readonly PolicyFinding[];
}

export function readPolicyFiles(
  cedar: Cedar,
  files: readonly PolicyFile[],
  facts: SchemaFacts,
): ReadPolicies {
  const tooLarge = largeFiles(files);
  if (tooLarge) return { policies: new Map(), findings: [tooLarge] };
  const sources = files.map(createSourceText);
  const read = readAll(cedar, sources);
  const findings = [
    ...read.findings,
    ...checkIds([
      ...read.policies.map(({ id, passage }) => ({ id, place: placeIn(passage, 0) })),
      ...read.links,
    ]),
    ...validate(cedar, read, facts),
    ...read.policies.flatMap((policy) => [...uncompilable(policy), ...policyWarnings(policy, facts)]),
    ...unlinked(read),
  ];
  const isValid = !findings.some(isError);
  return { policies: new Map(isValid ? sectionPolicies(read) : []), findings: ordered(findings, files) };
}

function largeFiles(files: readonly PolicyFile[]): PolicyFinding | undefined {
  const characters = files.reduce((sum, { text }) => sum + text.length, 0);
  if (characters <= MAX_CHARACTERS) return undefined;
  return {
    severity: 'error',
    file: files[0]?.name ?? '',
    line: 1,
    column: 1,
    message: `The policies have ${characters} characters: at most ${MAX_CHARACTERS} are allowed.`,
    help: 'Give principals or routes an attribute or a group instead of listing them.',
  };
}

interface Read {
  policies: ParsedPolicy[];
  links: ReadLink[];
  findings: PolicyFinding[];
}

function readAll(cedar: Cedar, sources: readonly SourceText[]): Read {
  const isMalformed = (source: SourceText) => !source.text.isWellFormed();
  const texts = sources.filter(({ name }) => !isLinkFile(name));
  const read = texts.filter((source) => !isMalformed(source)).map((source) => readSource(cedar, source));
  const policies = read.flatMap((each) => each.policies);
  const templates = new Map(
    policies.flatMap((policy) => (policy.isTemplate ? [[policy.id, policy] as const] : [])),
  );
  const linked = sources
    .filter(({ name }) => isLinkFile(name))
    .map((source) => readLinks(cedar, source, templates));
  return {
    policies,
    links: linked.flatMap(({ links }) => links),
    findings: [
      ...sources.filter(isMalformed).map(malformed),
      ...read.flatMap(({ findings }) => findings),
      ...linked.flatMap(({ findings }) => findings),
    ],
  };
}

function readSource(cedar: Cedar, source: SourceText): Pick<Read, 'policies' | 'findings'> {
  const passages = splitPolicies(source);
  if (passages.length > MAX_POLICIES) return { policies: [], findings: [tooMany(source, passages.length)] };
  const read = passages.map((passage, index) => readPolicy(cedar, passage, `${source.name}#${index + 1}`));
  const findings = read.flatMap((each) => each.findings ?? []);
  const policies = read.flatMap((each) => ('policy' in each ? [each.policy] : []));
  return {
    policies,
    findings: [...findings, ...(findings.length > 0 ? [] : miscounted(cedar, source, policies))],
  };
}

/** Cedar must find the same policies in the file as we do. Our way of splitting it must not hide one. */
function miscounted(cedar: Cedar, source: SourceText, { length }: readonly ParsedPolicy[]): PolicyFinding[] {
  if (length === 0) return [];
  const parts = cedar.policySetTextToParts(source.text);
  const count = parts.type === 'success' ? parts.policies.length + parts.policy_templates.length : 0;
  if (count === length) return [];
  const message = `Cedar finds ${count} policies in the file, and Gatehouse finds ${length}.`;
  return [
    {
      severity: 'error',
      ...source.placeAt(0),
      message,
      help: 'This is a bug of Gatehouse: please report it with this file.',
    },
  ];
}

/**
 * If Cedar accepts a policy and our compiler does not, the server refuses it now. Otherwise a worker would.
 */
function uncompilable({ id, json, isTemplate, passage }: ParsedPolicy): PolicyFinding[] {
  const values = Object.fromEntries([...slotsOf(json)].map((slot) => [slot, ANYONE]));
  const link = { templateId: id, newId: `link of ${id}`, values };
  const set = isTemplate
    ? { staticPolicies: {}, templates: { [id]: json }, templateLinks: [link] }
    : { staticPolicies: { [id]: json } };
  try {
    createAuthorizer(set);
    return [];
  } catch (error) {
    if (!(error instanceof CedarError)) throw error;
    return [{ severity: 'error', ...placeIn(passage, 0), policy: id, message: error.message }];
  }
}

const ANYONE = { type: 'User', id: '' };

function unlinked({ policies, links }: Read): PolicyFinding[] {
  const linked = new Set(links.map(({ template }) => template));
  return policies
    .filter((policy) => policy.isTemplate && !linked.has(policy))
    .map(({ id, passage }) => ({
      severity: 'warning',
      ...placeIn(passage, 0),
      policy: id,
      message: `The template "${id}" has no link, so it has no effect.`,
      help: 'Link it in a file that ends in `.links.json`.',
    }));
}

function sectionPolicies({ policies, links }: Read): [id: string, policy: SectionPolicy][] {
  return [
    ...policies.flatMap(({ id, json, isTemplate }): [string, SectionPolicy][] =>
      isTemplate ? [] : [[id, { json }]],
    ),
    ...links.map(({ id, template, slots }): [string, SectionPolicy] => [id, { json: template.json, slots }]),
  ];
}

function malformed(source: SourceText): PolicyFinding {
  const index = [...source.text].findIndex((character) => !character.isWellFormed());
  const before = [...source.text].slice(0, index).join('').length;
  return {
    severity: 'error',
    ...source.placeAt(before),
    message: 'There is half of a character here: the file is not valid UTF-8.',
    help: 'Save it as UTF-8.',
  };
}

function tooMany(source: SourceText, count: number): PolicyFinding {
  return {
    severity: 'error',
    ...source.placeAt(0),
    message: `The file has ${count} policies: at most ${MAX_POLICIES} are allowed.`,
    help: 'Give principals or routes an attribute or a group instead of listing them.',
  };
}

function ordered(findings: readonly PolicyFinding[], files: readonly PolicyFile[]): PolicyFinding[] {
  const position = new Map(files.map(({ name }, index) => [name, index]));
  const placeOf = ({ file, line, column }: PolicyFinding) => [position.get(file) ?? 0, line, column];
  return findings.toSorted((one, other) => {
    const [a, b] = [placeOf(one), placeOf(other)];
    return a.map((value, index) => value - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
  });
}
