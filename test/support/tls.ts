import { readFileSync } from 'node:fs';

/** Keys and certificates of tls/, which tls/make.sh makes. */
function pem(name: string): string {
  return readFileSync(new URL(`tls/${name}.pem`, import.meta.url), 'utf8');
}

/** Trusted by nobody but tests. */
export const TEST_CA: string = pem('ca');

/** Of a.test, b.test, 127.0.0.1 and ::1. */
export const SERVER_TLS: { readonly cert: string; readonly key: string } = {
  cert: pem('server'),
  key: pem('server.key'),
};

export const CLIENT_TLS: { readonly cert: string; readonly key: string } = {
  cert: pem('client'),
  key: pem('client.key'),
};
