// The web server of clients that order certificates, for http-01 (RFC 8555 §8.3).
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

export interface ChallengeServer {
  /** Key authorizations by token. */
  answers: Map<string, string>;
  /** Replaces the answers if it is set. */
  handle: RequestListener | undefined;
  /** `Host` and target of every request. */
  requests: string[];
  close(): void;
}

export interface ChallengeServerOptions {
  port: number;
  /** Default: 127.0.0.1. */
  host?: string;
  /** A folder with one file for each token, as other clients write them. */
  folder?: string;
}

export async function startChallengeServer(options: ChallengeServerOptions): Promise<ChallengeServer> {
  const { port, host = '127.0.0.1', folder } = options;
  const challenges: ChallengeServer = {
    answers: new Map(),
    handle: undefined,
    requests: [],
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  const server = createServer((request, response) => {
    const { headers, url = '' } = request;
    challenges.requests.push(`${headers.host}${url}`);
    if (challenges.handle) return challenges.handle(request, response);
    const answer = challenges.answers.get(basename(url)) ?? fileIn(folder, basename(url));
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return challenges;
}

function fileIn(folder: string | undefined, name: string): string | undefined {
  const path = folder && join(folder, name);
  return path && existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
