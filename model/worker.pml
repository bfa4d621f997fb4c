/*
 * Workers as the server meets them: jobs whose handlers run, outcomes to report, two lanes of calls, heartbeats, and the comparison of leases
 * (packages/worker: shard/, slots.ts, dispatcher.ts, heartbeat/; packages/store: call/).
 */
#define IDLE 0
#define SENT 1 /* on its way, or waiting for the server */
#define ANSWERED 2 /* applied, and the answer is on its way */

typedef Call {
  byte state;
  byte number;
  bit again; /* an earlier try may have been applied */
  bit tidy;
  byte want;
  short batch;
  short taken;
  short refused
}

Call call[LANES];

typedef Worker {
  bit dead;
  short holds; /* leases whose handlers run or wait for a slot */
  byte running; /* how many these are */
  short finished; /* leases whose outcomes are not under way yet */
  bit doubt;
  byte comparing; /* 0, or one more than the job that is read next */
  short seen
}

Worker worker[WORKERS];

/* How many are left. */
byte retries = RETRIES;
byte cuts = CUTS; /* of connections */

#define QUIET(id) (call[2 * id].state == IDLE && call[2 * id + 1].state == IDLE)
#define ASKED(id) (call[2 * id].want + call[2 * id + 1].want)
#define ROOM(id) (worker[id].running + ASKED(id) < CONCURRENCY -> CONCURRENCY - worker[id].running - ASKED(id) : 0)

/* A settle is sent where it does something: a look that finds nothing changes nothing, and would make the numbers grow for ever. */
#define USEFUL(id) (worker[id].finished != 0 || LOST(0) || LOST(1) || (shard.inReady != 0 && ROOM(id) > 0))

inline countHeld(id) {
  worker[id].running = 0;
  for (other : 1 .. leases) { worker[id].running = worker[id].running + HAS(worker[id].holds, other) }
  other = 0 /* spin: a loop must not be the last in a d_step */
}

inline sendSettle(id, lane) {
  call[lane].want = ROOM(id);
  call[lane].batch = worker[id].finished;
  worker[id].finished = 0;
  call[lane].number++;
  call[lane].again = 0;
  call[lane].state = SENT;
  /* Every second, and when a timer fires: a call with nothing to report is such a look. */
  if
  :: call[lane].tidy = 1
  :: call[lane].batch != 0 -> call[lane].tidy = 0
  fi
}

inline endCall(lane) {
  call[lane].state = IDLE;
  call[lane].again = 0;
  call[lane].tidy = 0;
  call[lane].want = 0;
  call[lane].batch = 0;
  call[lane].taken = 0;
  call[lane].refused = 0
}

inline receive(id, lane) {
#ifndef NEVER_COMPARED
  worker[id].doubt = worker[id].doubt || call[lane].again;
#endif
  worker[id].holds = worker[id].holds | call[lane].taken;
  endCall(lane);
  countHeld(id)
}

/* What is held in this worker's name and not known here is adopted; what is not held any more is given up. */
inline compare(id) {
#ifdef REPORTED_BY_ID
  for (other : 1 .. leases) {
    for (job : 1 .. leases) {
      if
      :: HAS(worker[id].finished, job) && jobOf[job] == jobOf[other] && !HAS(worker[id].holds, other) ->
         worker[id].seen = WITHOUT(worker[id].seen, other)
      :: else
      fi
    }
  }
#endif
  worker[id].holds = worker[id].seen & ~worker[id].finished;
  worker[id].seen = 0;
  worker[id].comparing = 0;
  countHeld(id)
}

inline endHandler(id, lease) {
  worker[id].holds = WITHOUT(worker[id].holds, lease);
  worker[id].finished = WITH(worker[id].finished, lease);
  worker[id].running--;
  if
  :: true
  :: retries > 0 -> retries--; comesAgain = WITH(comesAgain, lease)
  fi
}

/* The answer to a heartbeat that came too late says so; with `cuts` left it may be lost. */
inline beat(id) {
  shard.heartbeats = WITH(shard.heartbeats, id);
  if
  :: worker[id].doubt = 1
  :: cuts > 0 -> cuts--
  fi
}

#define HANDLER(lease) atomic { HAS(worker[id].holds, lease) -> endHandler(id, lease) }
#define SEND(lane) atomic { call[lane].state == IDLE && !worker[id].dead && !worker[id].doubt && worker[id].comparing == 0 && USEFUL(id) -> sendSettle(id, lane) }
#define RECEIVE(lane) d_step { call[lane].state == ANSWERED -> receive(id, lane) }
#define READ(id, job) \
  d_step { \
    worker[id].comparing == job + 1 -> \
    worker[id].seen = (shard.lease[job] != 0 && holderOf[shard.lease[job]] == id -> WITH(worker[id].seen, shard.lease[job]) : worker[id].seen); \
    worker[id].comparing++ \
  }

proctype WorkerProcess(byte id) {
end:
  do
  :: HANDLER(1)
  :: HANDLER(2)
  :: HANDLER(3)
  :: HANDLER(4)
  :: HANDLER(5)
  :: HANDLER(6)
  :: HANDLER(7)
  :: HANDLER(8)
  :: SEND(2 * id)
#if LANE_COUNT == 2
  :: SEND(2 * id + 1)
#endif
  :: RECEIVE(2 * id)
  :: RECEIVE(2 * id + 1)
  :: atomic { !worker[id].dead && !HAS(shard.heartbeats, id) -> beat(id) }
  :: d_step { worker[id].doubt && worker[id].comparing == 0 && QUIET(id) -> worker[id].doubt = 0; worker[id].comparing = 1 }
  :: READ(id, 0)
  :: READ(id, 1)
  :: d_step { worker[id].comparing == JOBS + 1 -> compare(id) }
  od
}
