// An admin API for tests: HTTP on a Unix socket in a data folder. It answers from a table, and records every
// call.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

export interface AdminCall {
  method: string;
  path: string;
  body: unknown;
}

/**
 * Answers by `METHOD /path`, in which `:serial` is any segment. A function gets the call. All other calls get
 * a 404 problem.
 */
export type AdminAnswers = Record<string, Answer | ((call: AdminCall) => Answer)>;

interface Answer {
  status?: number;
  body?: unknown;
}

export interface FakeAdmin {
  folder: string;
  env: NodeJS.ProcessEnv;
  calls: AdminCall[];
}

/** A test, or a file of tests. */
export interface Scope {
  after(end: () => void): void;
}

export function temporaryFolder(t: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function startFakeAdmin(t: TestContext, answers: AdminAnswers): Promise<FakeAdmin> {
  const folder = temporaryFolder(t);
  const socket = join(folder, 'control.sock');
  const calls: AdminCall[] = [];
  const server = createServer(async (request, response) => {
    const call = await readCall(request);
    calls.push(call);
    const answer = answerTo(call, answers) ?? notFound;
    const { status = 200, body } = typeof answer === 'function' ? answer(call) : answer;
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    response.writeHead(status, { 'content-type': type });
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body) || body === undefined;
    response.end(isRaw ? body : JSON.stringify(body));
  });
  t.after(() => server.close());
  await once(server.listen(socket), 'listening');
  writeFileSync(join(folder, 'control.json'), JSON.stringify({ socket, pid: process.pid }));
  return { folder, env: { GATEHOUSE_DATA: folder }, calls };
}

const notFound: Answer = {
  status: 404,
  body: { status: 404, title: 'Not found', detail: 'There is no such thing.' },
};

function answerTo({ method, path }: AdminCall, answers: AdminAnswers): AdminAnswers[string] | undefined {
  const exact = answers[`${method} ${path}`];
  if (exact !== undefined) return exact;
  const matches = ([pattern]: [string, unknown]) =>
    new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}$`).test(`${method} ${path}`);
  return Object.entries(answers)
    .filter(([pattern]) => pattern.includes(':'))
    .find(matches)?.[1];
}

async function readCall(request: IncomingMessage): Promise<AdminCall> {
  const content = await text(request);
  const body: unknown = content === '' ? undefined : JSON.parse(content);
  return { method: request.method ?? '', path: request.url ?? '', body };
}
