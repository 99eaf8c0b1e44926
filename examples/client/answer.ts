// Everything that an answer has: its status, its header, its content as JSON, text, octets or a stream.
import { client } from '@gatehouse/client';

const [, , site = 'http://127.0.0.1:8080'] = process.argv;
const http = client({ baseUrl: site });

const { message } = await http.get('/').json<{ message: string }>();
console.log(message.replace(/is .*/, 'is …'));

const response = await http.get('/');
console.log(response.status, response.statusText, new URL(response.url).pathname);
console.log(response.headers.get('content-type'), response.headers.has('etag'));
console.log((await response.text()).length === Number(response.headers.get('content-length')));

console.log((await http.get('/').bytes()).constructor.name);
let octets = 0;
for await (const piece of await http.get('/').stream()) octets += piece.length;
console.log(octets > 0);
await http.close();
