// The import of configuration files: `import { defineConfig } from '@gatehouse/gatehouse'`.
export { defineConfig } from '@gatehouse/server';
