/*
 * Calls by hand, as pause and clear (packages/queue: numbered-calls.ts, lanes.ts, lua/fragments/numbered.lua): each goes through a lane; a cut connection leaves copies behind; a call is sent
 * again, or given up when its time is over, and its lane is the next to be used. Calls are known by when they began.
 */
mtype = { applied_once, answer_is_true, given_up_stays_out };
#include "promise.pml"
#include "sets.pml"

#define LANES 2
#define NUMBERS 5 /* of the calls of a lane, which count from 1 */
#define CALL(lane, count) (lane * NUMBERS + count)

#define IDLE 0
#define SENT 1 /* on its way, or waiting for the server */
#define ANSWERED 2

/* The client. */
byte begun;
byte state[LANES];
byte number[LANES];
byte next; /* the lane that came back last */
byte heard; /* the call that was answered and began last, counted from 1 */
byte givenUp; /* a mask of calls */

/* What each call carries, and copies of it in the buffers of dead connections, which arrive at any time, or never. */
byte callOf[LANES * NUMBERS];
bit late[LANES * NUMBERS];
byte reply[LANES];

/* The shard. */
byte applied[LANES];
byte answer[LANES];
byte done; /* a mask of calls */

byte cuts = CUTS;
byte ends = ENDS; /* of calls whose time is over */

hidden byte call;

#ifdef NUMBER_IGNORED
#define IS_COPY(lane, count) false
#else
#define IS_COPY(lane, count) (applied[lane] >= count)
#endif

/* A script that begins with `numbered` and ends with `remember`. */
inline apply(lane, count) {
  call = callOf[CALL(lane, count)];
  if
  :: IS_COPY(lane, count)
  :: else ->
     promise(applied_once, !HAS(done, call));
     promise(given_up_stays_out, !HAS(givenUp, call) || call + 1 >= heard);
     done = WITH(done, call);
#ifndef NUMBER_NOT_STORED
     applied[lane] = count;
#endif
#ifndef ANSWER_NOT_STORED
     answer[lane] = call
#endif
  fi
}

inline begin(lane) {
  number[lane]++;
  callOf[CALL(lane, number[lane])] = begun;
  begun++;
  state[lane] = SENT
}

inline receive(lane) {
  call = callOf[CALL(lane, number[lane])];
  promise(answer_is_true, HAS(done, call) && reply[lane] == call);
  if
  :: call + 1 > heard -> heard = call + 1
  :: else
  fi;
  state[lane] = IDLE;
  next = lane
}

inline leaveBehind(lane) {
  if
  :: state[lane] == SENT -> late[CALL(lane, number[lane])] = 1
  :: true
  fi
}

inline giveUp(lane) {
  leaveBehind(lane);
  givenUp = WITH(givenUp, callOf[CALL(lane, number[lane])]);
  state[lane] = IDLE;
#ifdef GIVEN_UP_LANE_NOT_NEXT
  next = 1 - lane
#else
  next = lane
#endif
}

/* With one at a time the client begins no call while another is under way: then the next one keeps out whatever was given up. */
#define FREE(lane) (begun < CALLS && state[lane] == IDLE && (state[1 - lane] == IDLE -> next == lane : !ONE_AT_A_TIME))
#define CLIENT(lane) \
  :: d_step { FREE(lane) -> begin(lane) } \
  :: d_step { state[lane] == ANSWERED -> receive(lane) } \
  :: atomic { ends > 0 && state[lane] != IDLE -> ends--; giveUp(lane) }

active proctype Client() {
end:
  do
  CLIENT(0)
  CLIENT(1)
  od
}

#define CUT(lane) atomic { cuts > 0 && state[lane] != IDLE -> cuts--; leaveBehind(lane); state[lane] = SENT }

active proctype Connection() {
end:
  do
  :: CUT(0)
  :: CUT(1)
  od
}

#define SERVE(lane) \
  :: d_step { state[lane] == SENT -> apply(lane, number[lane]); reply[lane] = answer[lane]; state[lane] = ANSWERED } \
  :: SERVE_LATE(lane, 1) \
  :: SERVE_LATE(lane, 2) \
  :: SERVE_LATE(lane, 3) \
  :: SERVE_LATE(lane, 4)
#define SERVE_LATE(lane, count) d_step { late[CALL(lane, count)] -> apply(lane, count); late[CALL(lane, count)] = 0 }

active proctype Server() {
end:
  do
  SERVE(0)
  SERVE(1)
  od
}

ltl every_call_ends { <> (begun == CALLS && state[0] == IDLE && state[1] == IDLE) }
