// A web server for http-01, as a client of ACME runs it.
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scope } from '../../support/temporary-folder.ts';

export interface ChallengeServer {
  port: number;
  server: Server;
  /** Path to content. */
  files: Map<string, string>;
  /** Host and path of every request. */
  requests: string[];
  /** Replaces the files. */
  handle: RequestListener | undefined;
}

export async function startChallengeServer(
  scope: Scope,
  host = '127.0.0.1',
  chosenPort = 0,
): Promise<ChallengeServer> {
  const files = new Map<string, string>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.headers.host}${request.url}`);
    if (challenges.handle) return challenges.handle(request, response);
    const content = files.get(request.url ?? '');
    response.statusCode = content === undefined ? 404 : 200;
    response.end(content ?? 'nothing here');
  });
  server.listen(chosenPort, host);
  await once(server, 'listening');
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const challenges: ChallengeServer = { port, server, files, requests, handle: undefined };
  return challenges;
}

export function challengePath(token: string): string {
  return `/.well-known/acme-challenge/${token}`;
}
