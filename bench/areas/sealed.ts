// Sealed requests (Oblivious HTTP with X-Wing) over TLS through the gateway: each request is sealed, opened,
// claimed once in all processes, and passed to the upstream, and its answer is sealed. No other program does
// all of this, so it compares the two runtimes.
import {
  padMessage,
  readBinaryResponse,
  readKeyConfigurations,
  SEALED_REQUESTS_PATH,
  sealRequest,
  usableConfigurations,
  writeBinaryRequest,
} from '@gatehouse/protocol';
import type { Area } from '../harness/area.ts';
import { gatehouse, gatehouseVariants } from '../harness/contenders/gatehouse.ts';
import { layOutCores } from '../harness/cores.ts';
import type { HttpConnection } from '../harness/http-connection.ts';
import { createHttpConnection } from '../harness/http-connection.ts';
import { loadConnections } from '../harness/load.ts';
import { errorsOf, resultsTable } from '../harness/results-table.ts';
import type { Subject } from '../harness/rounds.ts';
import { measureRounds } from '../harness/rounds.ts';
import type { Scene } from '../harness/scene.ts';
import { occasion, roundsLine, runPart } from '../harness/scene.ts';
import type { Serving } from './gateway/site.ts';
import { BODY, startOneUpstream, startServing } from './gateway/site.ts';

const UNIT = 'requests';
const CONNECTIONS = 16;
const WARM_UP_SECONDS = 2;
const LIMITS = { maxHeadBytes: 65_536, maxFields: 100, maxPaddingBytes: 65_536 };

export const area: Area = (options) =>
  runPart({ name: 'sealed', title: 'gateway: sealed requests' }, options, async (scene) => {
    const contenders = gatehouseVariants(options).map(gatehouse);
    const layout = layOutCores('one', scene.stack);
    const upstreamPort = await startOneUpstream(scene);
    const subjects: Subject[] = [];
    for (const contender of contenders) {
      const serving = await startServing(contender, { layout, accessLog: false, upstreamPort }, scene);
      subjects.push(await subjectOf(serving, scene));
    }
    const rounds = { ...scene, unit: UNIT, warmUpSeconds: WARM_UP_SECONDS, say: console.log };
    const samples = await measureRounds(subjects, rounds);
    const rows = [...samples].map(([{ name }, own]) => ({ name, samples: own }));
    const conditions = [
      `TLS 1.3, ${CONNECTIONS} kept connections, ${layout.words}, no access logs. Every request is sealed anew for MLKEM768-X25519 with`,
      `AES-256-GCM, and every answer of ${BODY.length} bytes is opened and read. The processor time is that of all processes of Gatehouse;`,
      `that of the client, which seals, is not in it. ${roundsLine(scene, WARM_UP_SECONDS)}`,
    ].join(' ');
    return {
      paragraphs: [occasion(contenders), conditions, resultsTable(rows, { unit: UNIT })],
      isSound: rows.every((row) => errorsOf(row.samples) === 0),
    };
  });

async function subjectOf(serving: Serving, scene: Scene): Promise<Subject> {
  const { port, root } = serving.target;
  const origin = { host: 'localhost', port, root };
  const connections = Array.from({ length: CONNECTIONS }, () => createHttpConnection(origin));
  scene.stack.defer(() => {
    for (const connection of connections) connection.close();
  });
  const ask = await createAsker(connections[0] as HttpConnection, `localhost:${port}`);
  const failed = (reason: string) => console.log(`${serving.name}: ${reason}`);
  return {
    ...serving,
    load: (duration) =>
      loadConnections({ ...duration, connections: CONNECTIONS, failed }, (index) =>
        ask(connections[index] as HttpConnection),
      ),
  };
}

/** Fetches the keys, and resolves with a function that makes one sealed request. */
async function createAsker(first: HttpConnection, authority: string) {
  const { body: keys } = await first.exchange({ method: 'GET', target: SEALED_REQUESTS_PATH });
  const [target] = usableConfigurations(readKeyConfigurations(keys));
  if (!target) throw new Error('the gateway offers no key that can be used');
  return async (connection: HttpConnection): Promise<void> => {
    const fields = ['accept', '*/*', 'date', new Date().toUTCString()];
    const head = { method: 'GET', scheme: 'https', authority, path: '/', fields };
    const { message, openResponse } = await sealRequest(target, padMessage(writeBinaryRequest(head)));
    const answer = await connection.exchange({
      method: 'POST',
      target: SEALED_REQUESTS_PATH,
      fields: 'Content-Type: message/ohttp-req\r\n',
      body: message,
    });
    if (answer.status !== 200) throw new Error(`it answered ${answer.status}: ${answer.body.toString()}`);
    requireBody(await openResponse(answer.body));
  };
}

function requireBody(octets: Uint8Array): void {
  let status = 0;
  let length = 0;
  const reader = readBinaryResponse(LIMITS, {
    head: (head) => {
      status = head.status;
    },
    content: (part) => {
      length += part.length;
    },
    complete() {},
  });
  reader.read(octets);
  reader.end();
  if (status !== 200 || length !== BODY.length) throw new Error(`inside are ${status} and ${length} octets`);
}
