// `gatehouse hash` and `gatehouse hmac`: options and help.
import { hashAlgorithms } from '@gatehouse/client/hash';
import { buildCommand } from '@stricli/core';
import { argument, toggle, value, withExamples } from '../../flags.ts';

const shared = {
  algorithm: {
    kind: 'enum',
    values: [...hashAlgorithms, 'md5'],
    default: 'sha256',
    brief: 'Hash function; md5 only with --check',
    placeholder: 'NAME',
  },
  check: value('Check the sums in this file, instead of printing sums; - is standard input', 'SUMS'),
  json: toggle('Print one JSON document'),
} as const;

const files = {
  kind: 'array',
  parameter: argument('Files (default: standard input, which is also -)', 'FILE'),
} as const;

export const hash = buildCommand({
  loader: async () => (await import('./hash.ts')).hashCommand,
  parameters: { flags: shared, aliases: { a: 'algorithm', c: 'check' }, positional: files },
  docs: {
    brief: 'Print or check the hashes of files, as sha256sum does',
    fullDescription: withExamples(
      'Print the hashes of files, as sha256sum does, or check them.\nThe exit status is 1 if a file differs.',
      'gatehouse hash --algorithm sha3-256 release.tar.gz',
      'gatehouse hash --check SHA256SUMS',
    ),
  },
});

export const hmac = buildCommand({
  loader: async () => (await import('./hash.ts')).hmacCommand,
  parameters: {
    flags: {
      ...shared,
      keyFile: {
        kind: 'parsed',
        parse: String,
        brief: 'File with the secret key: all of its octets are the key',
        placeholder: 'FILE',
      },
    },
    aliases: { a: 'algorithm', c: 'check' },
    positional: files,
  },
  docs: {
    brief: 'Print or check the HMACs of files under a secret key',
    fullDescription: withExamples(
      'Print the HMACs (RFC 2104) of files under a secret key, or check them.\nThe exit status is 1 if one differs.',
      'gatehouse hmac --key-file secret.key message.txt',
      'gatehouse hmac --key-file secret.key --check codes',
    ),
  },
});
