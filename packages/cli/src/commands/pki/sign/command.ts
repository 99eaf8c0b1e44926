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
      name: repeated('A name, instead of the names in the request', 'NAME'),
      ...subject,
      chain: toggle("Also write the authority's certificate, unless it is a root"),
      crlUrl: value('http:// URL of the revocation list', 'URL'),
      ocspUrl: value('http:// URL of an OCSP responder', 'URL'),
      issuerUrl: value("http:// URL of the authority's certificate in DER", 'URL'),
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
