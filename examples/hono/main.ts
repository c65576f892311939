// node examples/hono/main.ts [COMPONENT.wasm]
import { serve } from '@hono/node-server';
import { Engine } from 'bailiwick';
import { buildHello } from '../http-guest/build.ts';
import { makeApp } from './app.ts';

const program = await new Engine().compile(process.argv[2] ?? (await buildHello()));
const policy = { version: 1, limits: { deadline: '10s', memory: '64MiB' } };
serve({ fetch: makeApp(program, policy).fetch, hostname: '127.0.0.1', port: 3000 }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}/`);
});
