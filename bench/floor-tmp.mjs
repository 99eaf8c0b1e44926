import http from 'node:http'; import { randomUUID, sign, generateKeyPairSync } from 'node:crypto';
import { Hono } from 'hono'; import { getRequestListener } from '@hono/node-server';
const kind=process.argv[2]; const body=new Uint8Array(900);
const { createApp } = await import('../packages/server/src/platform/http/app.ts');
let handler;
const route=(read)=>[{method:'POST',path:'/ocsp',permission:'public',handle:async(call)=>{ if(read) await call.octets('application/ocsp-request',16384); return new Response(new Uint8Array(body),{headers:{'content-type':'application/ocsp-response','cache-control':'no-store'}});}}];
const {privateKey}=generateKeyPairSync('ec',{namedCurve:'P-256'});
if(kind==='bare') handler=(q,r)=>{const c=[];q.on('data',d=>c.push(d));q.on('end',()=>{Buffer.concat(c);r.writeHead(200,{'content-type':'application/ocsp-response','content-length':body.length,'cache-control':'no-store','x-request-id':randomUUID()});r.end(body);});};
else if(kind==='app') handler=getRequestListener(createApp(route(true),{log:{},authenticate:async()=>undefined,authorize(){},refused:async()=>{}}).fetch);
else if(kind==='app-noread') handler=getRequestListener(createApp(route(false),{log:{},authenticate:async()=>undefined,authorize(){},refused:async()=>{}}).fetch);
else if(kind==='hono-arraybuffer'){const app=new Hono();app.post('/ocsp',async c=>{await c.req.arrayBuffer();return c.body(body,200,{'content-type':'application/ocsp-response','cache-control':'no-store'});});handler=getRequestListener(app.fetch);}
http.createServer(handler).listen(0,'127.0.0.1',function(){console.log(this.address().port);});
