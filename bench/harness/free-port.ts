// Free ports on loopback.
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

/** `count` different free ports. It holds all of them until it has found the last. */
export async function freePorts(count: number): Promise<number[]> {
  const probes = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = probes.map((probe) => (probe.address() as AddressInfo).port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}

function listenAnywhere() {
  const probe = createServer();
  return new Promise<typeof probe>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen({ host: '127.0.0.1', port: 0 }, () => resolve(probe));
  });
}
