// Four ways to know whose key an encrypted endpoint offers: an authority that signed it, a pin, the text
// of a DNS record, and HTTPS alone.
import { readFile } from 'node:fs/promises';
import { type ClientError, client, trust } from '@gatehouse/client';
import { channelRecord, openChannel, pinsInRecords } from '@gatehouse/client/channel';

const [, , url = 'https://localhost:8443/orders', folder = '.', pin = ''] = process.argv;
const roots = await readFile(`${folder}/root.pem`, 'utf8');
const http = client().with(trust({ ca: roots }));
const target = { transport: http, url };

for (const [way, options] of Object.entries({
  authority: { roots },
  pin: { pins: [pin] },
  dns: { pins: pinsInRecords(channelRecord('localhost', pin), 'localhost') },
  https: { unverified: true },
})) {
  const channel = await openChannel(target, options);
  console.log(way, (await channel.send('hello')).status);
}

const wrong = `sha256/${'A'.repeat(43)}=`;
await openChannel(target, { pins: [wrong] }).catch((error: ClientError) => console.log(error.code));
await http.close();
