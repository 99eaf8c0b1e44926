// Requests signed over HTTPS by an authenticated API, beside `cfssl serve`, which stores nothing.
import type { Area } from '../../harness/area.ts';
import { buildsOf } from '../../harness/builds.ts';
import type { Contender, OwnSite } from '../../harness/contender.ts';
import type { StartedSigner } from '../../harness/contenders/cfssl.ts';
import { cfssl } from '../../harness/contenders/cfssl.ts';
import { gatehouseSign } from '../../harness/contenders/gatehouse-sign.ts';
import type { HttpConnection, Message } from '../../harness/http-connection.ts';
import { createHttpConnection } from '../../harness/http-connection.ts';
import { loadConnections } from '../../harness/load.ts';
import { poll } from '../../harness/poll.ts';
import type { Scene } from '../../harness/scene.ts';
import { roundsLine, runPart, siteOf } from '../../harness/scene.ts';
import type { PreparedRequest } from './certificate-requests.ts';
import { checkCertificate, inTurn, prepareRequests } from './certificate-requests.ts';
import { createReasons } from './reasons.ts';
import type { ReasonedSubject } from './side-by-side.ts';
import { sideBySide } from './side-by-side.ts';

// A certificate runs much code, which is compiled while it runs.
const WARM_UP_SECONDS = 10;
const UNIT = 'certificates';
const CONNECTIONS = 8;
const REQUESTS = 512;
const CHECKED_ONE_IN = 50;

export const area: Area = (options) =>
  runPart({ name: 'ca-sign', title: 'ca: requests signed over HTTPS' }, options, (scene) => {
    const requests = prepareRequests(
      Array.from({ length: REQUESTS }, (_, index) => `host-${index}.example.com`),
    );
    return sideBySide(scene, {
      known: [...buildsOf(options).map(gatehouseSign), cfssl],
      unit: UNIT,
      warmUpSeconds: WARM_UP_SECONDS,
      conditions: conditions(scene),
      start: (contender) => startOne(contender, requests, scene),
    });
  });

async function startOne(
  contender: Contender<OwnSite, StartedSigner>,
  requests: readonly PreparedRequest[],
  scene: Scene,
): Promise<ReasonedSubject> {
  const signer = await contender.start(await siteOf(contender, scene));
  const next = inTurn(requests.map((request) => ({ request, message: signer.message(request) })));
  const connection = createHttpConnection(signer.origin);
  await requireSigner(signer, { connection, request: next().request }, scene.signal);
  connection.close();
  const connections = Array.from({ length: CONNECTIONS }, () => createHttpConnection(signer.origin));
  scene.stack.defer(() => {
    for (const each of connections) each.close();
  });
  let signed = 0;
  const { reasons, failed } = createReasons();
  return {
    name: contender.name,
    program: signer.program,
    reasons,
    load: (duration) =>
      loadConnections({ ...duration, connections: CONNECTIONS, failed }, async (index) => {
        const { request, message } = next();
        const answer = await connections[index]?.exchange(message);
        if (!answer) throw new TypeError('there is no such connection');
        const certificate = signer.certificate(answer);
        signed += 1;
        if (signed % CHECKED_ONE_IN === 0) checkCertificate(certificate, request);
      }),
  };
}

/**
 * Signs a first request, and checks that a forged one is refused, so that the measurement includes
 * authentication.
 */
async function requireSigner(
  signer: StartedSigner,
  { connection, request }: { connection: HttpConnection; request: PreparedRequest },
  signal: AbortSignal,
): Promise<void> {
  const ask = async (message: Message) => {
    signer.program.assertRunning();
    return connection.exchange(message).catch(() => undefined);
  };
  const isThere = async () => (await ask(signer.forged(request))) !== undefined;
  await poll(isThere, { what: 'the start of a signer', signal });
  const refusal = await connection.exchange(signer.forged(request));
  if (refusal.status < 400) throw new Error(`a forged request is answered ${refusal.status}`);
  checkCertificate(signer.certificate(await connection.exchange(signer.message(request))), request);
}

function conditions(scene: Scene): string {
  return [
    `${CONNECTIONS} kept HTTPS connections, ${REQUESTS} requests made beforehand, each a P-256 key and one DNS name, signed by a P-256`,
    'authority. Gatehouse: POST /admin/certificates with an API key; each certificate is evaluated, linted, and on disk, in the inventory',
    'and in the ledger, before the answer. cfssl: authsign, an HMAC of the request; it stores nothing. Every answer is parsed;',
    `for one in ${CHECKED_ONE_IN}, the certificate's key and name are checked.`,
    roundsLine(scene, WARM_UP_SECONDS),
  ].join(' ');
}
