// Answers requests, and some of them with what another server answers.
//
// GET /hello        a text
// POST /upper       the body in capitals, piece by piece
// ANY /to/HOST/PATH what https://HOST/PATH answers to the same method, fields and body, as it comes
// GET /nothing      returns without an answer
// GET /throws       throws
import { handle } from 'wasi:http/outgoing-handler@0.2.12';
import {
  Fields,
  IncomingBody,
  OutgoingBody,
  OutgoingRequest,
  OutgoingResponse,
  ResponseOutparam,
} from 'wasi:http/types@0.2.12';

// No TextEncoder here; the texts are ASCII.
const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Passes all bytes on. What it writes waits for whoever reads it. */
function copy(input, output, change = (chunk) => chunk) {
  for (;;) {
    let chunk;
    try {
      chunk = input.blockingRead(4096);
    } catch (error) {
      if (error.payload?.tag === 'closed') return;
      throw error;
    }
    output.blockingWriteAndFlush(change(chunk));
  }
}

/** Moves a body, and its trailers. */
function move(incoming, outgoing, change) {
  const input = incoming.stream();
  const output = outgoing.write();
  copy(input, output, change);
  input[Symbol.dispose]();
  output[Symbol.dispose]();
  const future = IncomingBody.finish(incoming);
  const ready = future.subscribe();
  ready.block();
  ready[Symbol.dispose]();
  const trailers = future.get();
  future[Symbol.dispose]();
  OutgoingBody.finish(outgoing, trailers.val?.val ?? undefined);
}

function respond(out, status, headers) {
  const response = new OutgoingResponse(headers);
  response.setStatusCode(status);
  const body = response.body();
  ResponseOutparam.set(out, { tag: 'ok', val: response });
  return body;
}

function sayText(out, status, text) {
  const body = respond(out, status, Fields.fromList([['content-type', bytes('text/plain')]]));
  const output = body.write();
  output.blockingWriteAndFlush(bytes(text));
  output[Symbol.dispose]();
  OutgoingBody.finish(body, undefined);
}

function upper(chunk) {
  return chunk.map((byte) => (byte >= 97 && byte <= 122 ? byte - 32 : byte));
}

function pass(request, out, [, host, path]) {
  const own = request.headers();
  const outgoing = new OutgoingRequest(own.clone());
  own[Symbol.dispose]();
  outgoing.setMethod(request.method());
  outgoing.setScheme({ tag: 'HTTPS' });
  outgoing.setAuthority(host);
  outgoing.setPathWithQuery(path);
  const body = outgoing.body();
  let future;
  try {
    future = handle(outgoing, undefined);
  } catch (error) {
    return sayText(out, 403, `error:${error.payload.tag}`);
  }
  move(request.consume(), body);
  const ready = future.subscribe();
  ready.block();
  ready[Symbol.dispose]();
  const { val: answer } = future.get();
  if (answer.tag === 'err') return sayText(out, 502, `error:${answer.val.tag}`);
  const response = answer.val;
  const headers = response.headers();
  move(response.consume(), respond(out, response.status(), headers.clone()));
}

export const incomingHandler = {
  handle(request, out) {
    const path = request.pathWithQuery();
    const to = /^\/to\/([^/]+)(\/.*)$/.exec(path);
    if (to !== null) pass(request, out, to);
    else if (path === '/hello') sayText(out, 200, 'hello');
    else if (path === '/upper') move(request.consume(), respond(out, 200, new Fields()), upper);
    else if (path === '/throws') throw new Error('on purpose');
    else if (path !== '/nothing') sayText(out, 404, 'there is nothing');
  },
};
