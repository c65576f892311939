// Answers with what it was sent, in capitals, while it is still being sent.
import { Fields, Request, Response } from 'wasi:http/types@0.3.0';

const isSmall = (byte) => byte >= 0x61 && byte <= 0x7a;

async function* shout(body) {
  for await (const chunk of body) yield chunk.map((byte) => (isSmall(byte) ? byte - 0x20 : byte));
}

export const handler = {
  async handle(request) {
    const [body, trailers] = Request.consumeBody(request, Promise.resolve({ tag: 'ok' }));
    const [response, transmission] = Response.new(new Fields(), shout(body), trailers);
    // Whether it is sent is no business of ours; a handle that is kept is one that counts.
    transmission.drop();
    response.setStatusCode(203);
    return response;
  },
};
