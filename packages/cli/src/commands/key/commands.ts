// `gatehouse key …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import {
  argument,
  explained,
  management,
  out,
  overlap,
  repeated,
  toggle,
  withExamples,
} from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';
import { parsePointInTime } from '../../input/point-in-time.ts';

const keyId = argument("Id of the key: see 'gatehouse key list'", 'ID');

const limits = {
  role: repeated('Role of the service, if it is new (default: user)', 'ROLE'),
  scope: repeated('Scope of the key, for routes that require scopes', 'SCOPE'),
  allowAddress: repeated('Accept the key only from this address or network (default: anywhere)', 'NET'),
  expires: {
    kind: 'parsed',
    parse: parsePointInTime,
    optional: true,
    brief:
      'When the key expires: a duration such as 90d, or a time such as 2030-01-31 (00:00 UTC) (default: never)',
    placeholder: 'TIME',
  },
  expiresIn: {
    kind: 'parsed',
    parse: parseDuration,
    optional: true,
    brief: 'The same as --expires, for durations only',
    placeholder: 'DURATION',
  },
} as const;

/** A key that exists has no defaults. */
const changes = {
  allowAddress: { ...limits.allowAddress, brief: 'Accept the key only from this address or network' },
  expires: {
    ...limits.expires,
    brief: 'When the key expires: a duration such as 90d, or a time such as 2030-01-31 (00:00 UTC)',
  },
} as const;

const createBrief = 'Make an API key for a service, and print it once';

const keyCreate = buildCommand({
  loader: async () => (await import('./create.ts')).keyCreate,
  parameters: {
    flags: {
      ...limits,
      out,
      ...management,
    },
    positional: { kind: 'tuple', parameters: [argument('Name of the service', 'NAME')] },
  },
  docs: {
    brief: createBrief,
    fullDescription: withExamples(
      createBrief,
      'gatehouse key create robot --role user --out robot.apikey',
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
        brief: 'File with the public key: Ed25519, P-256, or RSA of at least 2048 bits',
        placeholder: 'FILE',
      },
      ...limits,
      ...management,
    },
    positional: { kind: 'tuple', parameters: [argument('Name of the service', 'NAME')] },
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
  docs: explained('List the keys, without their secrets', 'gatehouse key list', 'gatehouse key list --all'),
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
      'gatehouse key rotate 2ubdimovt752s5jm --overlap 1h --out robot-2.apikey',
    ),
  },
});

const byId = { flags: management, positional: { kind: 'tuple', parameters: [keyId] } } as const;

const keyShow = buildCommand({
  loader: async () => (await import('./show.ts')).keyShow,
  parameters: byId,
  docs: explained('Show a key, without its secret', 'gatehouse key show 2ubdimovt752s5jm'),
});

const setBrief = 'Change the scopes, the addresses or the expiry of a key; applies at once';

const keySet = buildCommand({
  loader: async () => (await import('./change.ts')).keySet,
  parameters: {
    flags: {
      scope: limits.scope,
      noScopes: toggle('Remove all scopes'),
      allowAddress: changes.allowAddress,
      anyAddress: toggle('Accept the key from anywhere'),
      expires: changes.expires,
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
  docs: explained('Refuse a key until you enable it', 'gatehouse key disable 2ubdimovt752s5jm'),
});

const keyEnable = buildCommand({
  loader: async () => (await import('./change.ts')).keyEnable,
  parameters: byId,
  docs: explained('Accept a disabled key again', 'gatehouse key enable 2ubdimovt752s5jm'),
});

const keyRevoke = buildCommand({
  loader: async () => (await import('./revoke.ts')).keyRevoke,
  parameters: byId,
  docs: explained('Revoke a key; you cannot enable it again', 'gatehouse key revoke 2ubdimovt752s5jm'),
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
