// Debian's Pebble, the small ACME server of Let's Encrypt for tests of clients. It is strict, and can refuse
// valid nonces.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './conditions.ts';
import { ask } from './https-client.ts';
import { freePorts } from './ports.ts';
import { without } from './programs.ts';
import { createTestAuthority } from './test-authority.ts';

/** The value for `skip`. */
export const withoutPebble = without('pebble', '-h');

export interface PebbleOptions {
  /** The port to which it connects for http-01. */
  httpPort: number;
  /** The port to which it connects for tls-alpn-01. */
  tlsPort?: number;
  /** `ADDRESS:PORT` of its DNS server. */
  dns: string;
  /** The lifetime of the certificates that it issues. */
  lifetimeSeconds?: number;
  /** Key identifiers and HMAC keys. With them, every account needs one. */
  externalAccounts?: Record<string, string>;
  /** How many of a hundred valid nonces it refuses. */
  refusedNonces?: number;
}

export interface Pebble {
  /** URL of the directory. */
  directory: string;
  /** A file with the root of its own certificate. */
  trust: string;
  /** PEM of the root of its certificates. */
  root: string;
  /** Its log. */
  output(): string;
  /** Ends it. Its files stay. */
  end(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPebble(options: PebbleOptions): Promise<Pebble> {
  const { httpPort, tlsPort = 1, dns, lifetimeSeconds, externalAccounts, refusedNonces = 0 } = options;
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pebble-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const authority = createTestAuthority();
  const { cert, key } = authority.issue();
  const [port = 0, managementPort = 0] = await freePorts(2);
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: file('pebble.pem', cert),
    privateKey: file('pebble.key', key),
    httpPort,
    tlsPort,
    ...(lifetimeSeconds !== undefined && { certificateValidityPeriod: lifetimeSeconds }),
    externalAccountBindingRequired: externalAccounts !== undefined,
    externalAccountMACKeys: externalAccounts ?? {},
  };
  const config = file('config.json', JSON.stringify({ pebble }));
  const child = spawn('pebble', ['-config', config, '-strict', '-dnsserver', dns], {
    env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: String(refusedNonces) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const root = await eventually('Pebble', () =>
    ask({ port: managementPort, ca: authority.root, path: '/roots/0' }).then(
      (answer) => answer.text(),
      () => undefined,
    ),
  );
  async function end(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    kill();
    await ended;
    process.off('exit', kill);
  }

  return {
    directory: `https://localhost:${port}/dir`,
    trust: file('trust.pem', authority.root),
    root,
    output: () => output,
    end,
    async stop() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
