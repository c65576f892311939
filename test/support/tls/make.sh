#!/bin/sh
# Makes the keys and certificates of the tests, valid for 100 years. They protect nothing: the keys are public.
set -eu
cd "$(dirname "$0")"
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key.pem"; }
authority() { # NAME
  key "$1"
  openssl req -x509 -new -key "$1.key.pem" -days 36500 -subj "/CN=Bailiwick test $1" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -out "$1.pem"
}
leaf() { # NAME EXTENSIONS
  key "$1"
  openssl req -new -key "$1.key.pem" -subj "/CN=Bailiwick test $1" -out "$1.csr"
  printf '%s\n' "$2" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key.pem -set_serial "0x$(openssl rand -hex 8)" \
    -days 36500 -extfile "$1.ext" -out "$1.pem"
  rm "$1.csr" "$1.ext"
}
authority ca
leaf server 'subjectAltName=DNS:a.test,DNS:b.test,IP:127.0.0.1,IP:::1
extendedKeyUsage=serverAuth'
leaf client 'extendedKeyUsage=clientAuth'
rm ca.key.pem
