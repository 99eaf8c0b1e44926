// Which names may be certified: exact names, `*.example.com` for everything below (a wildcard there included), and networks in
// CIDR form for addresses. No rules at all allow every name.
import { BlockList, isIP } from 'node:net';

export interface NameRules {
  allows(name: string): boolean;
}

/** Throws `TypeError` for a rule that is none. */
export function createNameRules(rules: readonly string[]): NameRules {
  const exact = new Set<string>();
  const suffixes: string[] = [];
  // Apart from each other: one list takes an IPv4-mapped address for the address inside it.
  const networks = { 4: new BlockList(), 6: new BlockList() };
  for (const rule of rules.map((text) => text.toLowerCase())) {
    if (rule.includes('/') || isIP(rule) !== 0) addNetwork(networks, rule);
    else if (rule.startsWith('*.')) suffixes.push(rule.slice(1));
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

function addNetwork(networks: Record<4 | 6, BlockList>, rule: string): void {
  const [address = '', prefix] = rule.split('/');
  const family = isIP(address);
  const bits = family === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(/^\d{1,3}$/.test(prefix) ? prefix : Number.NaN);
  if ((family !== 4 && family !== 6) || !(length >= 0 && length <= bits)) {
    throw new TypeError(`not a network: ${rule}`);
  }
  networks[family].addSubnet(address, length, `ipv${family}`);
}
