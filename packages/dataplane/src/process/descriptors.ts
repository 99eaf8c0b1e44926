// How many descriptors the process may have, and the number of clients that fit. Each open file and each
// connection needs one. If clients used all of them, requests could reach no upstream.
import { readFileSync } from 'node:fs';

/** For the link, the access log, the listener, and the files of the runtime. */
const RESERVED = 64;
/** The most connections to one upstream. */
const UPSTREAM = 1024;
/** The share of the descriptors for upstreams, if there are few descriptors. */
const UPSTREAM_PART = 1 / 4;

/** The limit of this process (getrlimit(2)); infinite if the system does not show it. */
export function descriptorLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** At most `wanted` clients. */
export function clientsWithin(descriptors: number, wanted: number): number {
  return Math.max(1, Math.min(wanted, descriptors - RESERVED - connectionsOfUpstream(descriptors)));
}

/** How many connections to one upstream may be open. */
export function connectionsOfUpstream(descriptors: number): number {
  return Math.max(1, Math.min(UPSTREAM, Math.floor(descriptors * UPSTREAM_PART)));
}
