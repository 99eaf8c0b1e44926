// Hashes and HMACs of texts, files and streams.
import { createReadStream } from 'node:fs';
import { hasHash, hasHmac, hash, hmac } from '@gatehouse/client';

const [, , file = 'package.json'] = process.argv;

const sum = await hash('sha3-256', { file });
console.log(await hasHash('sha3-256', createReadStream(file), sum));
const code = await hmac('blake2b512', 'key', 'text');
console.log(await hasHmac('blake2b512', 'key', 'text', code));
