// `gatehouse client …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import {
  argument,
  explained,
  management,
  out,
  overlap,
  repeated,
  toggle,
  value,
  withExamples,
} from '../../flags.ts';

const name = argument('Name or id of the client', 'NAME');

const metadata = {
  redirectUri: repeated('Where people return after they sign in; compared character by character', 'URI'),
  postLogoutRedirectUri: repeated('Where people may go after they sign out', 'URI'),
  backchannelLogoutUri: value('Where the server sends a message when a person signs out', 'URI'),
  scope: repeated('Scope that the client may ask for', 'SCOPE'),
  native: toggle('The client runs on the machine of its user, so any port on a loopback address may be used'),
  boundToCertificate: toggle('Bind its access tokens to its client certificate'),
  boundToKey: toggle('Require that its access tokens are bound to a key (DPoP)'),
  keys: value('File with the public keys for private_key_jwt: a JWK or a JWK set', 'FILE'),
} as const;

const grant = {
  kind: 'enum',
  values: ['client_credentials', 'authorization_code', 'device_code', 'token_exchange'],
  variadic: true,
  placeholder: 'GRANT',
  brief: 'How the client gets tokens',
} as const;

const addBrief = 'Register an OAuth client, and print its secret once';

const add = buildCommand({
  loader: async () => (await import('./add.ts')).clientAdd,
  parameters: {
    flags: {
      grant,
      role: repeated('Role of the service, if it is new (default: user)', 'ROLE'),
      service: value('The service that the client acts as (default: a service with the same name)', 'NAME'),
      authMethod: value(
        'How the client authenticates: client_secret_basic, client_secret_post, private_key_jwt, tls_client_auth or none (default: client_secret_basic)',
        'METHOD',
      ),
      public: toggle(
        'For a client that cannot keep a secret, such as a page or an app; the same as --auth-method none',
      ),
      ...metadata,
      out,
      ...management,
    },
    positional: {
      kind: 'tuple',
      parameters: [argument('Name of the client; people see it when they sign in', 'NAME')],
    },
  },
  docs: {
    brief: addBrief,
    fullDescription: withExamples(
      addBrief,
      'gatehouse client add reports --grant client_credentials --out reports.secret',
      'gatehouse client add shop --grant authorization_code \\',
      '    --redirect-uri https://shop.example/callback',
      'gatehouse client add cli --grant authorization_code --public --native \\',
      '    --redirect-uri http://127.0.0.1/callback',
    ),
  },
});

const list = buildCommand({
  loader: async () => (await import('./list.ts')).clientList,
  parameters: { flags: management },
  docs: explained('List the OAuth clients', 'gatehouse client list'),
});

const show = buildCommand({
  loader: async () => (await import('./show.ts')).clientShow,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: explained('Show an OAuth client', 'gatehouse client show reports'),
});

const set = buildCommand({
  loader: async () => (await import('./set.ts')).clientSet,
  parameters: {
    flags: { grant: { ...grant, optional: true }, ...metadata, ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: explained(
    'Change an OAuth client; settings that you do not name stay the same',
    'gatehouse client set shop --redirect-uri https://shop.example/signed-in',
  ),
});

const stateCommand = (disabled: boolean, brief: string, example: string) =>
  buildCommand({
    loader: async () => {
      const { clientDisable, clientEnable } = await import('./state.ts');
      return disabled ? clientDisable : clientEnable;
    },
    parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
    docs: explained(brief, example),
  });

const remove = buildCommand({
  loader: async () => (await import('./remove.ts')).clientRemove,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: explained('Remove an OAuth client, and void its tokens', 'gatehouse client remove reports'),
});

const rotateBrief = 'Give an OAuth client a new secret; the old one also works for a while';

const rotateSecret = buildCommand({
  loader: async () => (await import('./rotate-secret.ts')).clientRotateSecret,
  parameters: {
    flags: {
      overlap: overlap('How long the old secret is still accepted'),
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
    disable: stateCommand(
      true,
      'Disable an OAuth client, and void its tokens, at once',
      'gatehouse client disable reports',
    ),
    enable: stateCommand(
      false,
      'Enable an OAuth client, or approve one that registered itself',
      'gatehouse client enable reports',
    ),
    remove,
    'rotate-secret': rotateSecret,
  },
  docs: { brief: 'OAuth clients: programs that get access tokens' },
});
