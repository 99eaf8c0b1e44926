// `gatehouse inspect`: options and help.
import { buildCommand } from '@stricli/core';
import { argument, cacert, dataFolder, repeated, toggle, value, withExamples } from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';
import { parseConditions } from './fail-on.ts';
import { STARTTLS } from './starttls-protocols.ts';

const brief = 'Connect to a TLS server, and print what it negotiates and whether to trust it';

export const inspect = buildCommand({
  loader: async () => (await import('./inspect.ts')).inspect,
  parameters: {
    flags: {
      serverName: value('Ask for this name, and check the certificate for it (default: the host)', 'NAME'),
      starttls: {
        kind: 'enum',
        values: STARTTLS,
        optional: true,
        brief: 'Begin in plain text with this protocol; its port is then the default',
        placeholder: 'PROTOCOL',
      },
      all: toggle('Also try each version of TLS, from 1.0 to 1.3'),
      offline: toggle('Ask no OCSP responder, and fetch no revocation list or issuer'),
      failOn: {
        kind: 'parsed',
        parse: parseConditions,
        optional: true,
        brief: 'Exit with 1 if one of these holds: weak, expiring=14d, unknown (revocation), warning',
        placeholder: 'CONDITIONS',
      },
      pin: repeated('Exit with 6 unless a certificate of the chain has this pin', 'PIN'),
      save: value('Write the certificates that the server sent to this new file', 'FILE'),
      force: toggle('Replace the file of --save if it exists'),
      cert: value('Send this client certificate and its chain', 'FILE'),
      key: value('Private key of that certificate (default: the same name with .key)', 'FILE'),
      certPassphraseFile: value('File with the passphrase of that key (default: asks if needed)', 'FILE'),
      ca: value('The same as --cacert', 'FILE'),
      cacert: {
        ...cacert,
        brief:
          "Trust only the roots in this PEM file (default: the data folder's root.pem, and those of Node)",
      },
      data: dataFolder,
      timeout: {
        kind: 'parsed',
        parse: parseDuration,
        default: '10s',
        brief: 'Longest wait for each connection',
        placeholder: 'DURATION',
      },
      json: toggle('Print one JSON document'),
    },
    positional: {
      kind: 'tuple',
      parameters: [argument('HOST, HOST:PORT or https://HOST:PORT (default port: 443)', 'ADDRESS')],
    },
  },
  docs: {
    brief,
    fullDescription: withExamples(
      `${brief}.\nThe exit status is 0 if the certificate is trusted, 5 if it is not, and 6 if no\npin matches.`,
      'gatehouse inspect localhost:8443',
      'gatehouse inspect example.com --all --fail-on weak,expiring=14d',
      'gatehouse inspect 10.0.0.7:8443 --server-name api.internal --json',
    ),
  },
});
