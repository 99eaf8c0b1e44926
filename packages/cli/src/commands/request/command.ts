// `gatehouse request`: options and help.
import { buildCommand } from '@stricli/core';
import { argument, cacert, dataFolder, repeated, toggle, value, withExamples } from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';

const brief = 'Make one HTTP request and print the body of the answer';

export const request = buildCommand({
  loader: async () => (await import('./request.ts')).request,
  parameters: {
    flags: {
      method: value('Method (default: GET, or POST with a body)', 'METHOD'),
      header: repeated("A header: 'Name: value'", 'HEADER'),
      data: repeated('The body, as with curl: several are joined with &; @FILE reads a file', 'DATA'),
      dataFile: value('Send this file as the body; - is standard input', 'FILE'),
      keyFile: value('Send the API key in this file', 'FILE'),
      tokenFile: value('Send the bearer token in this file', 'FILE'),
      cert: value('Send this client certificate and its chain', 'FILE'),
      certKey: value('Its private key (default: the same name with .key)', 'FILE'),
      certPassphraseFile: value('File with the passphrase of that key (default: asks if needed)', 'FILE'),
      cacert,
      dataFolder,
      check: toggle('Exit with 14 for status 4xx, 15 for 5xx, 7 for 401 to --cert'),
      include: toggle('Print the headers of the answer to standard error'),
      timeout: {
        kind: 'parsed',
        parse: parseDuration,
        default: '30s',
        brief: 'Longest wait for the connection, for the answer, and for each part of the answer',
        placeholder: 'DURATION',
      },
    },
    aliases: { X: 'method', H: 'header', d: 'data', i: 'include' },
    positional: { kind: 'tuple', parameters: [argument('https://… or http://…', 'URL')] },
  },
  docs: {
    brief,
    fullDescription: withExamples(
      brief,
      'gatehouse request https://localhost:8443/notes --key-file robot.apikey --check',
      'gatehouse request https://localhost:8443/notes --cert robot.pem --check',
      'gatehouse request https://localhost:8443/notes -d \'{"text": "hello"}\'',
    ),
  },
});
