// OCSP answers with a nonce over plain HTTP, each with a new signature, beside `openssl ocsp`.
import { randomFillSync } from 'node:crypto';
import { createOcspRequest, readOcspResponse, verifyOcspResponse } from '@gatehouse/x509';
import type { Area } from '../../harness/area.ts';
import type { Contender, OwnSite } from '../../harness/contender.ts';
import { gatehouseOcsp } from '../../harness/contenders/gatehouse-ocsp.ts';
import type { KnownCertificate, StartedResponder } from '../../harness/contenders/openssl-ocsp.ts';
import { CERTIFICATES, opensslOcsp, REVOKED_ONE_IN } from '../../harness/contenders/openssl-ocsp.ts';
import type { HttpAnswer, HttpConnection } from '../../harness/http-connection.ts';
import { createHttpConnection } from '../../harness/http-connection.ts';
import { loadConnections } from '../../harness/load.ts';
import { poll } from '../../harness/poll.ts';
import type { Scene } from '../../harness/scene.ts';
import { roundsLine, runPart, siteOf } from '../../harness/scene.ts';
import { inTurn } from './certificate-requests.ts';
import { createReasons } from './reasons.ts';
import type { ReasonedSubject } from './side-by-side.ts';
import { sideBySide } from './side-by-side.ts';

const UNIT = 'answers';
const CONNECTIONS = 8;
const NONCE_OCTETS = 32;
const VERIFIED_ONE_IN = 50;
const KNOWN = [gatehouseOcsp, opensslOcsp];

export const area: Area = (options) =>
  runPart({ name: 'ca-ocsp', title: 'ca: OCSP with a nonce' }, options, (scene) =>
    sideBySide(scene, {
      known: KNOWN,
      unit: UNIT,
      conditions: conditions(scene),
      start: (contender) => startOne(contender, scene),
    }),
  );

async function startOne(
  contender: Contender<OwnSite, StartedResponder>,
  scene: Scene,
): Promise<ReasonedSubject> {
  const { program, origin, target, certificates } = await contender.start(await siteOf(contender, scene));
  const next = inTurn(certificates.map(createQuestion));
  const ask = (connection: HttpConnection, body: Uint8Array) =>
    connection.exchange({ method: 'POST', target, fields: FIELDS, body });
  const connections = Array.from({ length: CONNECTIONS }, () => createHttpConnection(origin));
  scene.stack.defer(() => {
    for (const connection of connections) connection.close();
  });
  const isThere = async () => {
    program.assertRunning();
    const [connection] = connections;
    return (
      connection !== undefined &&
      (await ask(connection, next().ask()).then(
        () => true,
        () => false,
      ))
    );
  };
  await poll(isThere, { what: 'the start of a responder', signal: scene.signal });
  let answered = 0;
  const { reasons, failed } = createReasons();
  return {
    name: contender.name,
    program,
    reasons,
    load: (duration) =>
      loadConnections({ ...duration, connections: CONNECTIONS, failed }, async (index) => {
        const connection = connections[index];
        if (!connection) throw new TypeError('there is no such connection');
        const question = next();
        const request = question.ask();
        const answer = await ask(connection, request);
        requireSuccessful(answer);
        answered += 1;
        if (answered % VERIFIED_ONE_IN === 0) question.verify(answer.body, request);
      }),
  };
}

const FIELDS = 'Content-Type: application/ocsp-request\r\n';
// An OCSPResponse begins with its status, `successful (0)` (RFC 6960 §4.2.1).
const SUCCESSFUL = Buffer.from([0x0a, 0x01, 0x00]);

interface Question {
  /** The request with a fresh nonce. */
  ask(): Buffer;
  /** Throws unless the response answers this request correctly. */
  verify(response: Uint8Array, request: Buffer): void;
}

function createQuestion({ certificate, issuer, isRevoked }: KnownCertificate): Question {
  const placeholder = randomFillSync(new Uint8Array(NONCE_OCTETS));
  const request = createOcspRequest({ certificate, issuer, nonce: placeholder });
  const offset = request.indexOf(placeholder);
  return {
    ask() {
      const asked = Buffer.from(request);
      randomFillSync(asked, offset, NONCE_OCTETS);
      return asked;
    },
    verify(response, asked) {
      const nonce = asked.subarray(offset, offset + NONCE_OCTETS);
      const expected = { certificate, issuer, at: new Date(), nonce };
      const { status } = verifyOcspResponse(readOcspResponse(response), expected);
      if (status !== (isRevoked ? 'revoked' : 'good')) throw new Error(`the status is wrong: ${status}`);
    },
  };
}

function requireSuccessful({ status, body }: HttpAnswer): void {
  if (status !== 200) throw new Error(`it answered ${status}`);
  const lengthOctets = (body[1] ?? 0) & 0x80 ? 1 + ((body[1] ?? 0) & 0x7f) : 1;
  const start = 1 + lengthOctets;
  if (!body.subarray(start, start + SUCCESSFUL.length).equals(SUCCESSFUL)) {
    throw new Error(`it is no successful answer: ${body.toString('hex', 0, 16)}`);
  }
}

function conditions(scene: Scene): string {
  return [
    `${CONNECTIONS} connections, POST, a fresh nonce of ${NONCE_OCTETS} octets in every request, so that each answer needs a new signature,`,
    `with P-256; ${CERTIFICATES} certificates, one in ${REVOKED_ONE_IN} revoked. Every answer's status is read; one in ${VERIFIED_ONE_IN} is`,
    'verified whole. Gatehouse looks each certificate up in its store and keeps connections. openssl ocsp is one process that reads an',
    'index from a file into memory, answers one connection after another, and closes each: its requests open a connection each.',
    roundsLine(scene),
  ].join(' ');
}
