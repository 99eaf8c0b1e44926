// `gatehouse fernet …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, force, out, toggle, value, withExamples } from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';

const json = toggle('Print one JSON document');
const keyFile = value('File with the key, or with several (default: $SECRET_KEY)', 'FILE');

const input = {
  kind: 'tuple',
  parameters: [{ ...argument('File (default: standard input, which is also -)', 'FILE'), optional: true }],
} as const;

const key = buildCommand({
  loader: async () => (await import('./key.ts')).fernetKey,
  parameters: { flags: { out, json } },
  docs: {
    brief: 'Print a new key',
    fullDescription: withExamples(
      'Print a new key: 32 random octets as base64url.',
      'export SECRET_KEY="$(gatehouse fernet key)"',
      'gatehouse fernet key --out secret.key',
    ),
  },
});

const encrypt = buildCommand({
  loader: async () => (await import('./encrypt.ts')).fernetEncrypt,
  parameters: {
    flags: {
      keyFile,
      frames: toggle('Write frames, for files beyond memory, instead of a token'),
      out,
      force,
      json,
    },
    positional: input,
  },
  docs: {
    brief: 'Encrypt a text or a file',
    fullDescription: withExamples(
      [
        'Encrypt a text or a file with the first key of $SECRET_KEY. Up to 16 MiB become',
        'a Fernet token, which other programs open too. Anything larger becomes frames,',
        'which need little memory, and which only Gatehouse opens.',
      ].join('\n'),
      "printf 'fluffy tail' | gatehouse fernet encrypt",
      'gatehouse fernet encrypt --frames disk.img --out disk.img.fernet',
    ),
  },
});

const decrypt = buildCommand({
  loader: async () => (await import('./decrypt.ts')).fernetDecrypt,
  parameters: {
    flags: {
      keyFile,
      ttl: {
        kind: 'parsed',
        parse: parseDuration,
        optional: true,
        brief: 'Refuse a token that is older than this, or more than a minute in the future',
        placeholder: 'DURATION',
      },
      out,
      force,
      json,
    },
    positional: input,
  },
  docs: {
    brief: 'Decrypt a token or a file',
    fullDescription: withExamples(
      [
        'Decrypt a token, or a file of frames, with any key of $SECRET_KEY. With --out, a',
        'file that was changed or truncated leaves nothing behind.',
      ].join('\n'),
      'gatehouse fernet decrypt --ttl 60s < token.txt',
      'gatehouse fernet decrypt disk.img.fernet --out disk.img',
    ),
  },
});

const inspect = buildCommand({
  loader: async () => (await import('./inspect.ts')).fernetInspect,
  parameters: { flags: { keyFile, json }, positional: input },
  docs: {
    brief: 'Take a token or a file apart',
    fullDescription: withExamples(
      [
        'Print the parts of a token or of a file of frames. With a key, also whether its',
        'HMAC is right: if not, the exit status is 1. Nothing is decrypted.',
      ].join('\n'),
      'gatehouse fernet inspect < token.txt',
      'gatehouse fernet inspect --key-file secret.key disk.img.fernet',
    ),
  },
});

export const fernet = buildRouteMap({
  routes: { key, encrypt, decrypt, inspect },
  docs: { brief: 'Encrypt and decrypt with a shared secret (Fernet)' },
});
