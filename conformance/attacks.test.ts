// Attacks by class on the HTTP/1.1 reader and the rules of the gateway, with a recorder behind it. A request
// that two parsers could read differently is refused, and nothing of it is forwarded. A valid request is
// forwarded once, in one form.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { AttackCase, AttackGroup, ForwardedForm } from './attacks/case.ts';
import { marked } from './attacks/case.ts';
import { CHUNKS } from './attacks/chunks.ts';
import { FLOODS } from './attacks/floods.ts';
import { FRAMING } from './attacks/framing.ts';
import { HOST_AND_TARGET } from './attacks/host-and-target.ts';
import { LINES_AND_FIELDS } from './attacks/lines-and-fields.ts';
import { METHODS_AND_UPGRADES } from './attacks/methods-and-upgrades.ts';
import { PATHS } from './attacks/paths.ts';
import { connectRaw } from './support/raw-client.ts';
import type { ForwardedRequest, Recorder } from './support/recorder.ts';
import { startRecorder } from './support/recorder.ts';
import type { ServerUnderTest } from './support/server-under-test.ts';
import { startServer } from './support/server-under-test.ts';
import { onTransport, TRANSPORTS, type TransportName } from './support/transports.ts';

const CLASSES: Record<string, readonly AttackGroup[]> = {
  framing: FRAMING,
  'lines and fields': LINES_AND_FIELDS,
  'host and target': HOST_AND_TARGET,
  'methods and upgrades': METHODS_AND_UPGRADES,
  chunks: CHUNKS,
  floods: FLOODS,
  paths: PATHS,
};
const ROUTES = [
  { path: '/admin', allow: { roles: ['admin'] } },
  { path: '/admin/*', allow: { roles: ['admin'] } },
  { path: '/*', access: 'public' },
];
const CLOSED_WITHIN_MS = 3000;
/** Time in which a wrongly forwarded request would arrive. */
const SETTLED_MS = 200;

interface World {
  transport: TransportName;
  server: ServerUnderTest;
  recorder: Recorder;
}

async function startWorld(transport: TransportName): Promise<World> {
  const recorder = await startRecorder();
  const server = await startServer({
    upstream: recorder.origin,
    set: [`gateway.routes=${JSON.stringify(ROUTES)}`, ...onTransport(transport)],
  });
  return { transport, server, recorder };
}

const worlds = await Promise.all(TRANSPORTS.map(startWorld));
after(() => Promise.all(worlds.flatMap(({ server, recorder }) => [server.stop(), recorder.close()])));

for (const world of worlds) {
  const { transport, server, recorder } = world;

  describe(`attacks on the gateway, transport ${transport}`, () => {
    let sent = 0;
    const marks = new Set<string>();
    for (const [name, groups] of Object.entries(CLASSES)) {
      describe(name, { concurrency: 8 }, () => {
        for (const group of groups) {
          it(titleOf(group), async () => {
            const failures = await Promise.all(
              group.cases.map(async (unmarked) => {
                const { mark, attack } = marked(unmarked, ++sent);
                if (attack.forwarded) marks.add(mark);
                const failure = await failureOf(world, group, attack, mark);
                return failure && `${attack.name}: ${failure}`;
              }),
            );
            assert.deepEqual(failures.filter(Boolean), []);
          });
        }
      });
    }

    describe('after all attacks', () => {
      it('only valid requests have reached the upstream, each once and well formed', async () => {
        await delay(SETTLED_MS);
        assert.deepEqual(recorder.faults, []);
        assert.equal(recorder.requests.length, marks.size, extraRequests(recorder, marks));
      });

      it('no worker has died', () => {
        const restarts = server.running.gateway.workers().map((worker) => worker.restarts);
        assert.ok(restarts.every((count) => count === 0));
      });
    });
  });
}

function titleOf({ title, expect }: AttackGroup): string {
  if (expect.kind === 'forwarded') return title;
  const statuses = expect.statuses.join(', ');
  return expect.kind === 'refused'
    ? `refuses ${title} with ${statuses}, and closes`
    : `denies ${title} with ${statuses}`;
}

/** Sends one attack. Returns the failure in words, or undefined. */
async function failureOf(
  { server, recorder }: World,
  { expect }: AttackGroup,
  { octets, forwarded }: AttackCase,
  mark: string,
): Promise<string | undefined> {
  const client = await connectRaw(server);
  try {
    client.write(octets);
    const { status } = await client.response();
    if (expect.kind === 'forwarded') {
      return status === 200 ? differenceOf(recorder.containing(mark), forwarded) : `answered ${status}`;
    }
    if (!expect.statuses.includes(status)) return `answered ${status}`;
    if (expect.kind === 'refused') await client.ended(CLOSED_WITHIN_MS);
    const answers = client.received().match(/^HTTP\/1\.1 \d{3} /gm)?.length;
    if (answers !== 1) return `${answers} answers`;
    return recorder.containing(mark).length > 0 ? 'reached the upstream' : undefined;
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 200) : String(error);
  } finally {
    client.destroy();
  }
}

function differenceOf(
  seen: readonly ForwardedRequest[],
  wanted: ForwardedForm | undefined,
): string | undefined {
  const [request] = seen;
  if (!wanted || !request || seen.length !== 1) return `forwarded ${seen.length} times`;
  if (request.line !== wanted.line) return `forwarded as ${JSON.stringify(request.line)}`;
  if (request.body !== (wanted.body ?? '')) return `forwarded with the body ${JSON.stringify(request.body)}`;
  for (const name of wanted.lacks ?? []) {
    if (request.fields.has(name)) return `forwarded with ${name}: ${request.fields.get(name)}`;
  }
  for (const [name, value] of Object.entries(wanted.has ?? {})) {
    const values = request.fields.get(name);
    if (values?.length !== 1 || values[0] !== value) return `forwarded with ${name}: ${values}`;
  }
  return undefined;
}

function extraRequests(recorder: Recorder, marks: ReadonlySet<string>): string {
  const lines = recorder.requests
    .map(({ line }) => line)
    .filter((line) => ![...marks].some((mark) => line.includes(mark)));
  return `not expected: ${lines.join(' | ')}`;
}
