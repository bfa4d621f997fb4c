/*
 * What lies between workers and the server, and what goes wrong: connections are cut before or after a call arrives, copies arrive late, heartbeats come too late, a worker dies.
 */
/* A copy that was left in the buffers of a dead connection: it may arrive at any time, or never. */
typedef LateCopy {
  byte number; /* 0 for none */
  bit tidy;
  byte want;
  short batch
}

LateCopy late[LANES];

/* How many are left. */
byte lapses = LAPSES; /* of heartbeats of workers that live */
byte deaths = DEATHS;

#define SERVE(lane) \
  d_step { \
    call[lane].state == SENT -> \
    settle(lane, call[lane].number, call[lane].want, call[lane].tidy, call[lane].batch); \
    checkAnswer(call[lane].batch); \
    call[lane].taken = taken; \
    call[lane].refused = refused; \
    call[lane].state = ANSWERED \
  }
#define SERVE_LATE(lane) \
  d_step { \
    late[lane].number != 0 -> \
    settle(lane, late[lane].number, late[lane].want, late[lane].tidy, late[lane].batch); \
    forget(lane) \
  }

inline forget(lane) {
  late[lane].number = 0;
  late[lane].tidy = 0;
  late[lane].want = 0;
  late[lane].batch = 0
}

proctype Server() {
end:
  do
  :: SERVE(0)
  :: SERVE(1)
  :: SERVE(2)
  :: SERVE(3)
  :: SERVE_LATE(0)
  :: SERVE_LATE(1)
  :: SERVE_LATE(2)
  :: SERVE_LATE(3)
  od
}

/* The request stays behind on its way, or is lost with its connection. */
inline leaveBehind(lane) {
  if
  :: late[lane].number == 0 ->
     late[lane].number = call[lane].number;
     late[lane].tidy = call[lane].tidy;
     late[lane].want = call[lane].want;
     late[lane].batch = call[lane].batch
  :: true
  fi
}

/* The answer is lost: the call is sent again. */
inline resend(lane) {
  call[lane].state = SENT;
  call[lane].again = 1;
  call[lane].taken = 0;
  call[lane].refused = 0
}

inline cut(lane) {
  if
  :: call[lane].state == SENT -> leaveBehind(lane); call[lane].again = 1
  :: else -> resend(lane)
  fi
}

inline die(id, lane) {
  if
  :: call[lane].state == SENT -> leaveBehind(lane)
  :: else
  fi;
  endCall(lane)
}

#ifdef REFUSED_FOR_GOOD
/* The repetition of a call is refused by an error that is not waited out: the outcomes go into the next call, and the doubt is forgotten. */
inline refuse(id, lane) {
  worker[id].finished = worker[id].finished | call[lane].batch;
  endCall(lane)
}
#define REFUSE(id, lane) d_step { call[lane].state == SENT && call[lane].again -> refuse(id, lane) }
#endif

#define CUT(lane) atomic { cuts > 0 && call[lane].state != IDLE -> cuts--; cut(lane) }

/* The worker that dies is always the last: workers are alike. */
#define MORTAL (WORKERS - 1)
#define HELD_BY_DEAD(id) (shard.lease[id] != 0 && holderOf[shard.lease[id]] == MORTAL && !HAS(shard.overdue, id))

proctype Faults() {
end:
  do
  :: CUT(0)
  :: CUT(1)
  :: CUT(2)
  :: CUT(3)
#ifdef REFUSED_FOR_GOOD
  :: REFUSE(0, 0)
  :: REFUSE(0, 1)
#endif
  :: d_step { lapses > 0 && !worker[0].dead -> lapse(0); lapses-- }
  :: d_step { lapses > 0 && !worker[1].dead -> lapse(1); lapses-- }
  :: d_step { worker[MORTAL].dead && (HAS(shard.heartbeats, MORTAL) || HELD_BY_DEAD(0) || HELD_BY_DEAD(1)) -> lapse(MORTAL); skip }
  :: atomic {
       deaths > 0 ->
       deaths--;
       die(MORTAL, 2 * MORTAL);
       die(MORTAL, 2 * MORTAL + 1);
       worker[MORTAL].dead = 1;
       worker[MORTAL].holds = 0;
       worker[MORTAL].running = 0;
       worker[MORTAL].finished = 0;
       worker[MORTAL].doubt = 0;
       worker[MORTAL].comparing = 0;
       worker[MORTAL].seen = 0
     }
  :: d_step { worker[MORTAL].dead && !HAS(shard.heartbeats, MORTAL) && (shard.applied[2 * MORTAL] != 0 || shard.applied[2 * MORTAL + 1] != 0) ->
       /* Silent for a minute: lua/extend.lua forgets its lanes. */
       shard.applied[2 * MORTAL] = 0;
       shard.applied[2 * MORTAL + 1] = 0;
       shard.kept[2 * MORTAL] = 0;
       shard.kept[2 * MORTAL + 1] = 0
     }
  od
}

inline runAll() {
  shard.heartbeats = 1;
  worker[1].dead = 1;
#if WORKER_COUNT == 2
  shard.heartbeats = 3;
  worker[1].dead = 0;
  run WorkerProcess(1);
#endif
  run WorkerProcess(0);
  run Server();
  run Faults()
}
