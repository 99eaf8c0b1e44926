// XML-RPC over mutual TLS: a server from an object, and a client that has its methods.
import { readFile } from 'node:fs/promises';
import { client, trust, xmlrpc, xmlrpcServer } from '@gatehouse/client';

const [, , folder = '.'] = process.argv;
const read = (name: string) => readFile(`${folder}/${name}`, 'utf8');
const ca = await read('root.pem');
const certificate = await read('server.pem');
const key = await read('server.key');
const robot = { certificate: await read('cert.pem'), key: await read('key.pem') };

const methods = { add: (a: number, b: number) => a + b };
const server = await xmlrpcServer(methods).listen({
  host: '127.0.0.1',
  port: 0,
  ca,
  certificate,
  key,
  clientCertificate: 'require',
});

const http = client().with(trust({ ca, ...robot }));
const api = xmlrpc<typeof methods>(http, `https://localhost:${server.port}/RPC2`);
console.log(await api.add(1, 2), (await api.system.listMethods()).slice(0, 2));
await Promise.all([http.close(), server.close()]);
