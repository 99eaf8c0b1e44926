// `gatehouse tls …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { management, toggle, withExamples } from '../../flags.ts';

const MOST_LINES = 1000;

const tlsLog = buildCommand({
  loader: async () => (await import('./log.ts')).tlsLog,
  parameters: {
    flags: {
      lines: {
        kind: 'parsed',
        parse: parseCount,
        default: '100',
        brief: 'Number of handshakes',
        placeholder: 'N',
      },
      follow: toggle('Print new handshakes as they come; with --json, one document on each line'),
      ...management,
    },
    aliases: { n: 'lines', f: 'follow' },
  },
  docs: {
    brief: 'Print the last TLS handshakes, and why some failed',
    fullDescription: withExamples(
      'Print the last TLS handshakes of both listeners, oldest first',
      'gatehouse tls log',
      'gatehouse tls log --follow --json',
    ),
  },
});

export const tls = buildRouteMap({
  routes: { log: tlsLog },
  docs: { brief: 'The log of TLS handshakes' },
});

function parseCount(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MOST_LINES) throw new TypeError(`expected a number from 1 to ${MOST_LINES}`);
  return count;
}
