// Sends clients the message that a person has signed out, and sends it again if a client does not take it
// (OpenID Connect Back-Channel Logout 1.0 §2.5). What waits is only in memory: the tokens of the session are
// void in any case.
import type { Clock } from '@gatehouse/access';
import type { Provider } from 'oidc-provider';
import type { Job } from '../../platform/jobs/jobs.ts';
import type { Log } from '../../platform/log/log.ts';

/** Sends a new logout token, because one is valid only for two minutes. */
export type Attempt = () => Promise<void>;

export interface LogoutMessages {
  /** Resolves after the first attempt, whatever the client answered. */
  send(client: string, attempt: Attempt): Promise<void>;
  /** Sends again what is due. */
  job: Job;
}

interface Waiting {
  client: string;
  attempt: Attempt;
  /** How many attempts failed. */
  failures: number;
  dueAt: number;
}

const INTERVAL_SECONDS = 5;
/** After each failure. Then the client does not get the message. */
const PAUSES_SECONDS = [10, 60, 600];
/** Clients that are down must not fill the memory. */
const MOST_WAITING = 1000;
const AT_ONCE = 16;

export function createLogoutMessages(deps: { clock: Clock; log: Pick<Log, 'event'> }): LogoutMessages {
  const { clock, log } = deps;
  let waiting: Waiting[] = [];

  async function send({ client, attempt, failures }: Omit<Waiting, 'dueAt'>): Promise<void> {
    try {
      await attempt();
    } catch (error) {
      const pause = isFinal(error) ? undefined : PAUSES_SECONDS[failures];
      const again = pause !== undefined && waiting.length < MOST_WAITING;
      log.event('oauth.client_not_told', { error, client, again });
      if (!again) return;
      waiting.push({ client, attempt, failures: failures + 1, dueAt: clock.now() + pause * 1000 });
    }
  }

  return {
    send: (client, attempt) => send({ client, attempt, failures: 0 }),
    job: {
      name: 'tell clients again that people signed out',
      intervalSeconds: INTERVAL_SECONDS,
      async run() {
        const due = waiting.filter(({ dueAt }) => dueAt <= clock.now()).slice(0, AT_ONCE);
        waiting = waiting.filter((each) => !due.includes(each));
        await Promise.all(due.map(send));
      },
    },
  };
}

/** The client has read the message, and refuses it (§2.8). */
function isFinal(error: unknown): boolean {
  const { response } = Object(error) as { response?: { status: number } };
  return response !== undefined && response.status < 500 && ![408, 429].includes(response.status);
}

/** The types of oidc-provider do not have this method, which rejects if the client cannot be reached. */
export function sendAgain({ Client }: Provider, messages: LogoutMessages): void {
  const { backchannelLogout } = Client.prototype as unknown as BackChannelClient;
  Object.assign(Client.prototype, {
    backchannelLogout(this: BackChannelClient, sub: string, sid: string) {
      return messages.send(this.clientId, () => backchannelLogout.call(this, sub, sid));
    },
  });
}

interface BackChannelClient {
  clientId: string;
  backchannelLogout(sub: string, sid: string): Promise<void>;
}
