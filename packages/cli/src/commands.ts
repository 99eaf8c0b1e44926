// The tree of commands: their options and help. Each command's code is loaded when it runs.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { parseDuration } from './duration.ts';
import {
  argument,
  cacert,
  data,
  management,
  out,
  passwordStdin,
  repeated,
  role,
  toggle,
  value,
} from './flags.ts';

const up = buildCommand({
  loader: async () => (await import('./commands/up.ts')).up,
  parameters: {
    flags: {
      upstream: value('The API to protect, for example http://127.0.0.1:3000', 'URL'),
      config: value('Configuration file (default: gatehouse.config.ts or .json, if there is one)', 'FILE'),
      data,
      set: repeated('One setting', 'KEY=VALUE'),
    },
  },
  docs: { brief: 'Run Gatehouse in the foreground' },
});

const userAdd = buildCommand({
  loader: async () => (await import('./commands/user-add.ts')).userAdd,
  parameters: {
    flags: { role, passwordStdin, ...management },
    positional: { kind: 'tuple', parameters: [argument('Name to sign in with', 'NAME')] },
  },
  docs: { brief: 'Add a user; asks for the password' },
});

const userList = buildCommand({
  loader: async () => (await import('./commands/user-list.ts')).userList,
  parameters: { flags: management },
  docs: { brief: 'List the users' },
});

const userRemove = buildCommand({
  loader: async () => (await import('./commands/user-remove.ts')).userRemove,
  parameters: {
    flags: management,
    positional: { kind: 'tuple', parameters: [argument('Name of the user', 'NAME')] },
  },
  docs: { brief: 'Remove a user' },
});

const userPassword = buildCommand({
  loader: async () => (await import('./commands/user-password.ts')).userPassword,
  parameters: {
    flags: { passwordStdin, ...management },
    positional: { kind: 'tuple', parameters: [argument('Name of the user', 'NAME')] },
  },
  docs: { brief: 'Change a password; asks for the new one' },
});

const keyCreate = buildCommand({
  loader: async () => (await import('./commands/key-create.ts')).keyCreate,
  parameters: {
    flags: {
      role,
      expiresIn: {
        kind: 'parsed',
        parse: parseDuration,
        optional: true,
        brief: 'Lifetime, for example 90d (default: no end)',
        placeholder: 'DURATION',
      },
      out,
      ...management,
    },
    positional: { kind: 'tuple', parameters: [argument('What the key is for', 'NAME')] },
  },
  docs: { brief: 'Make an API key and print it, this once' },
});

const keyList = buildCommand({
  loader: async () => (await import('./commands/key-list.ts')).keyList,
  parameters: { flags: management },
  docs: { brief: 'List the API keys, without their secrets' },
});

const keyRevoke = buildCommand({
  loader: async () => (await import('./commands/key-revoke.ts')).keyRevoke,
  parameters: {
    flags: management,
    positional: { kind: 'tuple', parameters: [argument("The key's id, as 'key list' shows it", 'ID')] },
  },
  docs: { brief: 'Revoke an API key' },
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

const auditTail = buildCommand({
  loader: async () => (await import('./commands/audit-tail.ts')).auditTail,
  parameters: {
    flags: {
      lines: {
        kind: 'parsed',
        parse: parseCount,
        default: '20',
        brief: 'How many entries',
        placeholder: 'N',
      },
      follow: toggle('Go on with entries to come; with --json, one document a line'),
      ...management,
    },
    aliases: { n: 'lines', f: 'follow' },
  },
  docs: { brief: 'Show the last entries of the ledger' },
});

const auditVerify = buildCommand({
  loader: async () => (await import('./commands/audit-verify.ts')).auditVerify,
  parameters: { flags: management },
  docs: { brief: "Check the ledger's chain of hashes" },
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
      cacert,
      data,
      check: toggle('Exit with 14 for a 4xx status, with 15 for a 5xx'),
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
  docs: { brief: 'Make one HTTP request; prints the body' },
});

export const commands = buildRouteMap({
  routes: {
    up,
    status,
    login,
    user: buildRouteMap({
      routes: { add: userAdd, list: userList, remove: userRemove, password: userPassword },
      docs: { brief: 'Users, who sign in with a password' },
    }),
    key: buildRouteMap({
      routes: { create: keyCreate, list: keyList, revoke: keyRevoke },
      docs: { brief: 'API keys, for programs' },
    }),
    audit: buildRouteMap({
      routes: { tail: auditTail, verify: auditVerify },
      docs: { brief: 'The ledger of what happened' },
    }),
    request,
  },
  docs: { brief: 'Everything between a client and a server, made secure, in one program.' },
});

function parseCount(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 1000) throw new TypeError('expected a number from 1 to 1000');
  return count;
}
