import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Engine, type Program } from '../../src/index.ts';
import { worldGuest } from '../../test/guests/index.ts';
import { type Context, effortOf } from '../benchmark.ts';
import { compare, reading, time } from '../measure.ts';
import type { Row } from '../row.ts';

const MEBIBYTE = 1 << 20;
const CHUNK = new Uint8Array(65_536);
const LISTEN = '127.0.0.1:20000-29999';

/** One connection to an echo server: a guest of WASI 0.2 in C under one rule, and node:net, whose client both have. */
export async function tcpEcho(context: Context): Promise<readonly Row[]> {
  const size = (context.check ? 1 : 64) * MEBIBYTE;
  const program = await new Engine({ cache: false }).compile(await worldGuest('sockets'));
  const perMebibyte = async (echo: () => Promise<void>): Promise<Map<string, number>> =>
    new Map([['echo', ((await time(echo)) / size) * MEBIBYTE]]);
  const results = await compare(
    [
      { name: 'guest', round: () => perMebibyte(() => echoOfGuest(program, size)) },
      { name: 'node:net', round: () => perMebibyte(() => echoOfNode(size)) },
    ],
    effortOf(context, { warmUp: 500, rounds: 10 }),
  );
  return [
    {
      what: '1 MiB to a guest and back, over the loopback interface',
      ours: reading(results, 'guest', 'echo'),
      peer: { name: 'node:net, piped', time: reading(results, 'node:net', 'echo') },
    },
  ];
}

async function echoOfGuest(program: Program, size: number): Promise<void> {
  const { promise: port, resolve } = Promise.withResolvers<number>();
  let told = '';
  await using instance = await program.instantiate({
    policy: {
      version: 1,
      arguments: true,
      stdio: { stdout: true },
      sockets: [{ protocol: 'tcp', listen: LISTEN }],
    },
    args: 'tcp 4 + bind 127.0.0.1 0 + listen + local + say up + accept + echo'.split(' '),
    stdout: {
      write(chunk) {
        told += Buffer.from(chunk).toString();
        const found = /local=\S+ (\d+)/.exec(told);
        if (found !== null) resolve(Number(found[1]));
      },
    },
  });
  const running = instance.run();
  await roundTrip(await port, size);
  await running;
}

async function echoOfNode(size: number): Promise<void> {
  const server = createServer((socket) => void socket.pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await roundTrip((server.address() as AddressInfo).port, size);
  server.close();
  await once(server, 'close');
}

/** Sends `size` bytes as fast as they are taken, and waits until all of them are back. */
async function roundTrip(port: number, size: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  let received = 0;
  socket.on('data', ({ length }) => (received += length));
  let left = size;
  const send = (): void => {
    while (left > 0) {
      left -= CHUNK.length;
      if (!socket.write(CHUNK)) {
        socket.once('drain', send);
        return;
      }
    }
    socket.end();
  };
  socket.on('connect', send);
  await once(socket, 'close');
  if (received !== size) throw new Error(`${received} of ${size} bytes came back`);
}
