// `gatehouse key …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, management, out, overlap, repeated, toggle, withExamples } from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';
import { parsePointInTime } from '../../input/point-in-time.ts';

const keyId = argument("The key's id, as 'key list' shows it", 'ID');

const limits = {
  role: repeated('Role of the service, if it is new (default: user)', 'ROLE'),
  scope: repeated('Scope of the key, for routes that require scopes', 'SCOPE'),
  allowAddress: repeated('Accept the key only from this address or network (default: anywhere)', 'NET'),
  expires: {
    kind: 'parsed',
    parse: parsePointInTime,
    optional: true,
    brief: 'When it expires: after 90d, or when 2030-01-31 begins in UTC (default: never)',
    placeholder: 'TIME',
  },
  expiresIn: {
    kind: 'parsed',
    parse: parseDuration,
    optional: true,
    brief: 'The same, as a duration only',
    placeholder: 'DURATION',
  },
} as const;

const createBrief = 'Make an API key for a service and print it, only this once';

const keyCreate = buildCommand({
  loader: async () => (await import('./create.ts')).keyCreate,
  parameters: {
    flags: {
      ...limits,
      out,
      ...management,
    },
    positional: { kind: 'tuple', parameters: [argument('The service that the key is for', 'NAME')] },
  },
  docs: {
    brief: createBrief,
    fullDescription: withExamples(
      createBrief,
      'gatehouse key create robot --role user --out robot.key',
      'gatehouse key create robot --allow-address 10.0.0.0/8 --expires 90d',
    ),
  },
});

const addBrief = 'Register a public key with which a service signs its requests';

const keyAdd = buildCommand({
  loader: async () => (await import('./add.ts')).keyAdd,
  parameters: {
    flags: {
      publicKey: {
        kind: 'parsed',
        parse: String,
        brief: 'The public key: Ed25519, P-256, or RSA of at least 2048 bits',
        placeholder: 'FILE',
      },
      ...limits,
      ...management,
    },
    positional: { kind: 'tuple', parameters: [argument('The service that signs with it', 'NAME')] },
  },
  docs: {
    brief: addBrief,
    fullDescription: withExamples(
      addBrief,
      'gatehouse key add robot --public-key robot.pub --role user',
      'gatehouse key add robot --public-key robot.pub --expires 90d',
    ),
  },
});

const keyList = buildCommand({
  loader: async () => (await import('./list.ts')).keyList,
  parameters: { flags: { all: toggle('Also list revoked keys'), ...management } },
  docs: { brief: 'List the keys, without their secrets' },
});

const rotateBrief = 'Replace an API key with a new one; for a while, both are accepted';

const keyRotate = buildCommand({
  loader: async () => (await import('./rotate.ts')).keyRotate,
  parameters: {
    flags: {
      overlap: overlap('How long the old key is still accepted'),
      out,
      ...management,
    },
    positional: { kind: 'tuple', parameters: [keyId] },
  },
  docs: {
    brief: rotateBrief,
    fullDescription: withExamples(
      rotateBrief,
      'gatehouse key rotate 2ubdimovt752s5jm --overlap 1h --out new.key',
    ),
  },
});

const byId = { flags: management, positional: { kind: 'tuple', parameters: [keyId] } } as const;

const keyShow = buildCommand({
  loader: async () => (await import('./show.ts')).keyShow,
  parameters: byId,
  docs: { brief: 'Show a key, without its secret' },
});

const setBrief = 'Change the scopes, addresses or end of a key; applies at once';

const keySet = buildCommand({
  loader: async () => (await import('./change.ts')).keySet,
  parameters: {
    flags: {
      scope: limits.scope,
      noScopes: toggle('Remove all scopes'),
      allowAddress: limits.allowAddress,
      anyAddress: toggle('Accept the key from anywhere'),
      expires: limits.expires,
      expiresIn: limits.expiresIn,
      neverExpires: toggle('Let the key never expire'),
      ...management,
    },
    positional: { kind: 'tuple', parameters: [keyId] },
  },
  docs: {
    brief: setBrief,
    fullDescription: withExamples(
      `${setBrief}.\nSettings that you do not name stay the same.`,
      'gatehouse key set 2ubdimovt752s5jm --allow-address 10.0.0.0/8 --expires 90d',
    ),
  },
});

const keyDisable = buildCommand({
  loader: async () => (await import('./change.ts')).keyDisable,
  parameters: byId,
  docs: { brief: 'Refuse a key until you enable it' },
});

const keyEnable = buildCommand({
  loader: async () => (await import('./change.ts')).keyEnable,
  parameters: byId,
  docs: { brief: 'Accept a disabled key again' },
});

const keyRevoke = buildCommand({
  loader: async () => (await import('./revoke.ts')).keyRevoke,
  parameters: byId,
  docs: { brief: 'Revoke a key, for good' },
});

export const key = buildRouteMap({
  routes: {
    create: keyCreate,
    add: keyAdd,
    list: keyList,
    show: keyShow,
    set: keySet,
    rotate: keyRotate,
    disable: keyDisable,
    enable: keyEnable,
    revoke: keyRevoke,
  },
  aliases: { remove: 'revoke' },
  docs: { brief: 'Keys for programs: API keys, and public keys that sign requests' },
});
