// The settings of Gatehouse: /usr/lib/gatehouse/docs/configuration.md has all of them.
import { defineConfig } from '@gatehouse/gatehouse';

export default defineConfig({
  gateway: {
    // Your API. Requests need a credential that you give out: gatehouse key create, gatehouse user add.
    upstream: 'http://127.0.0.1:3000',
    // listen: '0.0.0.0:443',
    // url: 'https://api.example.com',
  },
  // ca: { names: ['api.example.com'] },
});
