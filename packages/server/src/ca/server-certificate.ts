// The certificate of our own listeners: a new key with every certificate, never written anywhere, renewed after two thirds of
// its life while connections go on.
import { createPublicKey, randomBytes } from 'node:crypto';
import type { IssuedCertificate } from '@gatehouse/x509';
import {
  encodePrivateKey,
  encodeSpki,
  generatePrivateKey,
  parseSubjectName,
  serverProfile,
} from '@gatehouse/x509';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { GatehouseError } from '../platform/errors.ts';
import type { Events } from '../platform/events.ts';
import type { ServerIdentity } from '../platform/tls.ts';
import type { Authorities } from './authorities.ts';
import { BACKDATE_MS } from './authorities.ts';
import { issuedEvent } from './events.ts';
import type { CaStore } from './store.ts';

export interface ServerCertificate {
  identity: ServerIdentity;
  names: string[];
  serialNumber: string;
  notAfter: Date;
  /** Milliseconds since the epoch. */
  renewAt: number;
}

export interface ServerCertificateDeps {
  database: Database;
  store: CaStore;
  events: Events;
  clock: Clock;
  authorities: Authorities;
}

export interface ServerCertificateSettings {
  names: readonly string[];
  /** Seconds. */
  serverLifetime: number;
}

const OWN_NAMES = ['localhost', '127.0.0.1', '::1'];
const PROFILE = serverProfile();
const RENEW_AFTER = 2 / 3;
const TICKET_KEYS_BYTES = 48;

/** Issues a certificate for the listeners and records it. Throws `config_invalid` for a name that is none. */
export async function issueServerCertificate(
  deps: ServerCertificateDeps,
  settings: ServerCertificateSettings,
): Promise<ServerCertificate> {
  const { database, store, events, clock, authorities } = deps;
  const names = [...new Set([...OWN_NAMES, ...settings.names])];
  const privateKey = generatePrivateKey('P-256');
  const now = clock.now();
  const lifetimeMs = settings.serverLifetime * 1000;
  const notBefore = new Date(now - Math.min(BACKDATE_MS, lifetimeMs / 10));
  const issued = authorities.issuer.issue({
    profile: PROFILE,
    subject: { commonName: 'localhost' },
    subjectAltNames: names.map(parseName),
    publicKey: encodeSpki(createPublicKey(privateKey)),
    notBefore,
    notAfter: new Date(notBefore.getTime() + lifetimeMs),
  });
  await database.write(async (tx) => {
    await store.insertCertificate(tx, { ...issued, profile: 'server', names, issuedAt: now });
    await events.publish(tx, issuedEvent(issued, 'server', names));
  });
  return {
    identity: identityOf(issued, encodePrivateKey(privateKey), authorities),
    names,
    serialNumber: issued.serialNumber,
    notAfter: issued.notAfter,
    renewAt: renewalTime(issued),
  };
}

// Counted from what the certificate says, which is whole seconds: a short life would be over before its renewal.
function renewalTime({ notBefore, notAfter }: IssuedCertificate): number {
  return notBefore.getTime() + (notAfter.getTime() - notBefore.getTime()) * RENEW_AFTER;
}

function identityOf(issued: IssuedCertificate, privateKey: string, authorities: Authorities): ServerIdentity {
  const certificateChain = issued.pem + authorities.intermediate;
  return { privateKey, certificateChain, ticketKeys: randomBytes(TICKET_KEYS_BYTES) };
}

function parseName(name: string) {
  try {
    return parseSubjectName(name);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GatehouseError('config_invalid', `Setting ca.names is not valid: ${reason}.`, { cause: error });
  }
}
