// Identifiers of orders (RFC 8555 §9.7.7, RFC 8738): DNS names in A-label form, perhaps with a leading `*.`,
// and IP addresses. Refuses other text, labels whose Punycode is not valid, and names that `acme.names` does
// not list.
import { isIP } from 'node:net';
import { domainToUnicode } from 'node:url';
import { GatehouseError } from '@gatehouse/access';
import { parseSubjectName, X509Error } from '@gatehouse/x509';
import type { NameRules } from '../../ca/index.ts';
import { createNameRules } from '../../ca/index.ts';
import { NAMES_PER_ORDER } from '../limits.ts';
import { AcmeError, compoundError } from '../problem.ts';
import type { Networks } from '../validation/networks.ts';

export interface Identifier {
  type: 'dns' | 'ip';
  /** In canonical form: lower case; for IPv6 the form of RFC 5952. */
  value: string;
}

/** An identifier as a client sent it. */
export interface GivenIdentifier {
  type: string;
  value: string;
}

/** The names and addresses that may be ordered here. */
export interface IdentifierRules {
  names: NameRules;
  networks: Networks;
}

/**
 * Reads `acme.names`: `example.com` is only that name; `*.example.com` is every name below it at any depth,
 * also wildcards; a network or an address is for IP identifiers. An empty list allows every name that
 * validates, except `ownNames`, the names of our own certificate: any program on this machine could validate
 * them and impersonate us. They must be listed one by one. Throws `config_invalid`.
 */
export function createNamePolicy(rules: readonly string[], ownNames: readonly string[] = []): NameRules {
  try {
    return withoutOwn(createNameRules(rules), rules, ownNames);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GatehouseError('config_invalid', `Setting acme.names is not valid: ${reason}.`, {
      cause: error,
    });
  }
}

function withoutOwn(names: NameRules, rules: readonly string[], ownNames: readonly string[]): NameRules {
  const listed = new Set(rules.map(canonicalName));
  const own = ownNames.map(canonicalName).filter((name) => !listed.has(name));
  return {
    allows: (name) => names.allows(name) && !own.some((other) => covers(name, other) || covers(other, name)),
  };
}

/** A name of a certificate in the form of identifiers: lower case; for IPv6 the form of RFC 5952. */
export function canonicalName(name: string): string {
  return canonicalValue(isIP(name) === 0 ? 'dns' : 'ip', name) ?? name.toLowerCase();
}

/**
 * Whether a certificate for `name` is also valid for `other`: a wildcard matches exactly one label (RFC 9525
 * §6.3).
 */
function covers(name: string, other: string): boolean {
  return name === other || (name.startsWith('*.') && name.slice(1) === other.slice(other.indexOf('.')));
}

/**
 * The identifiers of a new order, in canonical form, each once. Throws `malformed`, `unsupportedIdentifier`,
 * `rejectedIdentifier`, or one error for several identifiers, with a subproblem for each.
 */
export function readIdentifiers(given: readonly GivenIdentifier[], rules: IdentifierRules): Identifier[] {
  const distinct = new Map(given.map((each) => [`${each.type} ${each.value.toLowerCase()}`, each]));
  if (distinct.size > NAMES_PER_ORDER) {
    throw new AcmeError('malformed', `An order has at most ${NAMES_PER_ORDER} identifiers.`);
  }
  const found = new Map<string, Identifier>();
  const errors: AcmeError[] = [];
  for (const each of distinct.values()) {
    const identifier = readIdentifier(each, rules);
    if (identifier instanceof AcmeError) errors.push(identifier);
    else found.set(identifier.value, identifier);
  }
  if (errors.length > 0) throw compoundError(errors);
  return [...found.values()];
}

/**
 * The identifier of a new authorization, in canonical form. Throws as `readIdentifiers`, and
 * `rejectedIdentifier` for a wildcard, which needs an order (RFC 8555 §7.4.1).
 */
export function readOneIdentifier(given: GivenIdentifier, rules: IdentifierRules): Identifier {
  const identifier = readIdentifier(given, rules);
  if (identifier instanceof AcmeError) throw identifier;
  if (!isWildcard(identifier)) return identifier;
  throw refused(
    'rejectedIdentifier',
    'A wildcard needs an order; it cannot be authorized without an order',
    identifier,
  );
}

/** The identifier for a name of a certificate. */
export function identifierOf(name: string): Identifier {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name };
}

export function isWildcard({ value }: Identifier): boolean {
  return value.startsWith('*.');
}

function readIdentifier(
  given: GivenIdentifier,
  { names, networks }: IdentifierRules,
): Identifier | AcmeError {
  const { type } = given;
  const quoted = JSON.stringify(given.value.slice(0, 80));
  if (type !== 'dns' && type !== 'ip') {
    return refused('unsupportedIdentifier', 'Identifiers are of the types dns and ip', given);
  }
  const identifier: Identifier = { type, value: canonicalValue(type, given.value) ?? '' };
  if (identifier.value === '') {
    return refused(
      'malformed',
      `${quoted} is not ${type === 'dns' ? 'a domain name' : 'an IP address'}`,
      given,
    );
  }
  if (!names.allows(identifier.value)) {
    return refused(
      'rejectedIdentifier',
      `${quoted} is not among the names that may be ordered here (acme.names)`,
      identifier,
    );
  }
  if (type === 'ip' && !networks.has(identifier.value)) {
    return refused(
      'rejectedIdentifier',
      `${quoted} is not in a network to which validation connects (acme.networks)`,
      identifier,
    );
  }
  return identifier;
}

function canonicalValue(type: Identifier['type'], text: string): string | undefined {
  // x509 also has names of other kinds, each with its prefix or sign.
  if (!/^[a-z0-9.:*-]+$/i.test(text) || (type === 'dns' && text.includes(':'))) return undefined;
  try {
    const name = parseSubjectName(text);
    if (name.type !== (type === 'dns' ? 'dNSName' : 'iPAddress')) return undefined;
    return type === 'dns' && hasStrayPunycode(name.value) ? undefined : name.value;
  } catch (error) {
    if (error instanceof X509Error) return undefined;
    throw error;
  }
}

/** Node does not change a label with Punycode that is not valid (RFC 5891 §5.4). */
function hasStrayPunycode(name: string): boolean {
  return name.includes('xn--') && /(^|\.)xn--/.test(domainToUnicode(name.replace(/^\*\./, '')));
}

function refused(
  type: 'malformed' | 'rejectedIdentifier' | 'unsupportedIdentifier',
  problem: string,
  identifier: { type: string; value: string },
): AcmeError {
  return new AcmeError(type, `${problem}.`, { identifier });
}
