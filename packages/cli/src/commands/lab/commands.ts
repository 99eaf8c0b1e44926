// `gatehouse lab …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, cacert, dataFolder, repeated, toggle, value, withExamples } from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';

const wire = buildCommand({
  loader: async () => (await import('./wire.ts')).labWire,
  parameters: {
    flags: {
      message: {
        kind: 'parsed',
        parse: String,
        default: 'fluffy tail',
        brief: 'Without a URL: the message that is sent in four ways',
        placeholder: 'TEXT',
      },
      header: repeated("With a URL: a header of the request, 'Name: value'", 'HEADER'),
      all: toggle('With a URL: print all octets, also of long answers'),
      json: toggle('Print one JSON document'),
      ca: value('The same as --cacert', 'FILE'),
      cacert,
      data: dataFolder,
      timeout: {
        kind: 'parsed',
        parse: parseDuration,
        default: '10s',
        brief: 'Longest wait for the end of the answer',
        placeholder: 'DURATION',
      },
    },
    aliases: { H: 'header' },
    positional: {
      kind: 'tuple',
      parameters: [
        { ...argument('HTTP or HTTPS URL; without it, compare four ways', 'URL'), optional: true },
      ],
    },
  },
  docs: {
    brief: 'Show what an eavesdropper sees of a request',
    fullDescription: withExamples(
      [
        'Make one request to URL through a recording relay on this machine, and print',
        'the octets of both directions as anyone on the way sees them. Without a URL:',
        'send one message over plain HTTP, as a Fernet token, over TLS, and as a token',
        'inside TLS, and show them side by side.',
      ].join('\n'),
      'gatehouse lab wire',
      'gatehouse lab wire http://localhost:8080/secret-message',
      'gatehouse lab wire https://localhost:8443/ --ca root.pem --json',
    ),
  },
});

export const lab = buildRouteMap({
  routes: { wire },
  docs: { brief: 'Look at what goes over the wire' },
});
