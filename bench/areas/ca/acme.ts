// ACME orders over http-01 beside Caddy's `acme_server`: first four clients with an account each, then one
// account with eight orders at a time, of which some servers lose some.
import type { Area } from '../../harness/area.ts';
import { buildsOf } from '../../harness/builds.ts';
import type { Contender, OwnSite } from '../../harness/contender.ts';
import type { StartedAcme } from '../../harness/contenders/caddy-acme.ts';
import { caddyAcme } from '../../harness/contenders/caddy-acme.ts';
import { gatehouseAcme } from '../../harness/contenders/gatehouse-acme.ts';
import { loadConnections } from '../../harness/load.ts';
import { poll } from '../../harness/poll.ts';
import { errorsOf, markdownTable, resultsTable } from '../../harness/results-table.ts';
import type { Subject } from '../../harness/rounds.ts';
import { measureRounds } from '../../harness/rounds.ts';
import type { Scene } from '../../harness/scene.ts';
import { missingLines, occasion, roundsLine, runPart, siteOf } from '../../harness/scene.ts';
import type { AcmeAccount, AcmeSession } from './acme-client.ts';
import { openAcmeSession } from './acme-client.ts';
import type { PreparedRequest } from './certificate-requests.ts';
import { prepareRequests } from './certificate-requests.ts';
import { HTTP_PORT, serveChallenges } from './challenge-answers.ts';
import { createReasons, reasonLines } from './reasons.ts';

// An order runs much code, which is compiled while it runs.
const WARM_UP_SECONDS = 15;
const UNIT = 'orders';
const CLIENTS = 4;
const ORDERS_OF_ONE_ACCOUNT = 300;
const AT_A_TIME = 8;

export const area: Area = (options) =>
  runPart({ name: 'ca-acme', title: 'ca: ACME orders' }, options, async (scene) => {
    const challenges = await serveChallenges(scene.stack);
    const mayRunCaddy = challenges.port === HTTP_PORT;
    const ours = buildsOf(options).map((build) => gatehouseAcme(build, challenges.port));
    const known = [...ours, ...(mayRunCaddy ? [caddyAcme] : [])];
    const contenders = known.filter(({ version }) => version() !== undefined);
    const orders = { answers: challenges.answers, requests: prepareRequests(challenges.addresses) };
    const subjects: AcmeSubject[] = [];
    for (const contender of contenders) subjects.push(await startOne(contender, orders, scene));
    const samples = await measureRounds(subjects, {
      ...scene,
      unit: UNIT,
      warmUpSeconds: WARM_UP_SECONDS,
      say: console.log,
    });
    const rows = [...samples].map(([{ name }, own]) => ({ name, samples: own }));
    const ofOneAccount: OneAccount[] = [];
    for (const subject of subjects) ofOneAccount.push(await orderForOneAccount(subject, orders, scene));
    return {
      paragraphs: [
        occasion(contenders),
        conditions(scene, challenges.port),
        resultsTable(rows, { unit: UNIT, mayFail: true }),
        `${ORDERS_OF_ONE_ACCOUNT} orders of one account, ${AT_A_TIME} at a time:`,
        markdownTable(['contender', 'succeeded', 'failed'], ofOneAccount.map(oneAccountCells)),
        ...subjects.flatMap(({ name, reasons }) => reasonLines(name, reasons)),
        ...missingLines(known),
        ...(mayRunCaddy
          ? []
          : ['Caddy: not run, since it validates on port 80 alone, which is not free here']),
      ],
      isSound: errorsOf(rows[0]?.samples ?? []) + (ofOneAccount[0]?.failed ?? 0) === 0,
    };
  });

interface AcmeSubject extends Subject {
  server: StartedAcme;
  reasons: Map<string, number>;
}

interface Orders {
  answers: Map<string, string>;
  /** An account orders each name once, so that no earlier validation is reused. */
  requests: readonly PreparedRequest[];
}

async function startOne(
  contender: Contender<OwnSite, StartedAcme>,
  orders: Orders,
  scene: Scene,
): Promise<AcmeSubject> {
  const server = await contender.start(await siteOf(contender, scene));
  const sessions = await openSessions(server, { ...orders, count: CLIENTS }, scene);
  const clients = await Promise.all(sessions.map((session) => createClient(session, orders)));
  const { reasons, failed } = createReasons();
  return {
    name: contender.name,
    program: server.program,
    server,
    reasons,
    load: (duration) =>
      loadConnections({ ...duration, connections: CLIENTS, failed }, async (connection) => {
        await clients[connection]?.order();
      }),
  };
}

/** Orders names in turn, and creates a new account when the old one has ordered all of them. */
async function createClient(session: AcmeSession, { requests }: Orders) {
  let account = await session.register();
  let left = [...requests];
  return {
    async order(): Promise<void> {
      const request = left.pop();
      if (request) return session.order(account, request);
      account = await session.register();
      left = [...requests];
      return this.order();
    },
  };
}

interface OneAccount {
  name: string;
  failed: number;
}

/** Another account than those of the rounds. */
async function orderForOneAccount(
  { name, server, reasons }: AcmeSubject,
  orders: Orders,
  scene: Scene,
): Promise<OneAccount> {
  const sessions = await openSessions(server, { ...orders, count: AT_A_TIME }, scene);
  const account = await sessions[0]?.register();
  if (!account) throw new TypeError('there is no session');
  const left = orders.requests.slice(0, ORDERS_OF_ONE_ACCOUNT);
  const own = createReasons(reasons);
  const orderUntilDone = async (session: AcmeSession, itsAccount: AcmeAccount) => {
    for (let request = left.pop(); request; request = left.pop()) {
      await session.order(itsAccount, request).catch((error: Error) => own.failed(error.message));
    }
  };
  await Promise.all(sessions.map((session) => orderUntilDone(session, account)));
  return { name, failed: own.count() };
}

/** Waits until the server answers. */
async function openSessions(
  server: StartedAcme,
  { answers, count }: Pick<Orders, 'answers'> & { count: number },
  { signal, stack }: Scene,
): Promise<AcmeSession[]> {
  await poll(
    async () => {
      server.program.assertRunning();
      return openAcmeSession(server, answers).then(
        (session) => {
          session.close();
          return true;
        },
        () => false,
      );
    },
    { what: 'the start of an ACME server', signal },
  );
  const sessions = await Promise.all(Array.from({ length: count }, () => openAcmeSession(server, answers)));
  stack.defer(() => {
    for (const session of sessions) session.close();
  });
  return sessions;
}

function oneAccountCells({ name, failed }: OneAccount): string[] {
  const succeeded = ORDERS_OF_ONE_ACCOUNT - failed;
  return [name, `${succeeded} of ${ORDERS_OF_ONE_ACCOUNT}`, failed === 0 ? '0' : `**${failed}**`];
}

function conditions(scene: Scene, port: number): string {
  return [
    `${CLIENTS} clients, each with an account and one kept HTTPS connection: newOrder, authorization, challenge, poll, finalize,`,
    `certificate. Each order is for one loopback address that its account has not validated before, by http-01 on port ${port};`,
    "every certificate's key and name are checked.",
    'All servers store durably, as they do by default. A failed order is not counted as work, but as an error.',
    roundsLine(scene, WARM_UP_SECONDS),
  ].join(' ');
}
