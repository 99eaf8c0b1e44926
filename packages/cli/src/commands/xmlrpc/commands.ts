// `gatehouse xmlrpc …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, cacert, dataFolder, value, withExamples } from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';

const call = buildCommand({
  loader: async () => (await import('./call.ts')).xmlrpcCallCommand,
  parameters: {
    flags: {
      ca: value('The same as --cacert', 'FILE'),
      cacert,
      cert: value('Send this client certificate and its chain', 'FILE'),
      key: value('Private key of that certificate (default: the same name with .key)', 'FILE'),
      certPassphraseFile: value('File with the passphrase of that key (default: asks if needed)', 'FILE'),
      dataFolder,
      timeout: {
        kind: 'parsed',
        parse: parseDuration,
        default: '30s',
        brief: 'Longest wait for the connection, and for the answer',
        placeholder: 'DURATION',
      },
    },
    positional: {
      kind: 'array',
      minimum: 2,
      parameter: argument(
        'The address, the method, and its arguments: each is JSON, or otherwise a text',
        'URL METHOD [ARGUMENT]',
      ),
    },
  },
  docs: {
    brief: 'Call a method of an XML-RPC server and print its result as JSON',
    fullDescription: withExamples(
      'Call a method of an XML-RPC server and print its result as JSON.\nAfter a fault, the exit status is 1.',
      'gatehouse xmlrpc call https://localhost:15000/RPC2 add 1 2 --cert robot.pem',
      'gatehouse xmlrpc call https://localhost:15000/RPC2 system.listMethods',
    ),
  },
});

export const xmlrpc = buildRouteMap({
  routes: { call },
  docs: { brief: 'Call the methods of XML-RPC servers' },
});
