// The names that may be certified: exact names, `*.example.com` for everything below (also wildcards), and
// networks in CIDR form for addresses. Without rules every name is allowed. Refuses rules that no name can
// match.
import { BlockList, isIP } from 'node:net';
import { parseSubjectName, X509Error } from '@gatehouse/x509';

export interface NameRules {
  allows(name: string): boolean;
}

/**
 * The kind of owner of the names. Users and services may have names that are not allowed for servers:
 * `build_bot`, `alice@example.com`.
 */
export type NamedParty = 'server' | 'owner';

/** Throws `TypeError` if the text is no rule. It quotes the text and says what to write. */
export function createNameRules(rules: readonly string[], party: NamedParty = 'server'): NameRules {
  const exact = new Set<string>();
  const suffixes: string[] = [];
  // Separate lists, because a BlockList treats an IPv4-mapped address as the address inside it.
  const networks = { 4: new BlockList(), 6: new BlockList() };
  for (const text of rules) {
    const rule = text.toLowerCase();
    if (rule.includes('/') || isIP(rule) !== 0) {
      addNetwork(networks, text);
      continue;
    }
    REQUIRE_NAME[party](text);
    if (rule.startsWith('*.')) suffixes.push(rule.slice(1));
    else exact.add(rule);
  }
  return {
    allows(name) {
      if (rules.length === 0) return true;
      const lower = name.toLowerCase();
      const family = isIP(lower);
      if (family === 4 || family === 6) return networks[family].check(lower, `ipv${family}`);
      return exact.has(lower) || suffixes.some((suffix) => isBelow(lower, suffix));
    },
  };
}

function isBelow(name: string, suffix: string): boolean {
  return name.length > suffix.length && name.endsWith(suffix);
}

const REQUIRE_NAME: Readonly<Record<NamedParty, (rule: string) => void>> = {
  server: requireDnsName,
  owner: requireOwnerName,
};

/** With the prefix DNS: the parser refuses mailboxes and URIs, which are other kinds of names. */
function requireDnsName(rule: string): void {
  try {
    parseSubjectName(`DNS:${rule}`);
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    throw noRule(error.message, { cause: error });
  }
}

/** The name of a user or a service, or the end of such a name. */
const OWNER_NAME = /^(?:\*\.|[a-z0-9])[a-z0-9._@-]{0,63}$/i;

function requireOwnerName(rule: string): void {
  if (OWNER_NAME.test(rule)) return;
  throw new TypeError(
    `${quote(rule)} is not the name of a user or a service; write one such as billing, or *.example.com for all names that end like this`,
  );
}

function noRule(problem: string, options?: ErrorOptions): TypeError {
  return new TypeError(
    `${problem}; write a name such as example.com, or *.example.com for all below it, or a network such as 10.0.0.0/8`,
    options,
  );
}

/** On one line, and truncated. */
function quote(rule: string): string {
  return JSON.stringify(rule.slice(0, 80));
}

function addNetwork(networks: Record<4 | 6, BlockList>, rule: string): void {
  // A zone names an interface of this machine (RFC 4007 §11), so it does not belong in a certificate.
  const [, address = '', prefix] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(rule) ?? [];
  const family = isIP(address);
  const bits = family === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if ((family !== 4 && family !== 6) || length > bits) {
    throw noRule(`${quote(rule)} is neither an IP address nor a network in CIDR form`);
  }
  networks[family].addSubnet(address, length, `ipv${family}`);
}
