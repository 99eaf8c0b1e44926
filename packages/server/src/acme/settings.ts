// The settings under `acme`.
import { z } from 'zod';
import { count, list, toggle } from '../platform/settings/setting-types.ts';

export const acmeSettings = z
  .strictObject({
    networks: list()
      .prefault(['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'])
      .describe(
        'Networks to which validation may connect; it never connects to link-local and metadata addresses',
      ),
    names: list()
      .prefault([])
      .describe(
        'Names that clients may order: exact names, `*.example.com` for all names below, networks; empty: all',
      ),
    httpPort: count({ min: 1, max: 65_535 }).prefault(80).describe('The port of http-01 challenges'),
    tlsPort: count({ min: 1, max: 65_535 }).prefault(443).describe('The port of tls-alpn-01 challenges'),
    resolver: z
      .string()
      .optional()
      .describe('DNS servers for validation, such as 127.0.0.1:53,[::1]:53; default: the system’s'),
    requireEab: toggle().describe('Whether new accounts need an external account binding'),
    profile: z
      .string()
      .default('server')
      .describe('The profile of ca.profiles for ACME certificates; it must be for servers'),
    accountsPerHour: count({ min: 1, max: 1_000_000 })
      .prefault(360)
      .describe('New accounts from one address in an hour, after its first hundred'),
    pendingAuthorizations: count({ min: 1, max: 1_000_000 })
      .prefault(2000)
      .describe('Pending authorizations of one account'),
  })
  .prefault({});

/** The effects of the authority's settings on ACME. */
export interface AuthorityFacts {
  /** The longest life in the profile of ACME's certificates, in seconds. */
  maxLifetime: number;
  /**
   * The names of our own certificate. Clients may reach us by them, so they can be ordered only if `names`
   * lists them.
   */
  ownNames: readonly string[];
}

export type AcmeSettings = z.output<typeof acmeSettings> & AuthorityFacts;
