// The messages of Cedar's parser and validator, in the words of this product. Unknown messages stay as they
// are.
import type { CedarError } from './cedar.ts';
import type { Asked } from './policy-walk.ts';

export interface Words {
  message: string;
  help?: string;
}

/** Finds the known name that is most similar to an unknown name. */
export type FindNearest = (owner: Asked['owner'], name: string) => string | undefined;

/** `text` is the part of the policy that the error is about. */
export function inPlainWords(error: CedarError, text: string, findNearest?: FindNearest): Words {
  const message = error.message.replace(PREFIX, '');
  for (const [pattern, words, owner] of KNOWN) {
    const match = pattern.exec(message);
    if (!match) continue;
    const names = match.slice(1);
    const near = owner && findNearest?.(owner, names[0] ?? '');
    const found = words({ names, text, help: error.help });
    return near === undefined ? found : { ...found, help: nearestFirst(near, found.help) };
  }
  const expected = error.sourceLocations?.[0]?.label;
  return withHelp(sentence(message), error.help ?? expected);
}

const PREFIX =
  /^(?:failed to parse (?:policy|template)(?: with id `[^`]*`)? from string: |for policy `[^`]*`, )/;

interface Found {
  names: readonly string[];
  text: string;
  help: string | null;
}

/** With the owner of the first name, if other names may be similar to it. */
const KNOWN: readonly [RegExp, (found: Found) => Words, owner?: Asked['owner']][] = [
  [/\bsaw Mixed\b|^the types (?:.* and )?Mixed\b/, ofDifferentTypes],
  [/^unable to guarantee safety of access to optional attribute `([^`]+)`/, mayBeAbsent],
  [
    /^attribute `([^`]+)` on entity type `(?:User|Service|Operator)` not found/,
    unknownToPrincipals,
    'principal',
  ],
  [/^attribute `([^`]+)` on entity type `Route` not found/, unknownToRoutes, 'resource'],
  [/^attribute `([^`]+)` on entity type `([^`]+)` not found/, unknownToOthers],
  [
    /^attribute `params(?:\.|\[")([^`"]+)"?\]?` in context/,
    ({ names: [name] }) => noParameter(name),
    'params',
  ],
  [
    /^attribute `query(?:\.|\[")([^`"]+)"?\]?` in context/,
    ({ names: [name] }) => notNamed('query', name),
    'query',
  ],
  [
    /^attribute `headers(?:\.|\[")([^`"]+)"?\]?` in context/,
    ({ names: [name] }) => notNamed('headers', name),
    'headers',
  ],
  [/^attribute `([^`]+)` in context/, ({ names: [name], help }) => noContext(name, help)],
  [/^unrecognized action `([^`]+)`/, ({ names: [name], help }) => notThere(`action \`${name}\``, help)],
  [/^unrecognized entity type `([^`]+)`/, ({ names: [name], help }) => notThere(`type \`${name}\``, help)],
  [/^policy is impossible/, () => ({ message: NEVER, help: 'It is false for every possible request.' })],
  [
    /^unable to find an applicable action/,
    ({ help }) => withHelp('The policy can never apply: no action has such a principal and resource.', help),
  ],
  [
    /^unexpected token `;`/,
    () => ({ message: 'There is a `;` that does not belong here.', help: 'Remove it.' }),
  ],
  [
    /^unexpected end of input/,
    () => ({ message: 'The policy ends too early.', help: 'A policy ends with `;`.' }),
  ],
];

const NEVER = 'The policy can never apply.';

function ofDifferentTypes(): Words {
  return {
    message:
      'The policy reads an attribute that has values of different types, so it would fail for some of them.',
    help: 'Give it the same type everywhere: `gatehouse user list`, `gatehouse service list` and the routes show its values.',
  };
}

function mayBeAbsent({ names: [path = ''], text }: Found): Words {
  const name = path.split('.').at(-1) ?? path;
  const owner = ownerIn(text, name) ?? 'principal';
  return {
    message: `\`${name}\` may be absent, and Cedar skips a policy that reads an absent value.`,
    help: `Ask first: \`${owner} has ${name} && …\`.`,
  };
}

function nearestFirst(near: string, help = ''): string {
  return `Did you mean \`${near}\`? If not, ${help.charAt(0).toLowerCase()}${help.slice(1)}`;
}

/** `context.params` in `context.params.department like "*"` */
function ownerIn(text: string, name: string): string | undefined {
  const index = text.lastIndexOf(`.${name}`);
  return /[\w.]+$/.exec(text.slice(0, Math.max(index, 0)))?.[0];
}

function unknownToPrincipals({ names: [name] }: Found): Words {
  return {
    message: `No user and no service has the attribute \`${name}\`.`,
    help: `Give it to one, with \`gatehouse user set NAME --attribute ${name}=…\`, or ask first: \`principal has ${name} && …\`.`,
  };
}

function unknownToRoutes({ names: [name] }: Found): Words {
  return {
    message: `No route declares the attribute \`${name}\`, or routes declare it with different types.`,
    help: `Declare it in \`attributes\` of the route, or ask first: \`resource has ${name} && …\`.`,
  };
}

function unknownToOthers({ names: [name, type], text }: Found): Words {
  return {
    message: `${type} has no attribute \`${name}\`.`,
    help: `Ask first: \`${ownerIn(text, name ?? '') ?? 'principal'} has ${name} && …\`.`,
  };
}

function noParameter(name: string | undefined): Words {
  return {
    message: `No route of the policy has the path parameter \`${name}\`.`,
    help: `A route with the path \`/…/:${name}\` has it.`,
  };
}

function notNamed(setting: 'query' | 'headers', name: string | undefined): Words {
  return {
    message: `No route of the policy names \`${name}\` in \`${setting}\`.`,
    help: `Add it to the route: \`${setting}: ['${name}']\`.`,
  };
}

function noContext(name: string | undefined, help: string | null): Words {
  return withHelp(`The context has no \`${name}\`.`, help);
}

function notThere(what: string, help: string | null): Words {
  return withHelp(`There is no ${what}.`, help);
}

function withHelp(message: string, help: string | null | undefined): Words {
  return help ? { message, help: sentence(help) } : { message };
}

function sentence(cedars: string): string {
  const text = cedars
    .replace(PREFIX, '')
    .replaceAll(
      'Set<__cedar::internal::AnyEntity>, or __cedar::internal::AnyEntity',
      'an entity or a set of them',
    )
    .replaceAll('__cedar::internal::AnyEntity', 'an entity');
  const capital = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.?!]$/.test(capital) ? capital : `${capital}.`;
}
