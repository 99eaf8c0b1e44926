// A middleware of your own, tokens of OAuth, and a client in the place of fetch.
import { client, type Middleware, oauth2 } from '@gatehouse/client';

const [, , site = 'http://127.0.0.1:8080', clientSecret = ''] = process.argv;

const countCalls: Middleware = async (request, next) => {
  const response = await next(request);
  console.log(request.method, request.url.pathname, response.status);
  return response;
};

const http = client().with(countCalls);
const calling = http.with(
  oauth2.clientCredentials({ tokenEndpoint: `${site}/token`, clientId: 'reports', clientSecret }),
);
console.log(await calling.get(`${site}/bearer`).text());

async function withFetch(fetch: (url: string) => Promise<Response>) {
  const response = await fetch(`${site}/echo`);
  return response.text();
}
console.log(await withFetch(http));
await http.close();
