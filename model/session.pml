/*
 * Sessions (lua/open.lua): a number that is handed out to each queue and each worker, from the server's clock, so that a server that has lost its last writes gives none twice.
 * Names of lanes and generated ids are made of it: two clients with one session take each other's batches for copies.
 */
mtype = { session_given_once };
#include "promise.pml"

#define CLIENTS 5

byte session; /* `meta` */
byte saved;
bit maySave = 1;
bit mayLose;

byte clock = 1;
byte given[CLIENTS];
byte clients;

hidden byte other;

/* The unit of the clock is so short that it has gone on before the next client says hello. */
#ifdef CLOCK_OF_SECONDS
#define PASSES 0
#else
#define PASSES 1
#endif

inline open() {
  session = (session + 1 > clock -> session + 1 : clock);
  for (other : 1 .. clients) { promise(session_given_once, given[other - 1] != session) }
  given[clients] = session;
  clients++;
  clock = clock + PASSES
}

active proctype Server() {
end:
  do
  :: d_step { clients < CLIENTS -> open() }
  :: d_step { maySave -> maySave = 0; mayLose = 1; saved = session }
  :: d_step { mayLose -> mayLose = 0; session = saved; clock++ }
  :: d_step { clock < 2 * CLIENTS -> clock++ }
  od
}
