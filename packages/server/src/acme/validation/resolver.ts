// Names to addresses, and TXT records (RFC 8555 §8.4): asked of `acme.resolver`, or of the system. `localhost` and all below it are
// this machine, whatever a resolver says (RFC 6761 §6.3).
import { Resolver as DnsResolver, lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { GatehouseError } from '../../platform/errors.ts';
import { AcmeError, shown } from '../problem.ts';
import { codeOf } from './failure.ts';

export interface Resolver {
  /** IP addresses, IPv4 first. Throws AcmeError `dns`. */
  addresses(name: string): Promise<string[]>;
  /** The TXT records, each as one text; CNAMEs were followed by whoever resolves. Throws AcmeError `dns`. */
  texts(name: string): Promise<string[]>;
}

const LOOPBACK = ['127.0.0.1', '::1'];
const QUERY = { timeout: 2500, tries: 2 };

/** `server`: an IP address, perhaps with a port; undefined for the system's. Throws `config_invalid`. */
export function createResolver(server: string | undefined): Resolver {
  const dns = new DnsResolver(QUERY);
  if (server !== undefined) useServer(dns, server);
  const addresses = server === undefined ? systemAddresses : (name: string) => askedAddresses(dns, name);
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

function useServer(dns: DnsResolver, server: string): void {
  try {
    // `::1` alone is an address; with a port it must be [::1]:53, as Node wants it.
    dns.setServers([isIP(server) === 6 ? `[${server}]` : server]);
  } catch (error) {
    throw new GatehouseError(
      'config_invalid',
      `Setting acme.resolver is not valid: "${server}" must be an address such as 127.0.0.1:53 or [::1]:53.`,
      { cause: error },
    );
  }
}

/** As other programs of this machine see it: its hosts file counts. */
async function systemAddresses(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true, order: 'ipv4first' });
  return found.map(({ address }) => address);
}

async function askedAddresses(dns: DnsResolver, name: string): Promise<string[]> {
  const [v4, v6] = await Promise.allSettled([dns.resolve4(name), dns.resolve6(name)]);
  const found = [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length === 0 && v4.status === 'rejected') throw v4.reason;
  return found;
}

async function resolving<T>(name: string, ask: () => Promise<T[]>): Promise<T[]> {
  try {
    return await ask();
  } catch (error) {
    throw new AcmeError('dns', `Looking up ${shown(name)} failed (${codeOf(error)}).`, { cause: error });
  }
}
