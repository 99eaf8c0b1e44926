// A message that only the two ends can read, also behind a proxy that ends TLS.
import { readFile } from 'node:fs/promises';
import { client } from '@gatehouse/client';
import { openChannel } from '@gatehouse/client/channel';

const [, , url = 'https://localhost:8443/orders', folder = '.'] = process.argv;
const http = client();
const roots = await readFile(`${folder}/root.pem`, 'utf8');

const channel = await openChannel({ transport: http, url }, { roots });
const { status, content } = await channel.send('two pounds of tea');
console.log(status, new TextDecoder().decode(content));
await http.close();
