// The tree of commands: their options and help, each group in its own file. A command's code is loaded when it runs.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { acme } from './commands/acme/commands.ts';
import { audit } from './commands/audit/commands.ts';
import { ca } from './commands/ca/commands.ts';
import { cert } from './commands/cert/commands.ts';
import { key } from './commands/key/commands.ts';
import { pki } from './commands/pki/commands.ts';
import { user } from './commands/user/commands.ts';
import { parseDuration } from './duration.ts';
import {
  argument,
  cacert,
  data,
  management,
  out,
  passwordStdin,
  repeated,
  toggle,
  value,
  withExamples,
} from './flags.ts';

const up = buildCommand({
  loader: async () => (await import('./commands/up.ts')).up,
  parameters: {
    flags: {
      upstream: value('The API to protect, for example http://127.0.0.1:3000', 'URL'),
      config: value('Configuration file (default: gatehouse.config.ts or .json, if there is one)', 'FILE'),
      data,
      set: repeated('One setting, for example --set gateway.listen=127.0.0.1:8443', 'KEY=VALUE'),
    },
  },
  docs: { brief: 'Run Gatehouse in the foreground' },
});

const { tokenFile: _, ...signInOptions } = management;

const login = buildCommand({
  loader: async () => (await import('./commands/login.ts')).login,
  parameters: {
    flags: { passwordStdin, out, ...signInOptions },
    positional: { kind: 'tuple', parameters: [argument('Name of the user', 'NAME')] },
  },
  docs: { brief: 'Sign in and print the access token; asks for the password' },
});

const status = buildCommand({
  loader: async () => (await import('./commands/status.ts')).status,
  parameters: { flags: management },
  docs: { brief: 'Show how the running server is' },
});

const request = buildCommand({
  loader: async () => (await import('./commands/request.ts')).request,
  parameters: {
    flags: {
      method: value('Method (default: GET, with --data-file POST)', 'METHOD'),
      header: repeated("A header, as 'Name: value'", 'HEADER'),
      dataFile: value('Send this file as the body; - is standard input', 'FILE'),
      keyFile: value('Send the API key in this file', 'FILE'),
      tokenFile: value('Send the bearer token in this file', 'FILE'),
      cert: value('Show this client certificate, with its chain, to the server', 'FILE'),
      certKey: value('Its private key (default: the same name with .key)', 'FILE'),
      certPassphraseFile: value(
        'File with the passphrase of that key (default: asks where one is needed)',
        'FILE',
      ),
      cacert,
      data,
      check: toggle('Exit with 14 for a 4xx status, with 15 for a 5xx, with 7 for a 401 to --cert'),
      include: toggle('Print the headers of the answer to standard error'),
      timeout: {
        kind: 'parsed',
        parse: parseDuration,
        default: '30s',
        brief: 'Longest wait for the connection, the answer, and each further piece of it',
        placeholder: 'DURATION',
      },
    },
    aliases: { X: 'method', H: 'header', i: 'include' },
    positional: { kind: 'tuple', parameters: [argument('https://… or http://…', 'URL')] },
  },
  docs: {
    brief: 'Make one HTTP request; prints the body',
    fullDescription: withExamples(
      'Make one HTTP request; prints the body',
      'gatehouse request https://localhost:8443/notes --key-file robot.apikey --check',
      'gatehouse request https://localhost:8443/notes --cert robot.pem --check',
    ),
  },
});

export const commands = buildRouteMap({
  routes: {
    up,
    status,
    login,
    user,
    key,
    cert,
    ca,
    acme,
    audit,
    pki,
    request,
  },
  docs: { brief: 'Everything between a client and a server, made secure, in one program.' },
});
