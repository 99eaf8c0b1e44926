// Chooses the runtime of the gateway's processes: Bun on Linux, Node on other systems, and Node if a setting
// needs something that Bun's sockets cannot do. docs/tls.md lists the differences.
import { GatehouseError } from '@gatehouse/access';
import type { OrderSettings } from '../../acme-client/index.ts';
import type { TlsSettings } from '../../platform/tls/tls-settings.ts';
import { SUITES_13 } from '../../platform/tls/tls-suites.ts';

export type TransportName = 'bun' | 'node';

export interface TransportChoice {
  transport: TransportName;
  /** For the log: why the runtime is not Bun; undefined if it is. */
  because: string | undefined;
}

export interface TransportWish {
  /** `gateway.transport`. */
  setting: 'auto' | TransportName;
  tls: TlsSettings;
  /** `gateway.acme`. */
  acme: readonly Pick<OrderSettings, 'challenge'>[];
  /** The key types of the authorities and of the listener's certificates, such as `P-256` or `ec`. */
  keyTypes: readonly string[];
  /** `process.platform`. */
  platform: NodeJS.Platform;
}

/** Throws `config_invalid` if Bun is required together with a setting that it does not support. */
export function chooseTransport({ setting, tls, acme, keyTypes, platform }: TransportWish): TransportChoice {
  if (setting === 'node') return { transport: 'node', because: 'gateway.transport is node' };
  const [obstacle] = [...obstaclesFor(tls), ...challengeObstacles(acme), ...keyObstacles(keyTypes)];
  if (setting === 'bun') {
    if (obstacle === undefined) return { transport: 'bun', because: undefined };
    throw new GatehouseError(
      'config_invalid',
      `Setting gateway.transport is not valid: Bun does not support a setting (${obstacle}): use auto or node.`,
    );
  }
  if (obstacle !== undefined) return { transport: 'node', because: obstacle };
  if (platform === 'linux') return { transport: 'bun', because: undefined };
  return { transport: 'node', because: `this platform is ${platform}, not Linux` };
}

// Found by experiment with Bun 1.4.5, whose TLS is BoringSSL.
const GROUPS_OF_BUN: readonly string[] = ['X25519MLKEM768', 'X25519', 'P-256', 'P-384', 'P-521'];

/** The first setting that Bun does not support. */
function obstaclesFor({ suites, groups, keyLog, stapling, maxVersion }: TlsSettings): string[] {
  const newSuites = suites.filter((suite) => suite.startsWith('TLS_'));
  const isChosen = maxVersion === 'TLSv1.3' && newSuites.join() !== SUITES_13.join();
  const unknown = groups.find((group) => !GROUPS_OF_BUN.includes(group));
  return [
    ...(isChosen ? ['tls.suites chooses among the suites of TLS 1.3'] : []),
    ...(unknown === undefined ? [] : [`tls.groups has ${unknown}`]),
    ...(stapling === 'always' ? ['tls.stapling is always'] : []),
    ...(keyLog === undefined ? [] : ['tls.keyLog is set']),
  ];
}

// With Bun, we learn which protocols a client offers (ALPN) only after the certificate was chosen.
function challengeObstacles(acme: TransportWish['acme']): string[] {
  return acme.some(({ challenge }) => challenge === 'tls-alpn-01')
    ? ['gateway.acme has a challenge of tls-alpn-01']
    : [];
}

// BoringSSL knows neither ML-DSA (FIPS 204) nor keys that are for RSA-PSS alone (RFC 8017 §A.2.3).
const KEYS_OF_BUN = /^(?:ec|p-\d+|rsa(?:-\d+)?|ed25519)$/i;

function keyObstacles(keyTypes: readonly string[]): string[] {
  return keyTypes.filter((type) => !KEYS_OF_BUN.test(type)).map((type) => `certificates have ${type} keys`);
}

/** Why workers on Bun cannot use keys of these types, and the remedy; undefined if they can. */
export function obstacleOnBun(
  keyTypes: readonly string[],
  setting: TransportWish['setting'],
): string | undefined {
  const [obstacle] = keyObstacles(keyTypes);
  if (obstacle === undefined) return undefined;
  const remedy =
    setting === 'bun' ? 'set gateway.transport to auto, and restart Gatehouse' : 'restart Gatehouse';
  return `${obstacle}, which the running workers cannot use, because they run on Bun: ${remedy}`;
}
