// `gatehouse client …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, management, out, repeated, toggle, value, withExamples } from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';

const name = argument('Name or id of the client', 'NAME');

const metadata = {
  redirectUri: repeated('Where people come back to after they signed in; compared as it is', 'URI'),
  postLogoutRedirectUri: repeated('Where people may go after they signed out', 'URI'),
  backchannelLogoutUri: value('Gets a message when a person signs out', 'URI'),
  scope: repeated('Scope that it may ask for', 'SCOPE'),
  native: toggle('A program on the own machine of a person: it may use any port of the loopback interface'),
  boundToCertificate: toggle('Its access tokens are bound to its client certificate'),
  boundToKey: toggle('Its access tokens must be bound to a key (DPoP)'),
  keys: value('File with its public keys, for private_key_jwt: a JWK or a JWK set', 'FILE'),
} as const;

const grant = {
  kind: 'enum',
  values: ['client_credentials', 'authorization_code', 'device_code', 'token_exchange'],
  variadic: true,
  brief: 'How it gets tokens',
} as const;

const addBrief = 'Register an OAuth client and print its secret, only this once';

const add = buildCommand({
  loader: async () => (await import('./add.ts')).clientAdd,
  parameters: {
    flags: {
      grant,
      role: repeated('Role of its service, if that is new (default: user)', 'ROLE'),
      service: value('The service that it acts as (default: one of its own name)', 'NAME'),
      authMethod: value(
        'How it proves who it is: client_secret_basic (default), client_secret_post, private_key_jwt, tls_client_auth or none',
        'METHOD',
      ),
      public: toggle('It cannot keep a secret: a page or an app; the same as --auth-method none'),
      ...metadata,
      out,
      ...management,
    },
    positional: { kind: 'tuple', parameters: [argument('Name of the client, for people', 'NAME')] },
  },
  docs: {
    brief: addBrief,
    fullDescription: withExamples(
      addBrief,
      'gatehouse client add reports --grant client_credentials --out reports.secret',
      'gatehouse client add shop --grant authorization_code \\',
      '  --redirect-uri https://shop.example/callback',
      'gatehouse client add cli --grant authorization_code --public --native \\',
      '  --redirect-uri http://127.0.0.1/callback',
    ),
  },
});

const list = buildCommand({
  loader: async () => (await import('./list.ts')).clientList,
  parameters: { flags: management },
  docs: { brief: 'List the OAuth clients' },
});

const show = buildCommand({
  loader: async () => (await import('./show.ts')).clientShow,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Show an OAuth client' },
});

const set = buildCommand({
  loader: async () => (await import('./set.ts')).clientSet,
  parameters: {
    flags: { grant: { ...grant, optional: true }, ...metadata, ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: { brief: 'Change an OAuth client; what is not given stays as it is' },
});

const stateCommand = (disabled: boolean, brief: string) =>
  buildCommand({
    loader: async () => {
      const { clientDisable, clientEnable } = await import('./state.ts');
      return disabled ? clientDisable : clientEnable;
    },
    parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
    docs: { brief },
  });

const remove = buildCommand({
  loader: async () => (await import('./remove.ts')).clientRemove,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Remove an OAuth client; its tokens are void' },
});

const rotateBrief = 'Give an OAuth client a new secret; the old one works a while longer';

const rotateSecret = buildCommand({
  loader: async () => (await import('./rotate-secret.ts')).clientRotateSecret,
  parameters: {
    flags: {
      overlap: {
        kind: 'parsed',
        parse: parseDuration,
        default: '1h',
        brief: 'How long the old secret is still accepted',
        placeholder: 'DURATION',
      },
      out,
      ...management,
    },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: {
    brief: rotateBrief,
    fullDescription: withExamples(
      rotateBrief,
      'gatehouse client rotate-secret reports --overlap 1h --out new.secret',
    ),
  },
});

export const client = buildRouteMap({
  routes: {
    add,
    list,
    show,
    set,
    disable: stateCommand(true, 'Disable an OAuth client, everywhere at once; its tokens are void'),
    enable: stateCommand(false, 'Enable an OAuth client, or approve one that registered itself'),
    remove,
    'rotate-secret': rotateSecret,
  },
  docs: { brief: 'OAuth clients: programs that get access tokens' },
});
