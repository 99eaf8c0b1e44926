// An authenticator in software (WebAuthn L3 §6): it makes passkeys and signs with them. A test can make it
// lie about everything that a server must check.
import type { KeyObject } from 'node:crypto';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';

export interface Lies {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  userVerified?: boolean;
  counter?: number;
  userHandle?: string;
  /** Signs with a key that is not that of the passkey. */
  key?: KeyObject;
}

export interface SoftwareAuthenticator {
  create(options: { challenge: string; user: { id: string } }, lies?: Lies): RegistrationResponseJSON;
  get(options: { challenge: string }, lies?: Lies): AuthenticationResponseJSON;
}

const FLAG = { present: 1, verified: 4, backupEligible: 8, backedUp: 16, attested: 64 };

/** One passkey, at an origin. */
export function createSoftwareAuthenticator(
  origin: string,
  { isSynced = false } = {},
): SoftwareAuthenticator {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(16);
  let userHandle = '';
  let uses = 0;

  function clientData(type: string, challenge: string, lies: Lies): Buffer {
    const data = {
      type: lies.type ?? type,
      challenge: lies.challenge ?? challenge,
      origin: lies.origin ?? origin,
    };
    return Buffer.from(JSON.stringify({ ...data, crossOrigin: false }));
  }

  function authenticatorData(attested: Buffer | undefined, lies: Lies): Buffer {
    const rpId = lies.rpId ?? new URL(origin).hostname;
    const flags =
      FLAG.present |
      ((lies.userVerified ?? true) ? FLAG.verified : 0) |
      (isSynced ? FLAG.backupEligible | FLAG.backedUp : 0) |
      (attested ? FLAG.attested : 0);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(lies.counter ?? uses);
    const hash = createHash('sha256').update(rpId).digest();
    return Buffer.concat([hash, Buffer.from([flags]), counter, attested ?? Buffer.alloc(0)]);
  }

  return {
    create({ challenge, user }, lies = {}) {
      userHandle = user.id;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, coseKey(keys.publicKey)]);
      const attestationObject = attestation(authenticatorData(attested, lies));
      const clientDataJSON = text(clientData('webauthn.create', challenge, lies));
      return credential(id, {
        clientDataJSON,
        attestationObject: text(attestationObject),
        transports: ['internal'],
      });
    },
    get({ challenge }, lies = {}) {
      uses += 1;
      const client = clientData('webauthn.get', challenge, lies);
      const data = authenticatorData(undefined, lies);
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
      const signature = sign('sha256', signed, lies.key ?? keys.privateKey);
      return credential(id, {
        clientDataJSON: text(client),
        authenticatorData: text(data),
        signature: text(signature),
        userHandle: lies.userHandle ?? userHandle,
      });
    },
  };
}

function credential<R extends object>(id: Buffer, response: R) {
  const type = 'public-key' as const;
  return { id: text(id), rawId: text(id), type, response, clientExtensionResults: {} };
}

/** COSE_Key of P-256 (RFC 9053 §7.1). */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const octets = (value: string) => Buffer.concat([Buffer.from([0x58, 32]), Buffer.from(value, 'base64url')]);
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
    octets(x),
    Buffer.from([0x22]),
    octets(y),
  ]);
}

/** An attestation of the format `none` (WebAuthn L3 §8.7), in CBOR. */
function attestation(data: Buffer): Buffer {
  const name = (value: string) => Buffer.concat([Buffer.from([0x60 | value.length]), Buffer.from(value)]);
  const head = Buffer.from([0x58, data.length]);
  return Buffer.concat([
    Buffer.from([0xa3]),
    ...[name('fmt'), name('none'), name('attStmt'), Buffer.from([0xa0]), name('authData'), head, data],
  ]);
}

function text(octets: Buffer): string {
  return octets.toString('base64url');
}
