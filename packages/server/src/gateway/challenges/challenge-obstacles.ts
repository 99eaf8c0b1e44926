// The requirements of the challenges of `gateway.acme`, and the changes that need a restart.
import { GatehouseError } from '@gatehouse/access';
import type { OrderSettings } from '../../acme-client/index.ts';
import type { WorkerState } from '../processes/supervisor.ts';
import type { GatewaySettings } from '../settings.ts';

export interface ChallengePlaces {
  acme: readonly Pick<OrderSettings, 'challenge' | 'names'>[];
  /** The value at the start of the server. */
  httpListen?: unknown;
}

/** Why the running workers cannot answer tls-alpn-01, and the remedy; undefined if they can answer it. */
export function alpnObstacle(
  workers: readonly Pick<WorkerState, 'runtime'>[],
  setting: GatewaySettings['transport'],
): string | undefined {
  if (!workers.some(({ runtime }) => runtime.startsWith('Bun'))) return undefined;
  const remedy =
    setting === 'bun' ? 'set gateway.transport to auto, and restart Gatehouse' : 'restart Gatehouse';
  return `which the running workers cannot answer, because they run on Bun: ${remedy}`;
}

/**
 * Throws `config_invalid` for a challenge that no listener would answer. `obstacle` is the reason why the
 * workers cannot answer tls-alpn-01.
 */
export function requireAnswers({ acme, httpListen }: ChallengePlaces, obstacle: string | undefined): void {
  acme.forEach(({ challenge }, index) => {
    const reason = reasonAgainst(challenge, { httpListen, obstacle });
    if (reason === undefined) return;
    const setting = `gateway.acme[${index}].challenge`;
    throw new GatehouseError(
      'config_invalid',
      `Setting ${setting} is not valid: it is ${challenge}, ${reason}.`,
    );
  });
}

function reasonAgainst(
  challenge: OrderSettings['challenge'],
  { httpListen, obstacle }: { httpListen: unknown; obstacle: string | undefined },
): string | undefined {
  if (challenge === 'tls-alpn-01') return obstacle;
  if (challenge !== 'http-01' || httpListen !== undefined) return undefined;
  return 'which needs plain HTTP: set gateway.httpListen, such as ":80", and restart Gatehouse';
}
