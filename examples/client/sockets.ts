// TLS sockets whose two ends require certificates of each other.
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { connectTls, listenTls } from '@gatehouse/client';

const [, , folder = '.'] = process.argv;
const read = (name: string) => readFile(`${folder}/${name}`, 'utf8');
const ca = await read('root.pem');
const server = { certificate: await read('server.pem'), key: await read('server.key') };
const robot = { certificate: await read('cert.pem'), key: await read('key.pem') };

const { port, close } = await listenTls(
  {
    port: 0,
    ca,
    ...server,
    clientCertificate: 'require',
    onRefused: (error) => console.log(error.message.replace(/127\.0\.0\.1:\d+/, 'a client')),
  },
  async (socket) => void socket.end(`hello ${socket.getPeerCertificate().subject.CN}`),
);
console.log(await text(await connectTls({ host: 'localhost', port, ca, ...robot })));
await connectTls({ host: 'localhost', port, ca }).catch(({ code }) => console.log(code));
await close();
