// The schema of the worlds in which types fit, as data and in Cedar's syntax: a member of each type, some of
// which may be absent, entities inside records and records inside records, and tags.

export type Type =
  | 'Bool'
  | 'Long'
  | 'String'
  | 'decimal'
  | 'ipaddr'
  | 'datetime'
  | 'duration'
  | { readonly entity: string }
  | { readonly set: Type }
  | { readonly record: Members };

export interface Member {
  readonly type: Type;
  readonly isOptional?: boolean;
}

export type Members = Readonly<Record<string, Member>>;

interface EntityKind {
  readonly members: Members;
  readonly tags: Type;
}

const always = (type: Type): Member => ({ type });
const perhaps = (type: Type): Member => ({ type, isOptional: true });
const USER: Type = { entity: 'User' };
const PLACE: Type = { record: { city: always('String'), geo: perhaps({ record: { lat: always('Long') } }) } };

export const ENTITY_KINDS = {
  User: {
    members: {
      name: always('String'),
      age: always('Long'),
      active: perhaps('Bool'),
      boss: perhaps(USER),
      team: always({ entity: 'Group' }),
      scores: always({ set: 'Long' }),
      friends: perhaps({ set: USER }),
      home: always(PLACE),
      joined: always('datetime'),
      quota: perhaps('duration'),
      address: always('ipaddr'),
      'with space': perhaps('decimal'),
      constructor: perhaps('Long'),
    },
    tags: 'String',
  },
  Group: { members: { level: always('Long'), label: perhaps('String') }, tags: { set: 'String' } },
  'App::Document': {
    members: {
      owner: always(USER),
      size: always('Long'),
      labels: always({ set: 'String' }),
      rate: perhaps('decimal'),
      places: always({ set: PLACE }),
    },
    tags: 'Long',
  },
} satisfies Record<string, EntityKind>;

export const CONTEXT: Members = {
  method: always('String'),
  secure: always('Bool'),
  now: always('datetime'),
  age: perhaps('duration'),
  address: perhaps('ipaddr'),
  names: always({ set: 'String' }),
  params: always({
    record: { owner: perhaps('String'), id: always('Long'), ['__proto__']: perhaps('Long') },
  }),
  by: perhaps(USER),
};

export const SCHEMA_TEXT = `
entity Group in [Group] = ${entityText('Group')};
entity User in [Group] = ${entityText('User')};
namespace App {
  entity Document in [Group] = ${entityText('App::Document')};
}
action any;
action write in [any];
action read in [write, any] appliesTo { principal: [User], resource: [App::Document], context: ${membersText(CONTEXT)} };
`;

function entityText(name: keyof typeof ENTITY_KINDS): string {
  const { members, tags } = ENTITY_KINDS[name];
  return `${membersText(members)} tags ${typeText(tags)}`;
}

function membersText(members: Members): string {
  const lines = Object.entries(members).map(
    ([name, { type, isOptional = false }]) =>
      `${JSON.stringify(name)}${isOptional ? '?' : ''}: ${typeText(type)}`,
  );
  return `{ ${lines.join(', ')} }`;
}

function typeText(type: Type): string {
  if (typeof type === 'string') return type;
  if ('entity' in type) return type.entity;
  return 'set' in type ? `Set<${typeText(type.set)}>` : membersText(type.record);
}
