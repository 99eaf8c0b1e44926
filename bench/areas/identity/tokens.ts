// Access tokens by the client credentials grant (RFC 6749 §4.4) over HTTPS, each in the ledger and on disk
// before it is sent.
import { createPublicKey, verify } from 'node:crypto';
import type { Area } from '../../harness/area.ts';
import { buildsOf } from '../../harness/builds.ts';
import type { Contender, OwnSite } from '../../harness/contender.ts';
import type { StartedTokenServer } from '../../harness/contenders/gatehouse-tokens.ts';
import { gatehouseTokens } from '../../harness/contenders/gatehouse-tokens.ts';
import { createHttpConnection } from '../../harness/http-connection.ts';
import { loadConnections } from '../../harness/load.ts';
import type { Scene } from '../../harness/scene.ts';
import { roundsLine, runPart, siteOf } from '../../harness/scene.ts';
import { createReasons } from '../ca/reasons.ts';
import type { ReasonedSubject } from '../ca/side-by-side.ts';
import { sideBySide } from '../ca/side-by-side.ts';

const WARM_UP_SECONDS = 10;
const CONNECTIONS = 16;
const CHECKED_ONE_IN = 100;

export const area: Area = (options) =>
  runPart({ name: 'identity-tokens', title: 'identity: tokens by client credentials' }, options, (scene) =>
    sideBySide(scene, {
      known: buildsOf(options).map(gatehouseTokens),
      unit: 'tokens',
      warmUpSeconds: WARM_UP_SECONDS,
      conditions: conditions(scene),
      start: (contender) => startOne(contender, scene),
    }),
  );

async function startOne(
  contender: Contender<OwnSite, StartedTokenServer>,
  scene: Scene,
): Promise<ReasonedSubject> {
  const server = await contender.start(await siteOf(contender, scene));
  const first = createHttpConnection(server.origin);
  const refusal = await first.exchange(server.forged);
  if (refusal.status !== 401) throw new Error(`a wrong secret is answered ${refusal.status}`);
  const keys = JSON.parse(
    (await first.exchange({ method: 'GET', target: server.keySet })).body.toString('utf8'),
  );
  first.close();
  const connections = Array.from({ length: CONNECTIONS }, () => createHttpConnection(server.origin));
  scene.stack.defer(() => {
    for (const each of connections) each.close();
  });
  const [key] = keys.keys.map((jwk: object) => createPublicKey({ key: jwk as never, format: 'jwk' }));
  let issued = 0;
  const { reasons, failed } = createReasons();
  return {
    name: contender.name,
    program: server.program,
    reasons,
    load: (duration) =>
      loadConnections({ ...duration, connections: CONNECTIONS, failed }, async (index) => {
        const answer = await connections[index]?.exchange(server.message);
        if (answer?.status !== 200) throw new Error(`it answered ${answer?.status}`);
        issued += 1;
        if (issued % CHECKED_ONE_IN === 0)
          checkToken(JSON.parse(answer.body.toString('utf8')).access_token, key);
      }),
  };
}

function checkToken(token: string, key: ReturnType<typeof createPublicKey>): void {
  const [header, payload, signature = ''] = token.split('.');
  const input = Buffer.from(`${header}.${payload}`);
  const octets = Buffer.from(signature, 'base64url');
  if (!verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, octets)) {
    throw new Error('the signature of a token is wrong');
  }
}

function conditions(scene: Scene): string {
  return [
    `${CONNECTIONS} kept HTTPS connections. Each request authenticates the client with HTTP Basic. Each token is a JWT (RFC 9068), signed`,
    `with ES256, and an entry of the ledger, on disk, before it is sent. The signature of one in ${CHECKED_ONE_IN} is verified.`,
    'No other server is measured beside it.',
    roundsLine(scene, WARM_UP_SECONDS),
  ].join(' ');
}
