/*
 * Adds (packages/queue: adder.ts, lua/add.lua; packages/store: caller.ts): batches go through lanes; a cut connection leaves copies behind; a call is sent again, or given up
 * when its time is over; and jobs run meanwhile, so that a copy may find its job anywhere. A batch has one job here: what happens to one happens to all of a batch.
 */
mtype = { one_place, added_once, acknowledged_means_added };
#include "promise.pml"
#include "sets.pml"

#define LANES 2 /* of a session */
#define ALL_LANES 4 /* of two sessions */
#define ALL_JOBS ((1 << JOBS) - 1)
#define NUMBERS 8 /* of the calls of a lane, which count from 1 */
#define CALL(lane, count) (lane * NUMBERS + count)

#define IDLE 0
#define SENT 1 /* on its way, or waiting for the server */
#define ANSWERED 2
#define GIVEN_UP 3

/* The producer. Jobs are added in order; sets of jobs are masks of bits. */
byte nextJob;
byte session;
byte state[ALL_LANES];
byte number[ALL_LANES];
byte calls[ALL_LANES];
bit again[ALL_LANES];
byte acknowledged;
byte unknown; /* their add ended without an answer: the job may exist */
byte wantedAgain; /* what the caller adds again, by the id that the error names */

/* What each call carries. */
byte jobOf[ALL_LANES * NUMBERS];
bit named[ALL_LANES * NUMBERS];

/* Copies in the buffers of dead connections, which arrive at any time, or never: 1 for a first try, 2 for one that says that it is sent again. */
byte late[ALL_LANES * NUMBERS];

/* The shard. */
byte ready;
byte leased;
byte ended;
byte applied[ALL_LANES];
byte added; /* for promises only: what was ever written, */
byte lost; /* and what the server has lost of it */

byte cuts = CUTS;
byte ends = ENDS; /* of calls whose time is over */
bit maySave = LOSS;
bit mayLose;

hidden byte job;
hidden byte other;

#ifdef ONE_MARK_FOR_A_SESSION
#define MARK(lane) (lane / LANES * LANES)
#else
#define MARK(lane) (lane)
#endif

#ifdef NUMBER_IGNORED
#define IS_COPY(lane, count, resent) false
#else
#ifdef ONLY_RESENT_COPIES_COMPARED
#define IS_COPY(lane, count, resent) (resent && applied[MARK(lane)] >= count)
#else
#define IS_COPY(lane, count, resent) (applied[MARK(lane)] >= count)
#endif
#endif

/* lua/add.lua */
inline apply(lane, count, resent) {
  job = jobOf[CALL(lane, count)];
  if
  :: IS_COPY(lane, count, resent)
  :: else ->
#ifndef NUMBER_NOT_STORED
     applied[MARK(lane)] = count;
#endif
     if
     :: named[CALL(lane, count)] && HAS(ready | leased | ended, job) /* answered as a duplicate */
     :: else ->
        promise(one_place, !HAS(ready | leased | ended, job));
        promise(added_once, !HAS(added, job) || named[CALL(lane, count)]);
        added = WITH(added, job);
        ready = WITH(ready, job)
     fi
  fi
}

inline send(lane, id, byName) {
  calls[MARK(lane)]++;
  number[lane] = calls[MARK(lane)];
  jobOf[CALL(lane, number[lane])] = id;
  named[CALL(lane, number[lane])] = byName;
  state[lane] = SENT
}

inline receive(lane) {
  job = jobOf[CALL(lane, number[lane])];
  promise(acknowledged_means_added, HAS(added | lost, job));
  acknowledged = WITH(acknowledged, job);
  again[lane] = 0;
  state[lane] = IDLE
}

inline leaveBehind(lane) {
  if
  :: state[lane] == SENT -> late[CALL(lane, number[lane])] = 1 + again[lane]
  :: true
  fi
}

/* The lane, and with it the session, is not used again. */
inline giveUp(lane) {
  leaveBehind(lane);
  job = jobOf[CALL(lane, number[lane])];
  unknown = WITH(unknown, job);
#ifdef ADDED_AGAIN_BY_CALLER
  wantedAgain = WITH(wantedAgain, job);
#endif
  session = 1;
  again[lane] = 0;
  state[lane] = GIVEN_UP
}

#define FREE(lane) (state[lane] == IDLE && session == lane / LANES)
#define PRODUCE(lane) \
  :: d_step { FREE(lane) && nextJob < JOBS -> send(lane, nextJob, 0); nextJob++ } \
  :: d_step { FREE(lane) && HAS(wantedAgain, 0) -> wantedAgain = WITHOUT(wantedAgain, 0); send(lane, 0, 1) } \
  :: d_step { FREE(lane) && HAS(wantedAgain, 1) -> wantedAgain = WITHOUT(wantedAgain, 1); send(lane, 1, 1) } \
  :: d_step { state[lane] == ANSWERED -> receive(lane) } \
  :: atomic { ends > 0 && state[lane] != IDLE && state[lane] != GIVEN_UP -> ends--; giveUp(lane) }

active proctype Producer() {
end:
  do
  PRODUCE(0)
  PRODUCE(1)
  PRODUCE(2)
  PRODUCE(3)
  od
}

#define CUT(lane) atomic { cuts > 0 && (state[lane] == SENT || state[lane] == ANSWERED) -> cuts--; leaveBehind(lane); again[lane] = 1; state[lane] = SENT }

active proctype Connection() {
end:
  do
  :: CUT(0)
  :: CUT(1)
  :: CUT(2)
  :: CUT(3)
  od
}

/* What a server would come back with that loses its last writes. */
byte savedReady;
byte savedLeased;
byte savedEnded;
byte savedAdded;
byte savedApplied[ALL_LANES];

inline save() {
  savedReady = ready;
  savedLeased = leased;
  savedEnded = ended;
  savedAdded = added;
  for (other : 0 .. ALL_LANES - 1) { savedApplied[other] = applied[other] }
  maySave = 0;
  mayLose = 1
}

/* A call that was under way is sent again, or was held back and not sent yet. What connections had in their buffers died with the server that they led to. */
inline interrupt(lane) {
  if
  :: state[lane] == ANSWERED || state[lane] == SENT -> state[lane] = SENT; again[lane] = 1
  :: state[lane] != ANSWERED
  fi;
  for (other : 1 .. NUMBERS - 1) { late[CALL(lane, other)] = 0 }
}

/* An add that was acknowledged and not saved is lost: that much is promised to nobody. */
inline lose() {
  lost = added & ~savedAdded;
  ready = savedReady;
  leased = savedLeased;
  ended = savedEnded;
  added = savedAdded;
  for (other : 0 .. ALL_LANES - 1) { applied[other] = savedApplied[other] }
  interrupt(0); interrupt(1); interrupt(2); interrupt(3);
  mayLose = 0
}

active proctype Restart() {
end:
  do
  :: d_step { maySave -> save() }
  :: atomic { mayLose -> lose() }
  od
}

#define SERVE(lane) \
  :: d_step { state[lane] == SENT -> apply(lane, number[lane], again[lane]); state[lane] = ANSWERED } \
  :: SERVE_LATE(lane, 1) \
  :: SERVE_LATE(lane, 2) \
  :: SERVE_LATE(lane, 3)
#define SERVE_LATE(lane, count) d_step { late[CALL(lane, count)] != 0 -> apply(lane, count, late[CALL(lane, count)] == 2); late[CALL(lane, count)] = 0 }

active proctype Server() {
end:
  do
  SERVE(0)
  SERVE(1)
  SERVE(2)
  SERVE(3)
  od
}

/* A job ends, and is kept or not. */
#define WORK(id) \
  :: d_step { HAS(ready, id) -> ready = WITHOUT(ready, id); leased = WITH(leased, id) } \
  :: atomic { \
       HAS(leased, id) -> \
       leased = WITHOUT(leased, id); \
       if \
       :: ended = WITH(ended, id) \
       :: true \
       fi \
     }

active proctype Workers() {
end:
  do
  WORK(0)
  WORK(1)
  WORK(2)
  od
}

ltl every_add_is_answered { <> ((acknowledged | unknown) == ALL_JOBS) }
ltl acknowledged_jobs_leave { [] (((acknowledged & 1) != 0) -> <> (((ready | leased) & 1) == 0)) }
