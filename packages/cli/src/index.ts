// What a configuration file imports: `import { defineConfig } from 'gatehouse'`.
export { defineConfig } from '@gatehouse/server';
