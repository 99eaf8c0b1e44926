// The admin API of a running server, over the Unix socket in its data folder.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** JSON of the admin API and of the access log. */
export type Json = { [key: string]: JsonValue };
export type JsonValue = string | number | boolean | null | undefined | JsonValue[] | Json;

/** Calls the admin API as the local operator. Throws if it fails. */
export type AdminApi = (method: string, path: string, body?: unknown) => Promise<Json>;

/** The admin API of the running server with this data folder. */
export function adminOf(data: string): AdminApi {
  const { socket: socketPath } = JSON.parse(readFileSync(join(data, 'control.json'), 'utf8')) as {
    socket: string;
  };
  return (method, path, body) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const outgoing = request({ socketPath, method, path, headers, agent: false }, (answer) => {
        text(answer).then((content) => {
          if ((answer.statusCode ?? 0) < 300) resolve(JSON.parse(content || '{}'));
          else reject(new Error(`${method} ${path} answered ${answer.statusCode}: ${content}`));
        }, reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  };
}
