// Tells clients that a person has signed out (OpenID Connect Back-Channel Logout 1.0). A message is stored in
// the transaction that ends the session, so no crash loses it. If a client does not accept it, it is sent
// again (§2.5). Each client has separate messages, so a client that does not answer does not delay others.
import type { Clock } from '@gatehouse/access';
import type { Provider } from 'oidc-provider';
import type { Job } from '../../platform/jobs/jobs.ts';
import type { Log } from '../../platform/log/log.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { LogoutRow } from '../store/rows.ts';
import type { OauthStore } from '../store/store.ts';

/** A person's session at a client has ended. */
export interface LogoutMessage {
  client: string;
  user: string;
  /** The `sid` of the ID token. Each client has its own. */
  sid: string;
}

export interface LogoutMessages {
  /** Stores a message, and sends it after the transaction. Ignores another message with the same `sid`. */
  add(tx: Tx, message: LogoutMessage): Promise<void>;
  /** Sends the messages of an earlier process, without waiting for the result. */
  start(): void;
  /** Sends the messages that are due again. */
  job: Job;
}

export interface LogoutMessagesDeps {
  database: Database;
  store: OauthStore;
  clock: Clock;
  log: Pick<Log, 'event'>;
  /** Sends it, with a new logout token, because one is valid only for two minutes. */
  attempt(message: LogoutMessage): Promise<void>;
}

const INTERVAL_SECONDS = 5;
/** The pauses after failures. After the last one, the client does not get the message. */
const PAUSES_SECONDS = [10, 60, 600];
/** The most messages to one client at once. */
const AT_ONCE = 16;
/** After this time, the next run continues, so that a server that stops waits for no client. */
const RUN_MS = 2000;
/** How long the `sid` of a sent message is remembered. */
const REMEMBERED_MS = 3600 * 1000;

export function createLogoutMessages(deps: LogoutMessagesDeps): LogoutMessages {
  const { database, store, clock, log, attempt } = deps;
  /** The messages that are being sent, by client. */
  const sending = new Map<string, Promise<void>>();

  /** False if the client did not accept it. */
  async function send({ client, user_name: user, sid, failures }: LogoutRow): Promise<boolean> {
    const failure = await attempt({ client, user, sid }).then(
      () => undefined,
      (error: unknown) => ({ error, isFinal: isFinal(error) }),
    );
    const pause = failure && !failure.isFinal ? PAUSES_SECONDS[failures] : undefined;
    const again = pause !== undefined;
    if (failure) log.event('oauth.client_not_told', { error: failure.error, client, again });
    const now = clock.now();
    const change = {
      failures: failures + 1,
      due_at: again ? now + pause * 1000 : null,
      ends_at: now + REMEMBERED_MS,
    };
    await database.write((tx) => store.updateLogout(tx, sid, change));
    return failure === undefined || failure.isFinal;
  }

  async function sendTo(client: string): Promise<void> {
    const end = clock.now() + RUN_MS;
    do {
      const due = await store.dueLogouts(database.read, { client, now: clock.now(), limit: AT_ONCE });
      if (due.length === 0) return;
      const taken = await Promise.all(due.map(send));
      if (taken.includes(false)) return;
    } while (clock.now() < end);
  }

  async function sendDue(): Promise<void> {
    for (const client of await store.clientsWithDueLogouts(database.read, clock.now())) {
      if (!sending.has(client))
        sending.set(
          client,
          sendTo(client).finally(() => sending.delete(client)),
        );
    }
    await Promise.all(sending.values());
  }

  function start(): void {
    sendDue().catch((error: unknown) => log.event('oauth.back_channel_failed', { error }));
  }

  return {
    async add(tx, { client, user, sid }) {
      const now = clock.now();
      const row = { sid, client, user_name: user, failures: 0, due_at: now, ends_at: now + REMEMBERED_MS };
      if (await store.insertLogout(tx, row)) tx.afterCommit(start);
    },
    start,
    job: {
      name: 'send clients the messages about sign-outs',
      intervalSeconds: INTERVAL_SECONDS,
      run: sendDue,
    },
  };
}

/** The client has read the message and refuses it (§2.8). */
function isFinal(error: unknown): boolean {
  const { response } = Object(error) as { response?: { status: number } };
  return response !== undefined && response.status < 500 && ![408, 429].includes(response.status);
}

/**
 * Makes oidc-provider store its messages. Returns a function that sends one. The types of oidc-provider do
 * not have this method.
 */
export function storeLogouts(
  { Client }: Provider,
  store: (message: LogoutMessage) => Promise<void>,
): LogoutMessagesDeps['attempt'] {
  const { backchannelLogout } = Client.prototype as unknown as BackChannelClient;
  Object.assign(Client.prototype, {
    backchannelLogout(this: BackChannelClient, user: string, sid: string) {
      return store({ client: this.clientId, user, sid });
    },
  });
  return async ({ client: id, user, sid }) => {
    const client = (await Client.find(id)) as BackChannelClient | undefined;
    // A client that was removed or disabled meanwhile gets no message.
    if (client?.backchannelLogoutUri !== undefined) await backchannelLogout.call(client, user, sid);
  };
}

interface BackChannelClient {
  clientId: string;
  backchannelLogoutUri?: string;
  backchannelLogout(sub: string, sid: string): Promise<void>;
}
