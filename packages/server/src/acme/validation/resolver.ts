// Looks up addresses and TXT records (RFC 8555 §8.4), by `acme.resolver` or by the system. `localhost` and
// all names below it are always this machine (RFC 6761 §6.3). If a server or a question gets no answer, there
// is time for the others.
import { Resolver as DnsResolver, lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { GatehouseError } from '@gatehouse/access';
import { AcmeError, truncated } from '../problem.ts';
import { codeOf } from './failure.ts';
import { settledWithin } from './settled-within.ts';

export interface Resolver {
  /** IP addresses, IPv4 first. Throws AcmeError `dns`. */
  addresses(name: string): Promise<string[]>;
  /** The TXT records, each as one text; the resolver follows CNAMEs. Throws AcmeError `dns`. */
  texts(name: string): Promise<string[]>;
}

const LOOPBACK = ['127.0.0.1', '::1'];

/**
 * Asks every server in turn, then once more with twice the time. This takes 7.5 of the ten seconds of a
 * validation.
 */
const FIRST_ROUND_MS = 2500;
const ROUNDS = 2;

/**
 * `servers`: IP addresses, perhaps with ports, separated by commas; undefined for the system's. Throws
 * `config_invalid`.
 */
export function createResolver(servers: string | undefined): Resolver {
  const asked = servers?.split(',').map((server) => server.trim());
  const count = (asked ?? new DnsResolver().getServers()).length;
  const dns = new DnsResolver({ timeout: Math.ceil(FIRST_ROUND_MS / Math.max(count, 1)), tries: ROUNDS });
  if (asked !== undefined) useServers(dns, asked);
  const addresses = asked === undefined ? systemAddresses : (name: string) => askedAddresses(dns, name);
  return {
    async addresses(name) {
      const lower = name.toLowerCase().replace(/\.$/, '');
      if (lower === 'localhost' || lower.endsWith('.localhost')) return LOOPBACK;
      return resolving(name, () => addresses(name));
    },
    async texts(name) {
      const records = await resolving(name, () => dns.resolveTxt(name));
      return records.map((chunks) => chunks.join(''));
    },
  };
}

function useServers(dns: DnsResolver, servers: readonly string[]): void {
  try {
    // `::1` is an address without a port; with a port, Node requires [::1]:53.
    dns.setServers(servers.map((server) => (isIP(server) === 6 ? `[${server}]` : server)));
  } catch (error) {
    throw new GatehouseError(
      'config_invalid',
      `Setting acme.resolver is not valid: "${servers.join(',')}" must be an address such as 127.0.0.1:53 ` +
        'or [::1]:53, or several with commas between.',
      { cause: error },
    );
  }
}

/** A look-up by the system cannot be stopped. After this time its answer is ignored. */
const SYSTEM_TIMEOUT_MS = 8000;

/** The look-up of the system, like other programs on this machine, including the hosts file. */
async function systemAddresses(name: string): Promise<string[]> {
  const looking = lookup(name, { all: true, order: 'ipv4first' });
  const found = await settledWithin(looking, SYSTEM_TIMEOUT_MS);
  if (found) return found.map(({ address }) => address);
  throw new AcmeError(
    'dns',
    `Looking up ${truncated(name)} took more than ${SYSTEM_TIMEOUT_MS / 1000} seconds.`,
  );
}

/**
 * How long the addresses of one family wait for those of the other, because some servers never answer a
 * question for AAAA. No person waits here, so it is more than the 50 ms of RFC 8305 §3.
 */
const RESOLUTION_DELAY_MS = 1000;

async function askedAddresses(dns: DnsResolver, name: string): Promise<string[]> {
  const families = [dns.resolve4(name), dns.resolve6(name)];
  const both = Promise.allSettled(families);
  const first = await Promise.any(families).catch(({ errors }: AggregateError) => {
    throw errors[0];
  });
  const answers = await settledWithin(both, RESOLUTION_DELAY_MS);
  return answers?.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])) ?? first;
}

async function resolving<T>(name: string, ask: () => Promise<T[]>): Promise<T[]> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AcmeError) throw error;
    throw new AcmeError('dns', `Looking up ${truncated(name)} failed (${codeOf(error)}).`, { cause: error });
  }
}
