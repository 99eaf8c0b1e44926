// `gatehouse sign` and `gatehouse verify`: options and help.
import { buildCommand } from '@stricli/core';
import { argument, force, toggle, value, withExamples } from '../../flags.ts';

const json = toggle('Print one JSON document');
const file = { kind: 'tuple', parameters: [argument('The file; - is standard input', 'FILE')] } as const;

const signBrief = 'Sign a file, into FILE.sig';

export const sign = buildCommand({
  loader: async () => (await import('./sign.ts')).signCommand,
  parameters: {
    flags: {
      key: {
        kind: 'parsed',
        parse: String,
        brief: 'The private key: Ed25519, P-256, P-384 or RSA',
        placeholder: 'FILE',
      },
      passphraseFile: value('File with the passphrase of the key (default: asks if needed)', 'FILE'),
      cert: value('Put the certificate of the key and its chain into the signature', 'FILE'),
      out: value('Write the signature to this file (default: FILE.sig)', 'FILE'),
      force,
      json,
    },
    positional: file,
  },
  docs: {
    brief: signBrief,
    fullDescription: withExamples(signBrief, 'gatehouse sign --key release.key release.tar.gz'),
  },
});

const verifyBrief = 'Verify the signature of a file; exits with 1 if it is not valid';

export const verify = buildCommand({
  loader: async () => (await import('./verify.ts')).verifyCommand,
  parameters: {
    flags: {
      publicKey: value('The public key that must have signed', 'FILE'),
      roots: value('The roots to which the certificate in the signature must lead', 'FILE'),
      signature: value('The signature (default: FILE.sig)', 'FILE'),
      json,
    },
    positional: file,
  },
  docs: {
    brief: verifyBrief,
    fullDescription: withExamples(
      verifyBrief,
      'gatehouse verify --public-key release.pub release.tar.gz',
      'gatehouse verify --roots root.pem release.tar.gz',
    ),
  },
});
