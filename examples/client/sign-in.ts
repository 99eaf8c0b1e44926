// Cookies, Basic and Digest: each is added to a client.
import { basic, client, cookies, digest } from '@gatehouse/client';

const [, , site = 'http://127.0.0.1:8080', username = 'ada', password = ''] = process.argv;

const http = client({ baseUrl: site });
const browser = http.with(cookies());
await browser.post('/login', { form: { username, password } });
console.log(await browser.get('/private').text());

const byBasic = http.with(basic({ username, password }));
console.log(await byBasic.get('/basic').text());

const byDigest = http.with(digest({ username, password }));
console.log(await byDigest.get('/digest').text());
await http.close();
