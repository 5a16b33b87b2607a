export const help = `Lookaside: a console for Redis caches and the Postgres queries behind them.

Usage
  lookaside serve [options]       open Lookaside in a browser window, served on this machine only
  lookaside keys [options]        namespaces and how many keys each holds
  lookaside ttl [options]         when keys expire, which never do, and where many expire at once
  lookaside invalidate [options]  delete exactly the stale keys, with a preview before
  lookaside undo FILE|RUN         give back what an invalidation took
  lookaside resume RUN            go on with a run that was stopped or killed
  lookaside run NAME|FILE         carry out a saved invalidation
  lookaside runbooks              saved invalidations: list, show, import, remove
  lookaside runs                  runs that can be gone on with or taken back
  lookaside journal verify|export the audit journal: check it, write it out
  lookaside COMMAND --help        the options of a command
  lookaside --help | --version

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused (read-only, a guard, an expectation that was not met).
`;

export const serveHelp = `Lookaside: the same app in a browser window, served on this machine only.

Usage
  lookaside serve [options]

What to open
  --demo                  real servers with a sample shop and live traffic
  --keys N                keys that the demo makes
  --rate N                requests per second of the demo's traffic
  --url TEXT              a Redis: URL, redis-cli line, host:port
  --pg TEXT               the Postgres behind it: URL or libpq keywords
                          Without any of these the connections are shown.

How to serve
  --port N                port to listen on (default: any free one)
  --listen ADDRESS        127.0.0.1 (default) or ::1; anything else is refused
  --public-port N         port of the other side of a tunnel (ssh -L N:127.0.0.1:PORT); may be repeated
  --no-open               print the address only
  --json                  one line {"url": ...} on standard output when ready; implies nothing else
  --token-file FILE       write the one-time token to FILE (mode 0600) instead of printing it
  --idle-exit MIN         end after MIN minutes without an open page
  --data-folder DIR       where profiles and history are kept (default: LOOKASIDE_DATA, else the system's place)

The printed address opens Lookaside once. Enter (or SIGUSR2) prints a new one; Ctrl-C ends it.
Passwords given here are visible to other users of this machine while it runs; they stay in memory and are not stored.
`;
