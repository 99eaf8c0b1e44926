// The settings under `ca`. Lifetimes are in seconds.
import { isTrustDomain } from '@gatehouse/access';
import { PRIVATE_KEY_TYPES } from '@gatehouse/x509';
import { z } from 'zod';
import { duration, list } from '../platform/settings/setting-types.ts';

const YEAR_SECONDS = 365 * 86_400;

/** A profile for certificates of one kind. The settings can replace these purposes. */
function profile(purposes: ('server' | 'client')[]) {
  return z.strictObject({
    purposes: list()
      .pipe(z.array(z.enum(['server', 'client'])).min(1, 'must name at least one purpose'))
      .prefault(purposes)
      .describe('The purposes of the certificates'),
    names: list()
      .prefault([])
      .describe(
        'Names that may be certified: exact names, `*.example.com` for all names below, networks; empty: all',
      ),
    lifetime: duration('24h', { min: 10, max: 2 * YEAR_SECONDS }).describe(
      'The lifetime, if the request does not give one',
    ),
    maxLifetime: duration('720h', { min: 10, max: 2 * YEAR_SECONDS }).describe(
      'The longest lifetime that a request may give',
    ),
    keyTypes: list()
      .pipe(z.array(z.enum(PRIVATE_KEY_TYPES)).min(1, 'must name at least one kind of key'))
      .prefault([...PRIVATE_KEY_TYPES])
      .describe('Kinds of key that certificates may have'),
  });
}

export const caSettings = z
  .strictObject({
    name: z.string().min(1).max(50).default('Gatehouse').describe('The organisation in our certificates'),
    names: list()
      .prefault([])
      .describe('More names of the server certificate, besides localhost, 127.0.0.1 and ::1'),
    trustDomain: z
      .string()
      .refine(isTrustDomain, 'must have only lower-case letters, digits and ._-, such as example.org')
      .default('gatehouse.internal')
      .describe('The SPIFFE trust domain in client certificates; use a domain that you own')
      .meta({ examples: ['example.org'] }),
    keyType: z
      .enum(PRIVATE_KEY_TYPES)
      .default('P-256')
      .describe('Kind of key of the authorities that the first start creates, and of the server certificate'),
    rootLifetime: duration('3650d', { min: 60, max: 40 * YEAR_SECONDS }).describe(
      'Lifetime of a root that Gatehouse creates',
    ),
    intermediateLifetime: duration('1825d', { min: 30, max: 20 * YEAR_SECONDS }).describe(
      'Lifetime of an intermediate; rotated after two thirds of it',
    ),
    serverLifetime: duration('720h', { min: 2, max: 30 * 86_400 }).describe(
      'Lifetime of the server certificate; renewed after two thirds of it',
    ),
    crlLifetime: duration('24h', { min: 2, max: 30 * 86_400 }).describe(
      'How long a revocation list is valid; replaced after half of it and after every revocation',
    ),
    ocspLifetime: duration('1h', { min: 2, max: 7 * 86_400 }).describe('How long an OCSP answer is valid'),
    profiles: z
      .object({
        server: profile(['server']).prefault({}),
        client: profile(['client']).prefault({}),
        peer: profile(['server', 'client']).prefault({}),
      })
      .catchall(profile(['server']))
      .prefault({})
      .describe('What certificates may contain, by profile; you may add more profiles'),
  })
  .prefault({});

export type CaSettings = z.output<typeof caSettings>;

/** The rules for certificates of one profile. */
export type ProfileSettings = CaSettings['profiles'][string];
