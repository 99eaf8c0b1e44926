// The style of all pages: one column, the fonts of the system, light and dark. Text has a contrast of at
// least 4.5 to its background, and the edges of fields at least 3 (WCAG 2.2 §1.4.3, §1.4.11).

export const STYLE = `
:root{color-scheme:light dark;
--ground:#f4f5f3;--card:#fff;--text:#1c211f;--soft:#5a625e;--line:#dfe3e0;--edge:#7d8681;
--accent:#0b6b4f;--on-accent:#fff;--accent-strong:#085540;--focus:#0b6b4f;
--bad:#a3201d;--bad-ground:#fdf1f0;--good:#0b6b4f;--good-ground:#eef7f2}
@media (prefers-color-scheme:dark){:root{
--ground:#121614;--card:#1a201d;--text:#e8ece9;--soft:#a3ada8;--line:#2c3430;--edge:#77827c;
--accent:#5ecfa4;--on-accent:#06251a;--accent-strong:#7fdcb8;--focus:#7fdcb8;
--bad:#ff9c94;--bad-ground:#331b1a;--good:#7fdcb8;--good-ground:#15291f}}
*{box-sizing:border-box}
html{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Ubuntu,Cantarell,"Noto Sans",sans-serif}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:var(--ground);color:var(--text)}
header.top{padding:2rem 1.25rem 0;width:100%;max-width:26rem;margin:0 auto;
display:flex;align-items:center;gap:1rem;flex-wrap:wrap}
body.wide header.top{max-width:44rem}
.brand{display:inline-flex;align-items:center;gap:.55rem;font-weight:650;letter-spacing:-.01em;
color:var(--text);text-decoration:none}
.brand svg{width:1.5rem;height:1.5rem;color:var(--accent);flex:none}
.top .who{margin-left:auto;display:flex;align-items:center;gap:.9rem;color:var(--soft);font-size:.9375rem}
main{width:100%;max-width:26rem;margin:0 auto;padding:1.25rem 1.25rem 3rem}
body.wide main{max-width:44rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.75rem 1.5rem}
.card+.card{margin-top:1rem}
h1{font-size:1.4375rem;line-height:1.25;letter-spacing:-.015em;margin:0 0 .35rem;font-weight:650}
h2{font-size:1.0625rem;line-height:1.35;margin:0 0 .25rem;font-weight:650}
body.wide h1{margin:.5rem 0 1.25rem}
p{margin:.35rem 0 .9rem}
p:last-child{margin-bottom:0}
.soft{color:var(--soft)}
.small{font-size:.875rem}
form{margin:1.25rem 0 0}
form+p{margin-top:.9rem}
.field{margin:0 0 1rem}
label,.label{display:block;font-weight:550;font-size:.9375rem;margin:0 0 .3rem}
.hint{color:var(--soft);font-size:.875rem;margin:.3rem 0 0}
input[type=text],input[type=password]{width:100%;font:inherit;color:inherit;background:var(--card);
border:1px solid var(--edge);border-radius:8px;padding:.6rem .7rem;min-height:2.75rem}
input.code{font-variant-numeric:tabular-nums;letter-spacing:.12em}
p.code{font-size:1.5rem;font-weight:650;letter-spacing:.12em}
.field form{margin:0}
input[aria-invalid=true]{border-color:var(--bad)}
button,.button{font:inherit;font-weight:600;border-radius:8px;border:1px solid transparent;cursor:pointer;
padding:.55rem 1rem;min-height:2.75rem;display:inline-flex;align-items:center;justify-content:center;
gap:.5rem;background:var(--accent);color:var(--on-accent);text-decoration:none}
button:hover,.button:hover{background:var(--accent-strong)}
button.full,.button.full{width:100%}
button.full+button.full{margin-top:.75rem}
.or~p{margin:0 0 .75rem}
button.plain,.button.plain{background:transparent;color:var(--text);border-color:var(--edge);font-weight:550}
button.plain:hover,.button.plain:hover,.button.plain:hover{background:var(--ground)}
button.link{background:none;border:0;padding:.25rem 0;min-height:0;color:var(--accent);font-weight:550;
text-decoration:underline;text-underline-offset:.15em}
button.danger{background:transparent;color:var(--bad);border-color:var(--edge);font-weight:550}
button.danger:hover{background:var(--bad-ground)}
button[disabled]{opacity:.6;cursor:default}
a{color:var(--accent);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.notice{border:1px solid var(--line);border-left:4px solid var(--good);background:var(--good-ground);
border-radius:8px;padding:.7rem .9rem;margin:1rem 0}
.notice.bad{border-left-color:var(--bad);background:var(--bad-ground)}
.notice p{margin:0}
.notice strong{display:block}
.or{display:flex;align-items:center;gap:.75rem;color:var(--soft);font-size:.875rem;margin:1.25rem 0}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
ul.rows{list-style:none;margin:1rem 0 0;padding:0}
ul.rows>li{display:flex;align-items:center;gap:.75rem 1rem;flex-wrap:wrap;padding:.75rem 0;
border-top:1px solid var(--line)}
ul.rows>li>div{flex:1 1 14rem;min-width:0;overflow-wrap:anywhere}
ul.rows form,.inline{margin:0}
.badge{display:inline-block;border:1px solid var(--line);border-radius:999px;padding:0 .55rem;
font-size:.8125rem;color:var(--soft);margin-left:.4rem;white-space:nowrap}
.badge.on{color:var(--good);border-color:var(--good)}
code,.codes{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code{overflow-wrap:anywhere}
.codes{columns:2;list-style:none;padding:1rem;margin:1rem 0;background:var(--ground);border-radius:8px}
.codes li{padding:.15rem 0}
.qr{display:block;width:12rem;height:12rem;background:#fff;border-radius:8px;margin:1rem 0}
.actions{display:flex;gap:.75rem;flex-wrap:wrap;margin:1.25rem 0 0}
.actions form{margin:0}
details{margin:1rem 0 0}
summary{cursor:pointer;color:var(--accent);font-weight:550}
[hidden]{display:none!important}
footer{margin-top:auto;padding:1rem 1.25rem 1.5rem;text-align:center;color:var(--soft);font-size:.8125rem}
@media (max-width:30rem){.card{padding:1.25rem 1.1rem}header.top{padding-top:1.25rem}.codes{columns:1}}
`;
