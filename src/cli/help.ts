/** Help texts, by command. */
export const HELP = {
  '': `Bailiwick runs untrusted WebAssembly under a JSON policy.

Usage: bailiwick COMMAND

Commands:
  run           Run a program (WASI 0.1 module, 0.2 or 0.3 component) under a policy
  serve         Answer HTTP requests with components, each under its policy
  inspect       Tell what a program is and what it can ask for
  policy check  Validate a policy and print its normal form
  policy new    Print a policy to start from

Options:
  -h, --help     This text; \`bailiwick COMMAND --help\` for one command
  -V, --version  The version

Examples:
  bailiwick run --dir ./data::/data::ro report.wasm --month 5
  bailiwick run --policy tenant.jsonc --audit audit.jsonl plugin.wasm
  bailiwick serve --addr 127.0.0.1:8080 hello.wasm
  bailiwick inspect plugin.wasm
`,
  run: `Runs a program under a policy. Without --policy it gets preset:command (arguments, standard streams, coarse clocks,
randomness) and what the flags add; with it, what the policy says and what the flags add.

Usage: bailiwick run [OPTIONS] PROGRAM.wasm [ARGS...]

Options:
  --policy FILE|preset:NAME  The policy. Relative host paths in it start at its own directory
  --dir HOST[::GUEST[::MODE]]  Mount a directory of this machine. MODE is one of
                               rw       read and write it (the default)
                               ro       read it
                               overlay  read it; changes stay in memory
                               memory   a copy in memory
                               image    HOST is an archive (tar, tar.gz, zip), read-only
  --env NAME=VALUE           Set a variable; NAME alone takes this machine's value
  --timeout DURATION         End the program after this time: 500ms, 5s, 2min
  --max-memory SIZE          Bound its linear memory: 64MiB, or bytes
  --http '[METHODS] URL [ADDRESSES]'
                             Let it send requests: --http 'GET,POST https://api.example.com/**'
  --connect '[udp:]HOST:PORT[-PORT] [ADDRESSES]'
                             Let it connect (or send datagrams): --connect 'db.internal:5432 10.0.0.0/8'
  --listen [udp:]ADDRESS:PORT[-PORT]
                             Let it listen: --listen 127.0.0.1:8080
  --tcplisten ADDRESS:PORT   Start it (WASI 0.1) with a socket that listens there
  --lookup NAME              Let it look a name up, \`*.example.com\` for those below
                             ADDRESSES are CIDR blocks that the addresses of a name may lie in; public ones when absent
  --inherit-network          Not supported: grant what the program needs
  --secret NAME[=VALUE]      Bind a secret that a rule's headers name; NAME alone takes this machine's variable
  --dns SERVER               Ask this name server, in place of the system's resolver
  --audit FILE               Append the log to FILE, one JSON record per line
  --changes FILE             Write what the program changed in its overlay to FILE, a tar archive (OCI image layer)
  --tenant NAME              Who it runs for, in the log
  --isolation LEVEL          Where it runs. LEVEL is one of
                               inline   on the thread of bailiwick itself (the default)
                               thread   on a thread of its own
                               process  in a process of its own, which the system confines, too
                             A virtual network is there inline only; of an isolated program that is interrupted, or ends with its
                             thread or process, --changes can write nothing
  --no-cache                 Do not use the compile cache on disk
  --print-policy             Print the policy that the flags make, and stop

Exit codes: the program's own; 134 trap, 124 passed limit, 130 interrupted, 125 an error of bailiwick's, or a thread or
process of --isolation that ended with the program in it.

Examples:
  bailiwick run hello.wasm
  bailiwick run --dir .::/src::ro --env LANG=C.UTF-8 lint.wasm /src
  bailiwick run --dir .::/src::overlay format.wasm --write /src
  bailiwick run --dir .::/src::overlay --changes changes.tar format.wasm --write /src
  bailiwick run --http 'GET https://api.example.com/rates/**' rates.wasm
  bailiwick run --policy preset:none --timeout 1s --max-memory 64MiB untrusted.wasm
  bailiwick run --isolation process --dir data::/data::ro untrusted.wasm
  bailiwick run --dir data::/data --print-policy
`,
  serve: `Answers HTTP requests with components that export wasi:http/incoming-handler, or wasi:http/handler of WASI 0.3. Each request
gets an instance of its own unless --reuse says otherwise. SIGINT or SIGTERM lets running requests finish; a second one ends
them.

Usage: bailiwick serve [OPTIONS] COMPONENT.wasm
       bailiwick serve [OPTIONS] --routes FILE

Options:
  --addr HOST:PORT       Where to listen, 127.0.0.1:8080 by default; port 0 takes one that is free
  --routes FILE          Serve several: a list of { "host", "path", "program", "policy", "tenant", "isolation" }, JSON with
                         comments. \`host\`, \`path\` and \`isolation\` may be left out; the longest path wins. Files count from
                         the list's own directory
  --reuse N              Requests that one instance answers, one after the other (of WASI 0.3: at the same time); 1 by default
  --max-concurrent N     Requests at work at one time, 100 by default; 1,000 more may wait, further ones are answered 503
  --isolation LEVEL      Where instances run: inline (the default), or each in a thread or process to itself. Of either there are
                         at most as many as --max-concurrent says, 16 if it does not; one that is done is used again for
                         the same tenant. A request that none is free for within 10s is answered 503
  --max-body SIZE        Bound the body of a request, 10MiB by default; a larger one is answered 413
  --metrics HOST:PORT    Answer GET /metrics there, for Prometheus: what tenants used, and how instances ended. It names
                         tenants, so listen where only you can ask; :PORT is this machine alone
  --grace DURATION       Time that running requests get at the end, 10s by default
  --verbose              A line on standard error for each answer
  --policy, --dir, --env, --timeout, --max-memory, --http, --connect, --listen, --lookup, --secret, --dns, --audit, --tenant,
  --no-cache             As for \`bailiwick run\`. --timeout is for the life of an instance

A program that traps or gives no answer is answered 500, one that passes its time 504.

Exit codes: 0 after a signal, 125 an error of bailiwick's.

Examples:
  bailiwick serve hello.wasm
  bailiwick serve --addr 0.0.0.0:80 --timeout 5s --max-memory 64MiB --reuse 100 shop.wasm
  bailiwick serve --http 'GET https://api.example.com/**' proxy.wasm
  bailiwick serve --isolation process --max-concurrent 32 --reuse 100 shop.wasm
  bailiwick serve --routes routes.jsonc --audit audit.jsonl --metrics 127.0.0.1:9464
`,
  inspect: `Tells what a program is, which sections of a policy it can make use of, its size and digest. None of it runs.

Usage: bailiwick inspect [--json] PROGRAM.wasm

Examples:
  bailiwick inspect plugin.wasm
  bailiwick inspect --json plugin.wasm | jq -r .sha256
`,
  'policy check': `Validates a policy and prints its normal form. Every problem is reported, with file:line:column.

Usage: bailiwick policy check [--json] FILE

Exit codes: 0 valid, 125 not.

Examples:
  bailiwick policy check tenant.jsonc
  bailiwick policy check --json tenant.jsonc
`,
  'policy new': `Prints a policy with comments to start from.

Usage: bailiwick policy new [PRESET]

Examples:
  bailiwick policy new > policy.jsonc
  bailiwick policy new none > policy.jsonc
`,
} as const;
