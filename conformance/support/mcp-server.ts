// A small MCP server without OAuth. The gateway authenticates its callers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

export interface McpUpstream {
  url: string;
  /** The facts about the caller in each request. */
  callers: unknown[];
  close(): void;
}

/** It has one tool, which says hello. */
export async function startMcpServer(): Promise<McpUpstream> {
  const callers: unknown[] = [];
  const server = createServer(async (incoming, outgoing) => {
    callers.push(incoming.headers['gatehouse-assertion']);
    assert.equal(incoming.headers.authorization, undefined, 'the token stays at the gateway');
    const mcp = new McpServer({ name: 'notes', version: '1.0.0' });
    mcp.registerTool('greet', { description: 'Greets' }, () => ({
      content: [{ type: 'text', text: 'hello' }],
    }));
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true } as never);
    await mcp.connect(transport as never);
    const body = incoming.method === 'POST' ? await json(incoming) : undefined;
    if (incoming.method === 'GET') return outgoing.writeHead(405).end();
    await transport.handleRequest(incoming, outgoing, body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, callers, close: () => server.close() };
}
