import { readdirSync, readFileSync, mkdtempSync } from 'node:fs';
import { createTlsFiles } from '/work/main/bench/harness/tls-files.ts';
import { loadConnections } from '/work/main/bench/harness/load.ts';
import { createHttpConnection } from '/work/main/bench/harness/http-connection.ts';
import { gatehouseOcsp } from '/work/main/bench/harness/contenders/gatehouse-ocsp.ts';
import { gatehouseSign } from '/work/main/bench/harness/contenders/gatehouse-sign.ts';
import { gatehouseAcme } from '/work/main/bench/harness/contenders/gatehouse-acme.ts';
import { prepareRequests, inTurn } from '/work/main/bench/areas/ca/certificate-requests.ts';
import { serveChallenges } from '/work/main/bench/areas/ca/challenge-answers.ts';
import { openAcmeSession } from '/work/main/bench/areas/ca/acme-client.ts';
import { createOcspRequest } from '@gatehouse/x509';
const what = process.argv[2];
await using stack = new AsyncDisposableStack();
const folder = mkdtempSync('/tmp/bt/y'); const signal = new AbortController().signal;
const site = { folder, port: 0, tls: createTlsFiles(folder), signal, stack };
function threads(pid:number){ const m=new Map<string,[string,number,number]>(); for(const t of readdirSync(`/proc/${pid}/task`)){const s=readFileSync(`/proc/${pid}/task/${t}/stat`,'utf8');const f=s.slice(s.lastIndexOf(')')+2).split(' ');m.set(t,[s.slice(s.indexOf('(')+1,s.lastIndexOf(')')),Number(f[11]),Number(f[12])]);} return m;}
let pid=0; let work:(i:number)=>Promise<void>; let connections=8;
const failed=(r:string)=>console.log('FAIL',r);
if(what==='ocsp'){const s=await gatehouseOcsp.start(site);pid=s.program.pid;const reqs=inTurn(s.certificates.map(c=>createOcspRequest({...c,nonce:Buffer.alloc(32,5)})));const cs=Array.from({length:8},()=>createHttpConnection(s.origin));work=async i=>{await cs[i]!.exchange({method:'POST',target:s.target,fields:'Content-Type: application/ocsp-request\r\n',body:reqs()});};}
else if(what==='sign'){const s=await gatehouseSign.start(site);pid=s.program.pid;const next=inTurn(prepareRequests(Array.from({length:128},(_,i)=>`h${i}.example.com`)).map(s.message));const cs=Array.from({length:8},()=>createHttpConnection(s.origin));work=async i=>{const a=await cs[i]!.exchange(next());if(a.status!==201)throw new Error(String(a.body));};}
else {const ch=await serveChallenges(stack);const s=await gatehouseAcme(ch.port).start(site);pid=s.program.pid;const reqs=prepareRequests(ch.addresses);connections=4;const cl=await Promise.all(Array.from({length:4},async()=>{const session=await openAcmeSession(s,ch.answers);return {session,account:await session.register(),left:[...reqs]};}));work=async i=>{const c=cl[i]!;let r=c.left.pop();if(!r){c.account=await c.session.register();c.left=[...reqs];r=c.left.pop();}await c.session.order(c.account,r!);};}
await loadConnections({connections,seconds:4,signal,failed},work!);
const a=threads(pid);const r=await loadConnections({connections,seconds:4,signal,failed},work!);const b=threads(pid);
let tot=0;const rows:[string,number,number][]=[];for(const [t,[n,u,s]] of b){const p=a.get(t)??['',0,0];rows.push([n+' '+t,u-p[1],s-p[2]]);tot+=u-p[1]+s-p[2];}
console.log(what,r.requests,'done',(r.requests/(tot/100)).toFixed(0),'per cpu-s;',(tot*1e4/r.requests).toFixed(0),'µs each');
for(const [n,u,s] of rows.filter(x=>x[1]+x[2]>3).sort((x,y)=>y[1]+y[2]-x[1]-x[2]))console.log(' ',n,'user',(u*1e4/r.requests).toFixed(0),'sys',(s*1e4/r.requests).toFixed(0),'µs each');
