// A proxy that requires a name and a password.
import { client, proxy, proxyFromEnvironment } from '@gatehouse/client';

const [, , site = 'http://127.0.0.1:8080', proxyUrl = 'http://127.0.0.1:3128', password = ''] = process.argv;

const behind = client().with(proxy(proxyUrl, { basic: { username: 'ada', password } }));
console.log(await behind.get(`${site}/echo`).text());
await behind.close();

const direct = client().with(proxyFromEnvironment({ http_proxy: proxyUrl, no_proxy: '127.0.0.0/8' }));
console.log(await direct.get(`${site}/echo`).text());
await direct.close();
