// `gatehouse pki verify`: options and help.
import { buildCommand } from '@stricli/core';
import { explained, repeated, value } from '../../../flags.ts';
import { file, fileArgument, json } from '../options.ts';

export const verify = buildCommand({
  loader: async () => (await import('./verify.ts')).pkiVerify,
  parameters: {
    flags: {
      roots: file('The root certificates to trust'),
      intermediates: repeated('Intermediates that the chain may need', 'FILE'),
      purpose: {
        kind: 'enum',
        values: ['server', 'client'],
        optional: true,
        brief: 'What the certificate must be for (default: anything)',
      },
      name: value('The DNS name or IP address that the certificate must have', 'NAME'),
      crl: repeated("The issuer's current revocation list, and those of the authorities above it", 'FILE'),
      at: {
        kind: 'parsed',
        parse: parseTime,
        optional: true,
        brief: 'Check for this time, for example 2030-01-31T12:00:00Z (default: now)',
        placeholder: 'TIME',
      },
      json,
    },
    positional: {
      kind: 'tuple',
      parameters: [fileArgument('The certificate; intermediates may follow in the file')],
    },
  },
  docs: explained(
    'Check a certificate; exits with 1 if it is not trusted',
    'gatehouse pki verify www.pem --roots ca.pem --name www.example.com',
    'gatehouse pki verify robot.pem --roots ca.pem --purpose client --crl ca.crl',
  ),
});

/** RFC 3339, or a day, which begins at midnight UTC. */
function parseTime(text: string): Date {
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = new Date(isTime ? text : Number.NaN);
  if (Number.isNaN(time.getTime())) throw new TypeError('expected a time such as 2030-01-31T12:00:00Z');
  return time;
}
