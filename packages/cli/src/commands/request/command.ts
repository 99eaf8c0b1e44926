// `gatehouse request`: options and help.
import { buildCommand } from '@stricli/core';
import { argument, cacert, dataFolder, repeated, toggle, value, withExamples } from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';

const brief = 'Make one HTTP request and print the body of the answer';

export const request = buildCommand({
  loader: async () => (await import('./request.ts')).request,
  parameters: {
    flags: {
      method: value('Method (default: GET, with a body POST)', 'METHOD'),
      header: repeated("A header: 'Name: value'", 'HEADER'),
      data: repeated('The body, as with curl: pieces are joined by &; @FILE is a file', 'DATA'),
      dataFile: value('Send this file as the body; - is standard input', 'FILE'),
      keyFile: value('Send the API key in this file', 'FILE'),
      tokenFile: value('Send the bearer token in this file', 'FILE'),
      cert: value('Send this client certificate and its chain', 'FILE'),
      certKey: value('Its private key (default: the same name with .key)', 'FILE'),
      certPassphraseFile: value('File with the passphrase of that key (default: asks if needed)', 'FILE'),
      cacert,
      dataFolder,
      check: toggle('Exit with 14 for a 4xx status, 15 for a 5xx, 7 for a 401 to --cert'),
      include: toggle('Print the headers of the answer to standard error'),
      timeout: {
        kind: 'parsed',
        parse: parseDuration,
        default: '30s',
        brief: 'Longest wait for the connection, the answer and each part of it',
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
