// node examples/express/main.ts [COMPONENT.wasm]
import { Engine } from 'bailiwick';
import { buildHello } from '../http-guest/build.ts';
import { makeApp } from './app.ts';

const program = await new Engine().compile(process.argv[2] ?? (await buildHello()));
const policy = { version: 1, limits: { deadline: '10s', memory: '64MiB' } };
makeApp(program, policy).listen(3000, '127.0.0.1', () => console.log('http://127.0.0.1:3000/'));
