import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { BindingError } from '../../errors.ts';
import type { ClientCertificate, NetworkOptions } from '../../virtual/machine.ts';

/** Whom one stack trusts, and as whom it speaks. Made when first needed, and never shared with another stack. */
export class TlsContexts {
  readonly #authorities: readonly string[] | undefined;
  readonly #certificates: ReadonlyMap<string, ClientCertificate>;
  readonly #contexts = new Map<string, SecureContext>();

  /** @throws BindingError BW_BINDING_CERTIFICATE */
  constructor({ certificateAuthorities, clientCertificates }: NetworkOptions) {
    this.#authorities = certificateAuthorities;
    this.#certificates = clientCertificates ?? new Map();
    // Here, where it is the embedder's to hear, and not at the guest's first request.
    if (certificateAuthorities !== undefined) this.for('');
    for (const host of this.#certificates.keys()) this.for(host);
  }

  /** @param host as in `HttpRequestHead` */
  for(host: string): SecureContext {
    const key = this.#certificates.has(host) ? host : '';
    let context = this.#contexts.get(key);
    if (context === undefined) this.#contexts.set(key, (context = this.#make(key)));
    return context;
  }

  #make(host: string): SecureContext {
    const own = this.#certificates.get(host);
    try {
      // createSecureContext passes over what is no certificate, and then trusts nobody.
      for (const pem of this.#authorities ?? []) void new X509Certificate(pem);
      return createSecureContext({
        ...(this.#authorities !== undefined && { ca: [...this.#authorities] }),
        ...(own !== undefined && { cert: own.certificate, key: own.key }),
        ...(own?.passphrase !== undefined && { passphrase: own.passphrase }),
      });
    } catch {
      // Without the cause: texts of OpenSSL may quote what they could not read.
      throw new BindingError(
        'BW_BINDING_CERTIFICATE',
        own === undefined
          ? 'The certificate authorities cannot be read; expected certificates in PEM.'
          : `The client certificate for ${JSON.stringify(host)} cannot be used; expected a certificate and its key in PEM.`,
      );
    }
  }
}
