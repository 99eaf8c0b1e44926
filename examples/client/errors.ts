// What is thrown, and what is tried again.
import { client, HttpError, RequestError, retry } from '@gatehouse/client';

const [, , site = 'http://127.0.0.1:8080'] = process.argv;

const http = client({ baseUrl: site, timeouts: { totalSeconds: 10 } }).with(retry({ baseSeconds: 0.01 }));
try {
  await http.get('/problem').json();
} catch (error) {
  if (!(error instanceof HttpError)) throw error;
  console.log(error.status, error.problem?.detail);
}

console.log(await http.get('/busy-once').text());

try {
  await http.get('http://127.0.0.1:1/');
} catch (error) {
  if (!(error instanceof RequestError)) throw error;
  console.log(error.name, error.phase, error.attempt, error.retryable);
}
await http.close();
