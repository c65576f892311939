// An edge function as its author writes it, for StarlingMonkey (SpiderMonkey as a component).
addEventListener('fetch', (event) => event.respondWith(handle(event.request)));

async function handle(request) {
  const url = new URL(request.url);
  switch (url.pathname) {
    case '/echo':
      return new Response(request.body, { headers: { 'x-method': request.method } });
    case '/fetch': {
      const answer = await fetch(url.searchParams.get('url'));
      return new Response(`${answer.status} ${await answer.text()}`);
    }
    default:
      return new Response('hello');
  }
}
