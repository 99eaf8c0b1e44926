// `gatehouse pki sign`: options and help.
import { buildCommand } from '@stricli/core';
import { repeated, toggle, value, withExamples } from '../../../flags.ts';
import { parseDuration } from '../../../input/duration.ts';
import { authority, file, fileArgument, output, subject } from '../options.ts';

const brief = 'Sign a certificate request';

export const sign = buildCommand({
  loader: async () => (await import('./sign.ts')).pkiSign,
  parameters: {
    flags: {
      ...authority,
      out: file('Write the certificate to this file'),
      profile: {
        kind: 'enum',
        values: ['server', 'client', 'both', 'intermediate'],
        default: 'server',
        placeholder: 'PROFILE',
        brief: 'What the certificate is for',
      },
      lifetime: {
        kind: 'parsed',
        parse: parseDuration,
        optional: true,
        brief: 'How long it is valid, at most as long as the authority (default: 90d, an intermediate 1825d)',
        placeholder: 'DURATION',
      },
      name: repeated("A name in place of the request's", 'NAME'),
      ...subject,
      chain: toggle("Write the authority's certificate after it, unless that is a root"),
      crlUrl: value('Where the revocation list will be, http://', 'URL'),
      ocspUrl: value('Where an OCSP responder will be, http://', 'URL'),
      issuerUrl: value("Where the authority's certificate will be in DER, http://", 'URL'),
      ...output,
    },
    positional: { kind: 'tuple', parameters: [fileArgument('The request')] },
  },
  docs: {
    brief,
    fullDescription: withExamples(
      brief,
      'gatehouse pki sign web-csr.pem --ca ca.pem --ca-key ca.key --out web.pem',
      'gatehouse pki sign intermediate-csr.pem --profile intermediate --ca root.pem \\',
      '    --ca-key root.key --out intermediate.pem',
    ),
  },
});
