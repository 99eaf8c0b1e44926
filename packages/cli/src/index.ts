// What a configuration file imports: `import { defineConfig } from '@gatehouse/gatehouse'`.
export { defineConfig } from '@gatehouse/server';
