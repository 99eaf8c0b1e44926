// The recipients of age that are public keys (X25519, RFC 7748), written age1…, and their identities, written
// AGE-SECRET-KEY-1…. So a machine can make backups that it cannot open.
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { GatehouseError } from '@gatehouse/access';
import type { Identity, Recipient, Stanza } from './age-stanza.ts';
import { base64, decodeBase64, unwrap, wrap } from './age-stanza.ts';
import { decodeBech32 } from './bech32.ts';
import { ALTERED, unreadable } from './unreadable.ts';

const TYPE = 'X25519';
const KEY_BYTES = 32;
const INFO = 'age-encryption.org/v1/X25519';
/** The octets before a key in PKCS #8 and SPKI (RFC 8410 §7). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');

/** `text`: age1…. Throws `backup_key_invalid`. */
export function parseRecipient(text: string): Recipient {
  const octets = decodeBech32(text, 'age');
  if (octets?.length !== KEY_BYTES) throw notRecipient(text);
  const theirs = publicKey(octets);
  return {
    async wrap(fileKey) {
      const ours = generateKeyPairSync('x25519');
      const share = octetsOf(ours.publicKey);
      const wrapKey = wrapKeyOf({ privateKey: ours.privateKey, publicKey: theirs }, [share, octets]);
      if (wrapKey === undefined) throw notRecipient(text);
      return { words: [TYPE, base64(share)], body: wrap(wrapKey, fileKey) };
    },
  };
}

/**
 * Opens a file with any of the keys, each AGE-SECRET-KEY-1…. Throws `backup_key_invalid`, which does not
 * quote the keys.
 */
export function keyIdentity(texts: readonly string[]): Identity {
  const keys = texts.map(parseSecretKey);
  return {
    async unwrap(stanzas) {
      if (stanzas.some(({ words }) => words[0] === 'scrypt'))
        throw unreadable('is encrypted with a passphrase, not to recipients: give --passphrase-file');
      for (const stanza of stanzas) {
        if (stanza.words[0] !== TYPE) continue;
        for (const key of keys) {
          const fileKey = unwrapWith(key, stanza);
          if (fileKey !== undefined) return fileKey;
        }
      }
      throw unreadable(
        'is not encrypted to any of these keys: give the identity file of one of its recipients',
      );
    },
  };
}

function parseSecretKey(text: string): KeyObject {
  const octets = decodeBech32(text, 'age-secret-key-');
  if (octets?.length !== KEY_BYTES)
    throw new GatehouseError(
      'backup_key_invalid',
      "An identity file must have keys AGE-SECRET-KEY-1…, one on each line, as 'age-keygen' writes it.",
    );
  return createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, octets]), format: 'der', type: 'pkcs8' });
}

function unwrapWith(privateKey: KeyObject, { words, body }: Stanza): Buffer | undefined {
  const [, share, ...more] = words;
  if (more.length > 0) throw unreadable(ALTERED);
  const theirs = decodeBase64(share, KEY_BYTES);
  const own = octetsOf(createPublicKey(privateKey));
  const wrapKey = wrapKeyOf({ privateKey, publicKey: publicKey(theirs) }, [theirs, own]);
  return wrapKey && unwrap(wrapKey, body);
}

/** Undefined for a share of low order, because then anyone knows the secret (RFC 7748 §6.1). */
function wrapKeyOf(
  pair: { privateKey: KeyObject; publicKey: KeyObject },
  salt: readonly Buffer[],
): Uint8Array | undefined {
  const secret = agreed(pair);
  return secret && new Uint8Array(hkdfSync('sha256', secret, Buffer.concat(salt), INFO, 32));
}

function agreed(pair: { privateKey: KeyObject; publicKey: KeyObject }): Buffer | undefined {
  try {
    const secret = diffieHellman(pair);
    return secret.every((octet) => octet === 0) ? undefined : secret;
  } catch {
    // OpenSSL refuses such a share itself.
    return undefined;
  }
}

function publicKey(octets: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, octets]), format: 'der', type: 'spki' });
}

function octetsOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES);
}

function notRecipient(text: string): GatehouseError {
  const kind = text.startsWith('AGE-SECRET-KEY-') ? 'a secret key' : `"${text}"`;
  return new GatehouseError(
    'backup_key_invalid',
    `The recipient of a backup is ${kind}: give the public key age1…, as 'age-keygen -y' prints it.`,
  );
}
