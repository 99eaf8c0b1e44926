// Restricts the addresses of connections. It checks the address that is then connected to, so that a second
// DNS answer cannot differ.
import { type LookupAddress, lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { ClientError } from '../errors.ts';

/** Whether an address may be connected to. */
export type IsAllowed = (address: string) => boolean;

/** The error for a host that is itself a forbidden address. */
export function forbiddenAddress(
  hostname: string,
  isAllowed: IsAllowed | undefined,
): ClientError | undefined {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isAllowed === undefined || isIP(address) === 0 || isAllowed(address)) return undefined;
  return forbidden(hostname, address);
}

/** The option of node:net. Empty without a restriction. */
export function guardedLookup(isAllowed: IsAllowed | undefined): { lookup?: LookupFunction } {
  if (isAllowed === undefined) return {};
  return {
    lookup: (hostname, options, callback) =>
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return callback(error, '');
        const refused = addresses.find(({ address }) => !isAllowed(address));
        if (refused !== undefined) return callback(forbidden(hostname, refused.address), '');
        const [first] = addresses as [LookupAddress];
        if (options.all === true) return callback(null, addresses);
        callback(null, first.address, first.family);
      }),
  };
}

function forbidden(hostname: string, address: string): ClientError {
  const message = `${hostname} leads to ${address}, which is not a public address: this client connects to public addresses only`;
  return new ClientError('forbidden_address', message);
}
