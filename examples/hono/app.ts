// A Hono application that hands every request to a component, in an instance of its own.
import type { Policy, Program } from 'bailiwick';
import { Hono } from 'hono';

/** @param policy what the program may do; its deadline bounds every request */
export function makeApp(program: Program, policy: Policy | object): Hono {
  const app = new Hono();
  app.all('*', async ({ req }) => {
    const instance = await program.instantiate({ policy, tenant: 'hono' });
    const response = instance.fetch(req.raw);
    // The program goes on after its answer's head: it is what writes the body.
    void instance.idle().then(() => instance.close());
    return response;
  });
  // What went wrong inside is for a log, not for the client.
  app.onError((_error, context) => context.text('Internal Server Error\n', 500));
  return app;
}
