// An Express application that hands every request to a component, in an instance of its own.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Policy, Program } from 'bailiwick';
import express, {
  type Express,
  type NextFunction,
  type Request as Incoming,
  type Response as Outgoing,
} from 'express';

/** @param policy what the program may do; its deadline bounds every request */
export function makeApp(program: Program, policy: Policy | object): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(async (incoming, outgoing) => {
    const instance = await program.instantiate({ policy, tenant: 'express' });
    const response = instance.fetch(toRequest(incoming, outgoing));
    // The program goes on after its answer's head: it is what writes the body.
    void instance.idle().then(() => instance.close());
    await send(await response, outgoing);
  });
  // What went wrong inside is for a log, not for the client. Express knows it by its four parameters.
  app.use((_error: unknown, _incoming: Incoming, outgoing: Outgoing, _next: NextFunction) => {
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.status(500).type('text').send('Internal Server Error\n');
  });
  return app;
}

/** @returns the request as the Fetch API has it, its body still on the way */
function toRequest(incoming: Incoming, outgoing: Outgoing): Request {
  const { method, headers, headersDistinct, originalUrl } = incoming;
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  const hasBody = headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
  const fields = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return new Request(`http://${headers.host ?? 'localhost'}${originalUrl}`, {
    method,
    headers: fields,
    signal: gone.signal,
    ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: 'half' }),
  });
}

async function send(response: Response, outgoing: Outgoing): Promise<void> {
  outgoing.writeHead(response.status, [...response.headers].flat());
  if (response.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(response.body), outgoing);
}
